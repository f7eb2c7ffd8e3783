// SPDX-License-Identifier: BSD-3-Clause
// What only control knows and tools ask for; all the rest they read from the segment. A value: made
// on the control thread, read anywhere.
#pragma once

#include "control/interface_ports.hpp"
#include "mgm/table_writer.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace control {

/// Packet buffers of the pool that workers and ports share.
struct MbufUsage {
    std::uint32_t used = 0;
    std::uint32_t capacity = 0; ///< 0: not known
};

struct ControlReport {
    std::string instance;
    std::string version;
    std::string config_file;
    std::uint64_t failed_reloads = 0;
    mgm::TableUsage usage;
    MbufUsage mbufs;
    std::unordered_map<mgm::IfIndex, InterfacePorts::Status> ports;
};

} // namespace control
