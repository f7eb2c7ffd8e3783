// SPDX-License-Identifier: BSD-3-Clause
#include "control/interface_ports.hpp"

#include "mgm/log.hpp"

#include <algorithm>
#include <utility>

namespace control {

namespace {

const mgm::Log kLog("mgm.ports");

std::string_view name_of(mgm::LinkState state) {
    switch (state) {
    case mgm::LinkState::kPending:
        return "pending";
    case mgm::LinkState::kDown:
        return "down";
    case mgm::LinkState::kUp:
        return "up";
    }
    return "unknown";
}

void log_event(const mgm::PortEvent &event) {
    using Kind = mgm::PortEvent::Kind;
    switch (event.kind) {
    case Kind::kOpened:
        kLog.notice("port {}: opened as {}, mac {}, link {}", event.port, event.port_id, event.mac,
                    name_of(event.link));
        break;
    case Kind::kLink:
        kLog.notice("port {}: link {}", event.port, name_of(event.link));
        break;
    case Kind::kClosing:
        kLog.notice("port {}: closing{}{}; its interfaces are pending until it comes back",
                    event.port, event.what.empty() ? "" : ": ", event.what);
        break;
    case Kind::kFailed:
        kLog.warning("port {}: {}; tried again until it opens", event.port, event.what);
        break;
    }
}

} // namespace

mgm::Result<void> InterfacePorts::attach(mgm::IfIndex index, const std::string &name) {
    Port &port = ports_[name];
    if (mgm::Result<void> done = writer_.attach_port(index, port.attachment); !done) {
        forget_if_unused(name);
        return done;
    }
    port.interfaces.push_back(index);
    interfaces_[index].port = name;
    return {};
}

mgm::Result<void> InterfacePorts::detach(mgm::IfIndex index) {
    const auto interface = interfaces_.find(index);
    if (interface == interfaces_.end())
        return {};
    if (mgm::Result<void> done = writer_.attach_port(index, mgm::PortAttachment{}); !done)
        return done;
    const std::string name = std::move(interface->second.port);
    interfaces_.erase(interface);
    std::erase(ports_[name].interfaces, index);
    forget_if_unused(name);
    return {};
}

/// A port that nobody is on and that is closed has nothing left to remember.
void InterfacePorts::forget_if_unused(const std::string &name) {
    const auto port = ports_.find(name);
    if (port != ports_.end() && port->second.interfaces.empty() &&
        port->second.attachment.port_id == mgm::kNoPort && port->second.to_acknowledge.empty())
        ports_.erase(port);
}

void InterfacePorts::handle(const mgm::PortEvent &event) {
    using Kind = mgm::PortEvent::Kind;
    log_event(event);
    Port &port = ports_[event.port];
    for (const mgm::IfIndex index : port.interfaces)
        ++interfaces_[index].events;
    switch (event.kind) {
    case Kind::kOpened:
        port.last_failure.clear();
        port.attachment = {.port_id = event.port_id,
                           .state = event.link,
                           .mac = event.mac,
                           .takes_segments = event.takes_segments};
        port.to_acknowledge.push_back(event.port_id);
        break;
    case Kind::kLink:
        if (port.attachment.port_id == mgm::kNoPort)
            return; // of a port that has closed meanwhile
        port.attachment.state = event.link;
        break;
    case Kind::kClosing:
        port.to_acknowledge.push_back(event.port_id);
        port.attachment = {};
        break;
    case Kind::kFailed:
        port.last_failure = event.what;
        return;
    }
    port.is_settled = write_to_interfaces(port);
    if (!port.is_settled)
        kLog.warning("port {}: the tables have no room for the change now; tried again",
                     event.port);
}

bool InterfacePorts::write_to_interfaces(Port &port) {
    return std::all_of(port.interfaces.begin(), port.interfaces.end(), [&](mgm::IfIndex index) {
        return writer_.attach_port(index, port.attachment).has_value();
    });
}

std::vector<std::uint16_t> InterfacePorts::settle() {
    std::vector<std::uint16_t> settled;
    std::vector<std::string> unused;
    for (auto &[name, port] : ports_) {
        if (!port.is_settled)
            port.is_settled = write_to_interfaces(port);
        if (!port.is_settled || port.to_acknowledge.empty())
            continue;
        settled.insert(settled.end(), port.to_acknowledge.begin(), port.to_acknowledge.end());
        port.to_acknowledge.clear();
        unused.push_back(name);
    }
    for (const std::string &name : unused)
        forget_if_unused(name);
    return settled;
}

InterfacePorts::Status InterfacePorts::status_of(mgm::IfIndex index) const {
    const auto interface = interfaces_.find(index);
    if (interface == interfaces_.end())
        return {};
    const auto port = ports_.find(interface->second.port);
    return {.port = interface->second.port,
            .events = interface->second.events,
            .last_failure = port == ports_.end() ? std::string{} : port->second.last_failure};
}

} // namespace control
