// SPDX-License-Identifier: BSD-3-Clause
// Any text as a configuration, or as a routes file of a good one. What is refused comes with lines
// that each name a file and, where there is one, a line that it has. What is accepted is what it
// prints, and the tables take all of it that is theirs.
//
// Input: 'r' and a routes file, or any other octet and a configuration.
#include "apps/config.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

namespace {

/// No such folder: routes files with relative names are not there.
constexpr std::string_view kFile = "/nowhere/fuzz.toml";

void require(bool holds, std::string_view what, std::string_view text) {
    if (holds)
        return;
    fmt::print(stderr, "config_fuzz: {}:\n{}\n", what, text);
    std::abort();
}

/// A file without a name in any folder, so that nothing is left behind.
class RoutesFile {
public:
    RoutesFile() : descriptor_(memfd_create("routes", 0)), path_(path_of(descriptor_)) {
        if (descriptor_ < 0)
            std::abort();
    }
    [[nodiscard]] const std::string &path() const { return path_; }
    void write(std::string_view text) const {
        const auto size = static_cast<ssize_t>(text.size());
        if (ftruncate(descriptor_, 0) != 0 ||
            pwrite(descriptor_, text.data(), text.size(), 0) != size)
            std::abort();
    }

private:
    static std::string path_of(int descriptor) {
        return fmt::format("/proc/self/fd/{}", descriptor);
    }
    int descriptor_;
    std::string path_;
};

constexpr std::string_view kRouter = R"([[interface]]
name = "p1"
index = 37
port = "net_af_packet0,iface=r1"
addresses = ["198.51.100.1/28", "2001:db8:1::1/64"]
[[interface]]
name = "p2"
index = 41
port = "net_af_packet1,iface=r2"
mtu = 1279
[[interface]]
name = "p3"
index = 43
port = "net_af_packet2,iface=r3"
vlan = 7
[[interface]]
name = "far"
index = 4294967295
port = "net_af_packet2,iface=r3"
vlan = 8
vrf = 63
)";

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (true) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return lines;
        text.remove_prefix(end + 1);
    }
}

/// Cuts a number and the ':' behind it off `rest`; 0 when there is none.
std::size_t cut_number(std::string_view &rest) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    const auto digits = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc{} || digits == rest.size() || *end != ':')
        return 0;
    rest.remove_prefix(digits + 1);
    return number;
}

/// Mistakes that lie in no line.
bool is_about_the_whole_file(std::string_view reason) {
    static constexpr std::array<std::string_view, 6> kReasons{
        " is empty; ",  " there is no [[interface]]", " more mistakes that are not listed",
        " [capacity]:", "more than [capacity] ",      " that DPDK can drive"};
    return std::any_of(kReasons.begin(), kReasons.end(), [&](std::string_view known) {
        return reason.find(known) != std::string_view::npos;
    });
}

/// One text that a configuration consists of, under the name that mistakes give it.
struct Source {
    std::string_view path;
    std::string_view text;
};

/// `line` begins with one of the files, then a place in it and a reason.
void check_mistake(std::string_view line, const std::vector<Source> &sources) {
    for (const Source &source : sources) {
        if (!line.starts_with(source.path) || line.substr(source.path.size(), 1) != ":")
            continue;
        std::string_view rest = line.substr(source.path.size() + 1);
        const std::size_t number = cut_number(rest);
        if (number == 0)
            return require(is_about_the_whole_file(rest), "a mistake without a line", line);
        require(number <= lines_of(source.text).size(), "a mistake behind the end", line);
        cut_number(rest); // the column
        return require(rest.size() > 1 && rest.front() == ' ', "a mistake without a reason", line);
    }
    require(false, "a mistake without a file", line);
}

void check_mistakes(const mgm::Error &error, const std::vector<Source> &sources) {
    require(error.code == mgm::Errc::kInvalidArgument, "an unexpected code", error.what);
    for (const std::string_view line : lines_of(error.what)) {
        check_mistake(line, sources);
        const bool is_printable = std::none_of(line.begin(), line.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        });
        require(is_printable, "a control character in a mistake", line);
    }
}

/// What --print-config says, parsed again, is the same.
void check_printed(const apps::Config &config) {
    const std::string text = apps::to_toml(config);
    const mgm::Result<apps::Config> again = apps::parse_config(text, config.file);
    require(again.has_value(), "does not parse what it printed",
            again ? text : again.error().what + "\n" + text);
    require(apps::restart_reasons(config, *again).empty(), "prints other settings", text);
    require(config.state == again->state, "prints another state", text);
    require(config.ports == again->ports, "prints other ports", text);
    require(config.mbufs == again->mbufs && config.router_mac == again->router_mac &&
                config.routes_files == again->routes_files &&
                config.inline_routes == again->inline_routes,
            "prints other settings", text);
    require(text == apps::to_toml(*again), "prints it in another way", text);
}

/// The configuration's own capacity, but for its unused part: the smallest that has room.
mgm::Geometry room_for(const apps::Config &config) {
    const mgm::DesiredState &state = config.state;
    const auto few = [](std::size_t wanted, std::uint32_t given) {
        return std::min(given, static_cast<std::uint32_t>(wanted) + 1);
    };
    std::size_t hops = state.neighbors.size();
    for (const mgm::RouteSpec &route : state.routes)
        hops += route.action.oifs.size();
    mgm::Geometry room = config.geometry;
    room.interfaces = few(state.interfaces.size(), room.interfaces);
    room.neighbors = few(hops, room.neighbors);
    for (std::uint32_t *entries :
         {&room.ipv4_entries, &room.ipv6_entries, &room.ipv4_ranges, &room.ipv6_ranges})
        *entries = few(state.routes.size(), *entries);
    room.vrfs = 0;
    for (const mgm::InterfaceSpec &spec : state.interfaces)
        room.vrfs = std::max<std::uint32_t>(room.vrfs, static_cast<std::uint32_t>(spec.vrf) + 1);
    room.block_units = std::min(room.block_units, 2048U);
    room.workers = 1;
    return room;
}

/// No step of starting with it is refused by the tables: nothing would be half applied.
void check_applies(const apps::Config &config) {
    const mgm::PrivateSegment segment(room_for(config));
    mgm::GracePeriod grace(1);
    mgm::TableWriter writer(segment.tables(), grace);
    const auto apply = [](const auto &result) {
        require(result.has_value(), "the tables refuse what the configuration accepts",
                result ? "" : result.error().what);
    };
    for (const mgm::InterfaceSpec &spec : config.state.interfaces)
        apply(writer.upsert_interface(spec));
    for (const mgm::NeighborSpec &neighbor : config.state.neighbors)
        apply(writer.set_neighbor(neighbor.interface, neighbor.address, neighbor.mac));
    for (const mgm::RouteSpec &route : config.state.routes) {
        if (!route.makes_entry())
            continue; // a rule of the group manager's, which makes entries when there is data
        require(!writer.find(route.key), "a route is there twice", mgm::to_string(route.key));
        apply(writer.upsert(route.key, route.action));
    }
}

void check_accepted(const apps::Config &config) {
    check_printed(config);
    check_applies(config);
}

void try_config(std::string_view text) {
    const std::string file(kFile);
    const mgm::Result<apps::Config> config = apps::parse_config(text, file);
    if (config)
        check_accepted(*config);
    else
        check_mistakes(config.error(), {{kFile, text}});
}

std::size_t count_routes(std::string_view text) {
    const std::vector<std::string_view> lines = lines_of(text);
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [](std::string_view line) {
            line = line.substr(0, line.find('#'));
            return line.find_first_not_of(" \t\r") != std::string_view::npos;
        }));
}

void try_routes(std::string_view text) {
    static const RoutesFile routes;
    routes.write(text);
    const std::string main = fmt::format("routes_file = \"{}\"\n{}", routes.path(), kRouter);
    mgm::Result<apps::Config> config = apps::parse_config(main, std::string(kFile));
    if (!config)
        return check_mistakes(config.error(), {{kFile, main}, {routes.path(), text}});
    require(config->state.routes.size() == count_routes(text), "not a route for every line", text);
    check_accepted(*config);
    config->routes_files.clear(); // each line as a [[route]] says the same
    config->inline_routes = config->state.routes.size();
    check_printed(*config);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *octets, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char *>(octets + 1), size - 1);
    if (octets[0] == 'r')
        try_routes(text);
    else
        try_config(text);
    return 0;
}
