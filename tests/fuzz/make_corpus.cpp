// SPDX-License-Identifier: BSD-3-Clause
// Writes the seeds of every target: `make_corpus tests/fuzz/corpus apps/examples`.
#include "config_seeds.hpp"
#include "parse_input.hpp"
#include "support/packet_builder.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using support::ipv4;
using support::ipv6;
using support::Octets;
using support::PacketBuilder;

struct Seed {
    std::string name;
    PacketBuilder packet;
};

std::vector<Seed> seeds() {
    const PacketBuilder four = ipv4("198.51.100.2", "239.255.3.7").payload(9);
    const PacketBuilder six = ipv6("2001:db8:1::2", "ff1e::3:7").payload(9);
    const auto ipv4_with = [&] { return PacketBuilder(four); };
    const auto ipv6_with = [&] { return PacketBuilder(six); };
    return {
        {"ipv4", four},
        {"ipv4_tagged", ipv4_with().tag(100)},
        {"ipv4_priority", ipv4_with().tag(0x6000)},
        {"ipv4_stacked", ipv4_with().tag(100, 0x88a8).tag(7)},
        {"ipv4_options", ipv4_with().options({7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0, 0})},
        {"ipv4_source_route", ipv4_with().options({131, 7, 4, 10, 0, 0, 1, 0})},
        {"ipv4_padded", ipv4_with().padding(17)},
        {"ipv4_fragment", ipv4_with().more_fragments().fragment_offset(7)},
        {"ipv4_long", ipv4_with().payload(1400)},
        {"ipv4_igmp", ipv4_with().protocol(2).ttl(1)},
        {"ipv4_ssm", ipv4("198.51.100.2", "232.1.1.1")},
        {"ipv6", six},
        {"ipv6_long", ipv6_with().payload(1400)},
        {"ipv6_hop_by_hop", ipv6_with().hop_by_hop({1, 1, 0, 0x3e, 2, 0, 0, 5, 2, 0, 0, 1, 0, 0})},
        {"ipv6_parameter_problem", ipv6_with().hop_by_hop({0xbe, 4, 1, 2, 3, 4})},
        {"ipv6_mld",
         ipv6_with().protocol(58).payload({143, 0, 0, 0}).hop_by_hop({5, 2, 0, 0, 1, 0})},
        {"ipv6_chain", ipv6_with()
                           .extension(44, {0, 0, 1, 1, 2, 3, 4})
                           .extension(43, {0, 0, 1, 0, 0, 0, 0})
                           .extension(60, {0, 1, 4, 0, 0, 0, 0})},
        {"arp", ipv4_with().ethertype(0x0806)},
    };
}

void write(const std::filesystem::path &path, const Octets &octets) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char *>(octets.data()),
               static_cast<std::streamsize>(octets.size()));
}

void append(Octets &to, const Octets &octets) {
    to.insert(to.end(), octets.begin(), octets.end());
}

Octets pipeline_record(std::uint8_t flags, const PacketBuilder &packet) {
    const Octets frame = packet.build();
    Octets record{0, flags, 21, static_cast<std::uint8_t>(frame.size()),
                  static_cast<std::uint8_t>(frame.size() >> 8)};
    append(record, frame);
    return record;
}

/// Flows without an entry that wait, for one that comes and for one that does not.
Octets held_flows() {
    constexpr std::uint8_t kWait = 0x04, kDrop = 0x0c, kResolve = 0x14; // as pipeline_fuzz.cpp says
    const PacketBuilder four = ipv4("198.51.100.3", "232.1.1.1").payload(9);
    const PacketBuilder six = ipv6("2001:db8:1::3", "ff3e::8000:1").payload(1400);
    Octets records;
    for (const std::uint8_t flags : {kWait, kWait, kDrop, kWait, kResolve}) {
        append(records, pipeline_record(flags & 3U, four));
        append(records, pipeline_record(flags, six));
    }
    return records;
}

void write(const std::filesystem::path &path, char kind, std::string_view text) {
    Octets octets{static_cast<std::uint8_t>(kind)};
    octets.insert(octets.end(), text.begin(), text.end());
    write(path, octets);
}

void write_config_seeds(const std::filesystem::path &to, const std::filesystem::path &examples) {
    for (const auto &example : std::filesystem::directory_iterator(examples)) {
        if (example.path().extension() != ".toml")
            continue;
        std::ifstream in(example.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        write(to / ("example_" + example.path().stem().string()), fuzz::kConfigSeed, text);
    }
    for (const fuzz::TextSeed &seed : fuzz::kConfigSeeds)
        write(to / seed.name, fuzz::kConfigSeed, seed.text);
    for (const fuzz::TextSeed &seed : fuzz::kRoutesSeeds)
        write(to / seed.name, fuzz::kRoutesSeed, seed.text);
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    const std::filesystem::path root(argv[1]);
    write_config_seeds(root / "config_fuzz", argv[2]);
    Octets all;
    for (const Seed &seed : seeds()) {
        const Octets frame = seed.packet.build();
        Octets parse{0, 3, 13, 7, 15}; // three splits, none at a boundary
        append(parse, frame);
        write(root / "parse_fuzz" / seed.name, parse);
        const Octets record = pipeline_record(fuzz::kGoodChecksum, seed.packet);
        write(root / "pipeline_fuzz" / seed.name, record);
        append(all, record);
    }
    write(root / "pipeline_fuzz" / "all", all);
    write(root / "pipeline_fuzz" / "held", held_flows());
    return 0;
}
