// SPDX-License-Identifier: BSD-3-Clause
// Which worker receives from which queue of a port.
//
// Thread: the port manager's.
#pragma once

#include "dataplane/port.hpp"

#include <cstdint>

namespace dataplane {

/// From now on every rx queue of the port has one worker that polls it: each worker has its share
/// of the queues, or, where they are fewer than the workers, `receiver` has all and spreads.
void poll_port(const PortManagerConfig &config, const Port &port, std::uint32_t receiver);

} // namespace dataplane
