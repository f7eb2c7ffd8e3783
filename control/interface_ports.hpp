// SPDX-License-Identifier: BSD-3-Clause
// Which interfaces are on which port, and what each port last told about itself: joins port events
// (by devargs) with interfaces (by IfIndex; several VLANs share a port). Control thread only.
#pragma once

#include "mgm/port_events.hpp"
#include "mgm/result.hpp"
#include "mgm/table_writer.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace control {

class InterfacePorts {
public:
    explicit InterfacePorts(mgm::TableWriter &writer) : writer_(writer) {}

    /// `index`, which the writer knows, is on `port` from here on: in the state that the port is
    /// in, pending when nothing was heard of it. On error it is on no port.
    mgm::Result<void> attach(mgm::IfIndex index, const std::string &port);
    /// `index` is on no port from here on: nothing leads to it any more.
    mgm::Result<void> detach(mgm::IfIndex index);

    /// Writes what a port told into the records of all its interfaces, and logs it.
    void handle(const mgm::PortEvent &event);

    /// Tries again what the tables had no room for, and returns the ports to acknowledge, each
    /// once: opened ones whose interfaces now lead to them, closing ones that no interface leads to
    /// any more.
    std::vector<std::uint16_t> settle();

    /// For operators.
    struct Status {
        std::string port;         ///< devargs, "" while on none
        std::uint64_t events = 0; ///< port events since the interface was configured
        std::string last_failure; ///< why the port could not be opened, "" when it could
    };
    [[nodiscard]] Status status_of(mgm::IfIndex index) const;

private:
    struct Port {
        mgm::PortAttachment attachment;
        std::vector<mgm::IfIndex> interfaces;
        std::string last_failure;
        bool is_settled = true; ///< false: some interface has not got `attachment`
        std::vector<std::uint16_t> to_acknowledge; ///< port ids
    };
    struct Interface {
        std::string port;
        std::uint64_t events = 0;
    };

    bool write_to_interfaces(Port &port);
    void forget_if_unused(const std::string &name);

    mgm::TableWriter &writer_;
    std::unordered_map<std::string, Port> ports_; ///< by devargs
    std::unordered_map<mgm::IfIndex, Interface> interfaces_;
};

} // namespace control
