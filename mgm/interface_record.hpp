// SPDX-License-Identifier: BSD-3-Clause
// From what control wants of an interface to the octets that workers read.
#pragma once

#include "mgm/spec.hpp"
#include "mgm/table_writer.hpp"

#include <cstddef>
#include <vector>

namespace mgm {

/// The record's octets after its BlockHeader. `spec` has been validated.
std::vector<std::byte> record_of(const InterfaceSpec &spec, const PortAttachment &attachment);

} // namespace mgm
