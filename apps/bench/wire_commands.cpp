// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/wire_commands.hpp"

#include "apps/bench/exit_code.hpp"
#include "apps/bench/line.hpp"
#include "apps/bench/wire_output.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_ether.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include <unistd.h>

namespace bench {

namespace {

constexpr double kLinkPatienceSeconds = 10;

std::atomic<bool> g_stop{false}; // set by a signal, read by the worker
static_assert(std::atomic<bool>::is_always_lock_free);

void stop_on_signals() {
    for (const int number : {SIGINT, SIGTERM})
        (void)std::signal(number, [](int) { g_stop.store(true, std::memory_order_relaxed); });
}

struct WireOptions {
    std::string port;
    std::string eal;
    bool json = false;
    // tx
    Scenario scenario;
    std::string sizes = "64";
    std::uint64_t seed = 1;
    TransmitSettings transmit;
    // rx
    ReceiveSettings receive;
    std::uint16_t longest = 1518;
    // replay
    std::string file;
    std::string speed = "1";
    ReplaySettings replay;
};

void say(std::string_view command, std::string_view what) {
    fmt::print(stderr, "mgmbench {}: {}\n", command, what);
    std::fflush(stderr);
}

std::vector<std::string> words_of(const std::string &text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

/// On a terminal a line that replaces itself.
void show(std::string_view what, std::uint64_t packets) {
    if (::isatty(STDERR_FILENO) == 0)
        return;
    fmt::print(stderr, "\r\x1b[K{} {}\r", packets, what);
    std::fflush(stderr);
}

mgm::Result<std::unique_ptr<Line>> open_line(const WireOptions &options,
                                             std::uint16_t frame_octets) {
    stop_on_signals();
    return Line::create({options.port, words_of(options.eal), frame_octets});
}

WireContext context_of(const WireOptions &options) {
    return {options.port, static_cast<double>(rte_get_tsc_hz())};
}

bool is_up(const WireOptions &options, std::string_view command, const Line &line) {
    if (line.wait_until_up(kLinkPatienceSeconds, g_stop))
        return true;
    say(command, fmt::format("port '{}' has no link after {} s; is its peer there?", options.port,
                             kLinkPatienceSeconds));
    return false;
}

template <class Report>
void print(const WireOptions &options, const Report &report) {
    const WireContext context = context_of(options);
    fmt::print("{}", options.json ? to_json(context, report) : to_text(context, report));
    std::fflush(stdout);
}

// --- tx

mgm::Result<void> complete(WireOptions &options) {
    mgm::Result<std::vector<SizeShare>> sizes = parse_sizes(options.sizes);
    if (!sizes)
        return tl::unexpected(std::move(sizes.error()));
    options.scenario.sizes = std::move(*sizes);
    options.scenario.fan_out = 1;
    if (mgm::Result<void> valid = validate(options.scenario); !valid)
        return valid;
    if (options.scenario.entries() > WireStamp::kMostFlows)
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "{} groups x {} sources are {} flows; a receiver keeps at most {} apart",
                         options.scenario.groups, options.scenario.sources,
                         options.scenario.entries(), WireStamp::kMostFlows);
    if (options.transmit.packets == 0 && options.transmit.seconds == 0)
        options.transmit.seconds = 10;
    return {};
}

int transmit(WireOptions &options) {
    if (const mgm::Result<void> valid = complete(options); !valid)
        return fail_with(valid.error());
    const Traffic traffic(options.scenario, options.scenario.entries(), options.seed);
    const mgm::Result<std::unique_ptr<Line>> line =
        open_line(options, static_cast<std::uint16_t>(traffic.longest() + RTE_ETHER_CRC_LEN));
    if (!line)
        return fail_with(line.error());
    if (!is_up(options, "tx", **line))
        return kResources;
    Transmitter transmitter((*line)->port_id(), (*line)->pool(), traffic, options.transmit, g_stop);
    (*line)->run([&] { transmitter.run(); }, [&] { show("sent", transmitter.sent()); });
    (*line)->linger();
    const TransmitReport report{options.transmit, transmitter.counts(), options.seed};
    print(options, report);
    return report.counts.is_blocked || report.is_short(context_of(options).tsc_hz) ? kInvalid
                                                                                   : kDone;
}

void add_transmit(CLI::App &app, WireOptions &options) {
    Scenario &scenario = options.scenario;
    scenario.groups = 1;
    app.add_option("--size", options.sizes, "frame octets with FCS: 64, 64,1400, … or imix")
        ->capture_default_str();
    app.add_option("--rate", options.transmit.rate,
                   "packets a second; 0: as fast as the port takes them")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--packets", options.transmit.packets, "as many; 0: as the time allows")
        ->capture_default_str();
    app.add_option("--seconds", options.transmit.seconds,
                   "for so long; 0: until all packets are sent (10 without --packets)")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    app.add_option("--groups", scenario.groups, "groups")->capture_default_str();
    app.add_option("--sources", scenario.sources, "sources of each group")->capture_default_str();
    app.add_option_function<std::string>(
           "--family",
           [&scenario](const std::string &family) {
               scenario.family = family == "6" ? mgm::Family::kIpv6 : mgm::Family::kIpv4;
           },
           "4 or 6")
        ->check(CLI::IsMember({"4", "6"}));
    app.add_option("--seed", options.seed,
                   "the same seed sends the same packets, but for the time "
                   "in them")
        ->capture_default_str();
    app.footer(
        "Each flow ends with a mark that tells a receiver how many packets were sent. Groups "
        "are in 225.0.0.0/8\nor ff1e::/16, sources in 198.18.0.0/15 or 2001:2::/48.\n\n"
        "  mgmbench tx --port 0000:03:00.0 --size 1400 --rate 100000 --seconds 30\n"
        "  mgmbench tx --port net_af_packet0,iface=eth1 --groups 100 --packets 50000\n"
        "  mgmbench tx --port net_virtio_user0,path=/tmp/link.sock --packets 1000");
}

// --- rx

int receive(WireOptions &options) {
    const mgm::Result<std::unique_ptr<Line>> line = open_line(options, options.longest);
    if (!line)
        return fail_with(line.error());
    Receiver receiver((*line)->port_id(), options.receive, g_stop);
    say("rx", fmt::format("listening on '{}'", options.port));
    (*line)->run([&] { receiver.run(); }, [&] { show("received", receiver.received()); });
    print(options, receiver.counts());
    return receiver.counts().is_flawless() ? kDone : kInvalid;
}

void add_receive(CLI::App &app, WireOptions &options) {
    app.add_option("--seconds", options.receive.seconds,
                   "for so long; 0: until every flow has ended")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    app.add_option("--longest", options.longest, "octets with FCS of the longest frame that comes")
        ->check(CLI::Range(unsigned{kMinFrame}, unsigned{kMaxFrame}))
        ->capture_default_str();
    app.add_flag("--latency", options.receive.measures_latency,
                 "from sending to receiving; the sender must be on this host, whose TSC stamps the "
                 "packets");
    app.footer("Lost is what a flow's numbers or its end mark say was sent and did not come. A "
               "corrupted packet is\nlost as well: what it was cannot be told. Sleeps while "
               "nothing comes, but for --latency.\n\n"
               "  mgmbench rx --port 0000:03:00.1\n"
               "  mgmbench rx --port net_vhost0,iface=/tmp/link.sock --latency --json");
}

// --- replay

/// "max" is 0.
std::optional<double> speed_of(const std::string &text) {
    if (text == "max")
        return 0;
    double speed = 0;
    return CLI::detail::lexical_cast(text, speed) && speed >= 1e-6 && speed <= 1e6
               ? std::optional(speed)
               : std::nullopt;
}

int replay(WireOptions &options) {
    const std::optional<double> speed = speed_of(options.speed);
    if (!speed)
        return fail_with(
            {mgm::Errc::kInvalidArgument,
             fmt::format("--speed '{}': want a number from 0.000001 to 1000000, as 0.5, "
                         "or max",
                         options.speed)});
    options.replay.speed = *speed;
    const mgm::Result<Capture> capture = Capture::read(options.file);
    if (!capture)
        return fail_with(capture.error());
    mgm::Result<void> can_be_sent = capture->check_lengths(kMaxFrame - RTE_ETHER_CRC_LEN);
    if (can_be_sent && options.replay.speed != 0)
        can_be_sent = capture->check_times();
    if (!can_be_sent)
        return fail_with(can_be_sent.error());
    const mgm::Result<std::unique_ptr<Line>> line =
        open_line(options, static_cast<std::uint16_t>(capture->longest() + RTE_ETHER_CRC_LEN));
    if (!line)
        return fail_with(line.error());
    if (!is_up(options, "replay", **line))
        return kResources;
    Replay replay((*line)->port_id(), (*line)->pool(), *capture, options.replay, g_stop);
    (*line)->run([&] { replay.run(); }, [&] { show("sent", replay.sent()); });
    (*line)->linger();
    print(options, ReplayReport{options.file, capture->frames().size(), capture->cut_frames(),
                                options.replay, replay.counts()});
    const std::uint64_t wanted = options.replay.loops * capture->frames().size();
    return replay.counts().sent == wanted ? kDone : kInvalid;
}

void add_replay(CLI::App &app, WireOptions &options) {
    app.add_option("FILE", options.file, "pcap or pcapng, of Ethernet frames")->required();
    app.add_option("--speed", options.speed, "times as fast as it was captured, or max")
        ->capture_default_str();
    app.add_option("--loops", options.replay.loops, "from the first frame to the last, so often")
        ->check(CLI::Range(1U, 1'000'000'000U))
        ->capture_default_str();
    app.footer("Frames leave as they were captured; late by tells how far behind their time the "
               "port was given them.\n\n"
               "  mgmbench replay feed.pcap --port net_af_packet0,iface=eth1\n"
               "  mgmbench replay feed.pcapng --port 0000:03:00.0 --speed 2 --loops 10");
}

CLI::App *add_command(CLI::App &app, const char *name, const char *about, WireOptions &options) {
    CLI::App *command = app.add_subcommand(name, about);
    command->add_option("--port", options.port, "DPDK devargs or a PCI address")
        ->required()
        ->type_name("DEVARGS");
    command
        ->add_option("--eal", options.eal,
                     "EAL's arguments instead of hugepages, or ordinary pages where there are "
                     "none")
        ->type_name("ARGS");
    command->add_flag("--json", options.json, "the result as JSON");
    return command;
}

} // namespace

void add_wire_commands(CLI::App &app, int &code) {
    const auto options = std::make_shared<WireOptions>(); // as long as the callbacks
    CLI::App *command =
        add_command(app, "tx", "send stamped packets, on this host or for another", *options);
    add_transmit(*command, *options);
    command->final_callback([&code, options] { code = transmit(*options); });
    command = add_command(app, "rx", "receive them: what is lost, doubled, late", *options);
    add_receive(*command, *options);
    command->final_callback([&code, options] { code = receive(*options); });
    command = add_command(app, "replay", "send a capture, each frame at its time", *options);
    add_replay(*command, *options);
    command->final_callback([&code, options] { code = replay(*options); });
}

} // namespace bench
