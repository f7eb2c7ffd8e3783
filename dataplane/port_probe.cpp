// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port_probe.hpp"

#include "dataplane/af_packet.hpp"

#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <cerrno>
#include <functional>
#include <map>
#include <string>

#include <net/if.h>

namespace dataplane {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr std::uint16_t kNoId = RTE_MAX_ETHPORTS;

/// A device of the kernel that the driver needs and does not make itself.
std::string_view needed_kernel_device(std::string_view devargs) {
    const std::string_view name = device_name(devargs);
    if (!name.starts_with("net_af_packet") && !name.starts_with("net_af_xdp"))
        return {};
    return devarg(devargs, "iface");
}

Result<void> check_environment(std::string_view devargs) {
    if (const std::string_view device = needed_kernel_device(devargs);
        !device.empty() && if_nametoindex(std::string(device).c_str()) == 0)
        return fail(Errc::kUnavailable, "the kernel has no device '{}' now", device);
    if (device_name(devargs).starts_with("net_memif") && rte_eal_has_hugepages() == 0)
        return fail(Errc::kInvalidArgument,
                    "memif shares hugepages; take \"--no-huge\" out of [eal] args");
    return {};
}

std::uint16_t id_of(std::string_view devargs) {
    std::uint16_t id = kNoId;
    const std::string name(device_name(devargs));
    return rte_eth_dev_get_port_by_name(name.c_str(), &id) == 0 ? id : kNoId;
}

/// A device whose ethdev has another name than the device itself (a port of several).
std::uint16_t first_matching(const std::string &devargs) {
    rte_dev_iterator iterator{};
    std::uint16_t id = kNoId;
    RTE_ETH_FOREACH_MATCHING_DEV(id, devargs.c_str(), &iterator) {
        rte_eth_iterator_cleanup(&iterator);
        return id;
    }
    return kNoId;
}

/// Arguments of devices that EAL's own `--vdev` gave, by name: to open such a one again. Port
/// manager's thread only.
std::map<std::string, std::string, std::less<>> &given_arguments() {
    static std::map<std::string, std::string, std::less<>> given;
    return given;
}

void remember_arguments(std::uint16_t id) {
    rte_eth_dev_info info{};
    if (rte_eth_dev_info_get(id, &info) != 0 || info.device == nullptr)
        return;
    const rte_devargs *devargs = rte_dev_devargs(info.device);
    if (devargs != nullptr && devargs->args != nullptr && *devargs->args != '\0')
        given_arguments()[rte_dev_name(info.device)] = devargs->args;
}

/// What to give EAL: a bare name that it knew with arguments gets them again.
std::string with_given_arguments(const std::string &devargs) {
    const auto given = given_arguments().find(device_name(devargs));
    const bool is_bare = devargs.find(',') == std::string::npos;
    return is_bare && given != given_arguments().end() ? devargs + "," + given->second : devargs;
}

/// net_af_packet's ring of 512 frames overflows while a worker that shares its CPU waits for it;
/// unless the operator has made up the ring, it is as long as a good NIC's.
std::string with_long_ring(const std::string &devargs) {
    const bool is_made_up = !devarg(devargs, "framecnt").empty() ||
                            !devarg(devargs, "framesz").empty() ||
                            !devarg(devargs, "blocksz").empty();
    const bool is_af_packet = device_name(devargs).starts_with("net_af_packet");
    return is_af_packet && !is_made_up ? devargs + ",framecnt=4096" : devargs;
}

} // namespace

std::string_view device_name(std::string_view devargs) {
    for (const std::string_view bus : {"vdev:", "pci:"})
        if (devargs.starts_with(bus))
            devargs.remove_prefix(bus.size());
    return devargs.substr(0, devargs.find(','));
}

std::string_view devarg(std::string_view devargs, std::string_view key) {
    std::size_t comma = devargs.find(',');
    while (comma != std::string_view::npos) {
        devargs.remove_prefix(comma + 1);
        comma = devargs.find(',');
        const std::string_view pair = devargs.substr(0, comma);
        if (pair.starts_with(key) && pair.substr(key.size()).starts_with('='))
            return pair.substr(key.size() + 1);
    }
    return {};
}

std::string words_of(const DpdkLogCapture &log, int error) {
    std::string reason = log.reason();
    return reason.empty() ? std::string(rte_strerror(-error)) : reason;
}

Result<std::uint16_t> probe_port(const std::string &devargs) {
    if (const std::uint16_t id = id_of(devargs); id != kNoId) {
        remember_arguments(id);
        return id;
    }
    if (Result<void> possible = check_environment(devargs); !possible)
        return tl::unexpected(std::move(possible.error()));
    const DpdkLogCapture log;
    const KeepFragments as_they_are;
    const int error = rte_dev_probe(with_long_ring(with_given_arguments(devargs)).c_str());
    if (error != 0 && error != -EEXIST)
        return fail(error == -ENODEV ? Errc::kUnavailable : Errc::kInternal,
                    "DPDK cannot open it: {}", words_of(log, error));
    std::uint16_t id = id_of(devargs);
    if (id == kNoId)
        id = first_matching(devargs);
    if (id == kNoId)
        return fail(Errc::kInvalidArgument,
                    "DPDK knows no such network device; is the driver's name right? {}",
                    log.reason());
    return id;
}

Result<void> claim_port(std::uint16_t id, std::string_view devargs) {
    static const std::uint64_t ours = [] {
        std::uint64_t owner = RTE_ETH_DEV_NO_OWNER;
        return rte_eth_dev_owner_new(&owner) == 0 ? owner : RTE_ETH_DEV_NO_OWNER;
    }();
    rte_eth_dev_owner now{};
    (void)rte_eth_dev_owner_get(id, &now);
    const rte_eth_dev_owner owner{.id = ours, .name = "mgm"};
    if (now.id != RTE_ETH_DEV_NO_OWNER || rte_eth_dev_owner_set(id, &owner) != 0)
        return fail(Errc::kExists,
                    "the device name '{}' is in use by another port; give this one another number",
                    device_name(devargs));
    return {};
}

void unplug_port(std::uint16_t id) {
    rte_eth_dev_info info{};
    rte_device *device = rte_eth_dev_info_get(id, &info) == 0 ? info.device : nullptr;
    const DpdkLogCapture quiet; // a device that the kernel deleted complains while it is closed
    (void)rte_eth_dev_close(id);
    if (device != nullptr)
        (void)rte_dev_remove(device);
}

} // namespace dataplane
