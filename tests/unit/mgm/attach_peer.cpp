// SPDX-License-Identifier: BSD-3-Clause
// The two processes of attach_test.cpp.
//   attach_peer primary PREFIX HUGE_DIR LAYOUT_VERSION   makes tables, prints "ready", waits for
//   EOF attach_peer attach PREFIX                            prints what it found, or "error CODE
//   what"
#include "mgm/attach.hpp"
#include "mgm/table_writer.hpp"

#include <rte_eal.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace mgm;

Geometry geometry_of_primary() {
    Geometry geometry;
    geometry.interfaces = 13;
    geometry.ipv4_entries = 1000;
    geometry.ipv6_entries = 100;
    geometry.ipv4_ranges = 7;
    geometry.ipv6_ranges = 7;
    geometry.block_units = 4096;
    geometry.workers = 2;
    return geometry;
}

void fill(TableWriter &writer) {
    for (const std::uint32_t index : {3U, 17U}) {
        InterfaceSpec spec;
        spec.index = IfIndex{index};
        spec.name = fmt::format("p{}", index);
        (void)writer.upsert_interface(spec);
    }
    for (std::uint32_t i = 0; i < 700; ++i) {
        RouteKey key;
        key.source = IpAddress::parse(fmt::format("10.7.{}.{}", i / 250, i % 250 + 1));
        key.group = *IpPrefix::parse("232.4.0.1");
        (void)writer.upsert(key, {{IfIndex{3}}, {{IfIndex{17}, 0, std::nullopt}}});
    }
    RouteKey range;
    range.group = *IpPrefix::parse("ff1e::/17");
    (void)writer.upsert(range, {{IfIndex{3}}, {{IfIndex{17}, 0, std::nullopt}}});
}

int run_primary(const char *prefix, const char *huge_dir, const char *version) {
    std::vector<std::string> arguments{
        "primary", "--no-pci", "--no-telemetry", "--log-level=*:critical", "-m64", "--lcores=0@0",
        // clear of AddressSanitizer's shadow, and of where the other
        // process has its libraries
        "--base-virtaddr=0x200000000000", std::string("--file-prefix=") + prefix,
        std::string("--huge-dir=") + huge_dir};
    std::vector<char *> argv;
    argv.reserve(arguments.size());
    for (std::string &argument : arguments)
        argv.push_back(argument.data());
    if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0)
        return EXIT_FAILURE;
    {
        Result<SharedSegment> segment = SharedSegment::create(geometry_of_primary(), prefix);
        if (!segment) {
            std::fprintf(stderr, "%s\n", segment.error().what.c_str());
            return EXIT_FAILURE;
        }
        GracePeriod grace(2);
        TableWriter writer(segment->tables(), grace);
        fill(writer);
        segment->tables().interface_counters(1, IfSlot{1}).in_frames.add(4711);
        if (const int number = std::atoi(version); number != 0)
            segment->tables().header().layout_version = static_cast<std::uint32_t>(number);
        segment->publish();
        std::printf("ready\n");
        std::fflush(stdout);
        while (std::getchar() != EOF)
            continue;
    }
    rte_eal_cleanup();
    return EXIT_SUCCESS;
}

template <Family F>
std::size_t count_entries(const SegmentReader &reader) {
    std::size_t count = 0;
    reader.visit_entries<F>([&](const EntryCopy<F> &entry) {
        count += !entry.is_changing && entry.oifs.size() == 1 && entry.iifs.size() == 1;
    });
    return count;
}

int run_attach(const char *prefix) {
    int status = EXIT_SUCCESS;
    {
        const Result<Attachment> attachment = Attachment::open(prefix);
        if (attachment) {
            const SegmentReader &reader = attachment->reader();
            std::size_t interfaces = 0;
            reader.visit_interfaces([&](const InterfaceCopy &) { ++interfaces; });
            std::printf("%s interfaces=%zu ipv4=%zu ipv6=%zu in_frames=%llu instance=%s\n",
                        attachment->was_running() ? "running" : "dead", interfaces,
                        count_entries<Family::kIpv4>(reader), count_entries<Family::kIpv6>(reader),
                        static_cast<unsigned long long>(reader.total_sums().in_frames),
                        reader.identity().instance.c_str());
        } else {
            std::printf("error %d %s\n", static_cast<int>(attachment.error().code),
                        attachment.error().what.c_str());
            status = EXIT_FAILURE;
        }
    }
    std::fflush(stdout);
    std::_Exit(status); // as Attachment::open() asks for
}

} // namespace

int main(int argc, char **argv) {
    const std::string role = argc > 1 ? argv[1] : "";
    if (role == "primary" && argc == 5)
        return run_primary(argv[2], argv[3], argv[4]);
    if (role == "attach" && argc == 3)
        return run_attach(argv[2]);
    std::fprintf(stderr, "usage: %s primary PREFIX HUGE_DIR VERSION | attach PREFIX\n", argv[0]);
    return EXIT_FAILURE;
}
