// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/link_monitor.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

namespace dataplane {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr std::size_t kBufferOctets = 32768; ///< what the kernel fills at most per read
constexpr int kTries = 8; ///< a list that changes while it is read is refused by libmnl (EINTR)
constexpr unsigned kUp = IFF_UP | IFF_LOWER_UP;

std::string name_in(const nlmsghdr *message) {
    std::string name;
    (void)mnl_attr_parse(
        message, sizeof(ifinfomsg),
        [](const nlattr *attribute, void *found) {
            if (mnl_attr_get_type(attribute) == IFLA_IFNAME &&
                mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
                *static_cast<std::string *>(found) = mnl_attr_get_str(attribute);
            return MNL_CB_OK;
        },
        &name);
    return name;
}

} // namespace

void LinkMonitor::Close::operator()(mnl_socket *socket) const noexcept {
    (void)mnl_socket_close(socket);
}

Result<LinkMonitor> LinkMonitor::open() {
    Socket socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK));
    // Subscribe first, then read all: what changes in between is seen twice, never missed.
    if (!socket || mnl_socket_bind(socket.get(), RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0)
        return fail(Errc::kUnavailable, "rtnetlink: cannot watch network devices: {}",
                    std::generic_category().message(errno));
    std::optional<Devices> devices = read_all();
    if (!devices)
        return fail(Errc::kUnavailable, "rtnetlink: cannot list network devices: {}",
                    std::generic_category().message(errno));
    LinkMonitor monitor(std::move(socket));
    monitor.devices_ = std::move(*devices);
    return monitor;
}

int LinkMonitor::descriptor() const noexcept {
    return mnl_socket_get_fd(socket_.get());
}

const KernelDevice *LinkMonitor::find(unsigned index) const {
    const auto found = devices_.find(index);
    return found == devices_.end() ? nullptr : &found->second;
}

bool LinkMonitor::read_changes() {
    alignas(nlmsghdr) std::array<char, kBufferOctets> buffer{};
    bool changed = false;
    bool overflowed = false;
    for (;;) {
        const ssize_t count = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
        if (count > 0)
            (void)mnl_cb_run(buffer.data(), static_cast<std::size_t>(count), 0, 0, take, &devices_);
        else if (count < 0 && errno == ENOBUFS)
            overflowed = true; // more changes than the socket holds: the newest are lost
        else if (count == 0 || errno != EINTR)
            break; // EAGAIN: that was all
        changed = true;
    }
    // Only now: what was still queued is older than what we read here.
    if (overflowed)
        if (std::optional<Devices> all = read_all())
            devices_ = std::move(*all);
    return changed;
}

std::optional<LinkMonitor::Devices> LinkMonitor::read_all() {
    for (int i = 0; i < kTries; ++i)
        if (std::optional<Devices> devices = read_all_once())
            return devices;
    return std::nullopt;
}

std::optional<LinkMonitor::Devices> LinkMonitor::read_all_once() {
    const Socket socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
    if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0)
        return std::nullopt;
    alignas(nlmsghdr) std::array<char, kBufferOctets> buffer{};
    nlmsghdr *request = mnl_nlmsg_put_header(buffer.data());
    request->nlmsg_type = RTM_GETLINK;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg)); // zero: every family
    if (mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0)
        return std::nullopt;

    Devices devices;
    const unsigned self = mnl_socket_get_portid(socket.get());
    int more = MNL_CB_OK;
    while (more > MNL_CB_STOP) {
        const ssize_t count = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
        if (count <= 0)
            return std::nullopt;
        more = mnl_cb_run(buffer.data(), static_cast<std::size_t>(count), 0, self, take, &devices);
    }
    if (more == MNL_CB_ERROR)
        return std::nullopt;
    return devices;
}

int LinkMonitor::take(const nlmsghdr *message, void *devices_of) {
    if (mnl_nlmsg_get_payload_len(message) < sizeof(ifinfomsg))
        return MNL_CB_OK;
    auto &devices = *static_cast<Devices *>(devices_of);
    const auto *body = static_cast<const ifinfomsg *>(mnl_nlmsg_get_payload(message));
    if (body->ifi_family != AF_UNSPEC) // leaving a bridge is a DELLINK of family AF_BRIDGE
        return MNL_CB_OK;
    const auto index = static_cast<unsigned>(body->ifi_index);
    if (message->nlmsg_type == RTM_DELLINK) {
        devices.erase(index);
    } else if (message->nlmsg_type == RTM_NEWLINK) {
        devices[index] = {.name = name_in(message), .is_up = (body->ifi_flags & kUp) == kUp};
    }
    return MNL_CB_OK;
}

} // namespace dataplane
