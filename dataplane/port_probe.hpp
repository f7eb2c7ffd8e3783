// SPDX-License-Identifier: BSD-3-Clause
// From devargs to a DPDK port id and back: find or probe the device, claim it, unplug it.
#pragma once

#include "dataplane/dpdk_log.hpp"
#include "mgm/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dataplane {

/// The device's name in EAL: "net_ring0" of "vdev:net_ring0,nodeaction=…", the PCI address of a
/// NIC.
std::string_view device_name(std::string_view devargs);

/// The value of `key` in devargs ("iface" -> "r1"); "" when absent.
std::string_view devarg(std::string_view devargs, std::string_view key);

/// What a driver logged about its failure, else the error number's text.
std::string words_of(const DpdkLogCapture &log, int error);

/// Probes the device and returns its port id. One that EAL has already is taken as it is.
mgm::Result<std::uint16_t> probe_port(const std::string &devargs);

/// Makes the port ours. kExists: another port of ours has the device, under this name.
mgm::Result<void> claim_port(std::uint16_t id, std::string_view devargs);

/// Closes the port and removes its device from EAL.
void unplug_port(std::uint16_t id);

} // namespace dataplane
