// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmd_once.hpp"

#include <array>
#include <memory>
#include <string_view>

#include <pcap/pcap.h>

namespace apps {

namespace {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

/// "net_pcap0,rx_pcap=a,tx_pcap=b" -> its driver name and its key=value pairs.
std::vector<std::string_view> split(std::string_view devargs) {
    std::vector<std::string_view> parts;
    while (!devargs.empty()) {
        const std::size_t comma = devargs.find(',');
        parts.push_back(devargs.substr(0, comma));
        devargs.remove_prefix(comma == std::string_view::npos ? devargs.size() : comma + 1);
    }
    return parts;
}

Result<std::uint64_t> count_packets(const std::string &port, const std::string &file) {
    std::array<char, PCAP_ERRBUF_SIZE> why{};
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> capture(
        pcap_open_offline(file.c_str(), why.data()), &pcap_close);
    if (!capture)
        return fail(Errc::kInvalidArgument, "--once: port {}: cannot read rx_pcap: {}", port,
                    why.data());
    std::uint64_t count = 0;
    pcap_pkthdr *header = nullptr;
    const unsigned char *packet = nullptr;
    int outcome = 0;
    while ((outcome = pcap_next_ex(capture.get(), &header, &packet)) == 1)
        ++count;
    if (outcome != PCAP_ERROR_BREAK)
        return fail(Errc::kInvalidArgument, "--once: port {}: {} ends badly after {} packets: {}",
                    port, file, count, pcap_geterr(capture.get()));
    return count;
}

/// Packets that `port` will receive; 0 for a port that only sends to a file or to nowhere.
Result<std::uint64_t> count_input(const dataplane::PortSpec &port) {
    const std::vector<std::string_view> parts = split(port.devargs);
    if (parts.empty() || !parts.front().starts_with("net_pcap"))
        return fail(
            Errc::kInvalidArgument,
            "--once: port {} is live, its input never ends; use net_pcap ports with rx_pcap "
            "files, or run without --once",
            port.devargs);
    std::uint64_t count = 0;
    for (const std::string_view part : parts) {
        if (part.starts_with("iface=") || part.starts_with("rx_iface"))
            return fail(Errc::kInvalidArgument,
                        "--once: port {} receives from a live interface, its input never ends; use "
                        "rx_pcap=FILE, or run without --once",
                        port.devargs);
        if (part.starts_with("infinite_rx=") && part != "infinite_rx=0")
            return fail(
                Errc::kInvalidArgument,
                "--once: port {} repeats its file for ever (infinite_rx); leave it out, or run "
                "without --once",
                port.devargs);
        constexpr std::string_view kRxFile = "rx_pcap=";
        if (!part.starts_with(kRxFile))
            continue;
        Result<std::uint64_t> more =
            count_packets(port.devargs, std::string(part.substr(kRxFile.size())));
        if (!more)
            return more;
        count += *more;
    }
    return count;
}

} // namespace

Result<std::uint64_t> count_input(const std::vector<dataplane::PortSpec> &ports) {
    std::uint64_t total = 0;
    bool has_input = false;
    for (const dataplane::PortSpec &port : ports) {
        Result<std::uint64_t> count = count_input(port);
        if (!count)
            return count;
        has_input = has_input || port.devargs.find(",rx_pcap=") != std::string::npos;
        total += *count;
    }
    if (!has_input)
        return fail(Errc::kInvalidArgument,
                    "--once: no port has an input file; give one rx_pcap=FILE");
    return total;
}

OnceProgress::State OnceProgress::update(std::chrono::steady_clock::time_point now) {
    std::uint64_t settled = 0;
    const mgm::Geometry &geometry = tables_.geometry();
    for (std::uint32_t worker = 0; worker < geometry.workers; ++worker)
        for (std::uint32_t slot = 0; slot <= geometry.interfaces; ++slot)
            for (const mgm::Counter &verdict :
                 tables_.interface_counters(worker, mgm::IfSlot{slot}).verdicts)
                settled += verdict.read();
    if (settled != settled_ || last_progress_ == std::chrono::steady_clock::time_point{}) {
        settled_ = settled;
        last_progress_ = now;
    }
    if (settled_ >= expected_)
        return State::kDone;
    return now - last_progress_ > kPatience ? State::kStuck : State::kRunning;
}

} // namespace apps
