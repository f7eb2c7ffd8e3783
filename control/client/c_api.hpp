// SPDX-License-Identifier: BSD-3-Clause
// Where the calls of mgm.h go, which name no router.
#pragma once

#include "control/client/transport.hpp"

namespace control {

/// All calls of mgm.h in this process from here on; null: none, they end in ERROR_CAN_NOT_COMPLETE.
/// Returns when calls to what was bound before have ended: whoever takes it away ends what they
/// wait for first. Any thread.
void bind_c_api(Transport *transport) noexcept;

/// Clients that this thread registered through mgm.h and that are still there end as if they had
/// died (mgm-spec 8.10).
void end_registrations_of_this_thread() noexcept;

} // namespace control
