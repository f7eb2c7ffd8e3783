// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/scenario.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace bench {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

/// RFC 6985 style mix as the public reports of software routers use it.
const std::vector<SizeShare> kImix{{64, 28}, {570, 16}, {1518, 4}};

std::string frame_octets(const SizeShare &share) {
    return fmt::format("{}", share.octets);
}

/// What not every sink can do.
void check_sinks(const Scenario &scenario, std::vector<std::string> &wrong) {
    if (scenario.workers > 1 && (scenario.sink != Sink::kNull || scenario.has_blocked_port))
        wrong.push_back(fmt::format("{} workers with a parked sink or a blocked port: want 1, only "
                                    "one tx queue parks or refuses",
                                    scenario.workers));
    if (scenario.has_blocked_port &&
        (scenario.fan_out < 2 || scenario.olists != 1 || scenario.updates_per_second != 0))
        wrong.push_back(fmt::format("a blocked port with fan-out {}, {} olists and {} updates/s: "
                                    "want at least 2 copies, one olist and no updates, so that "
                                    "every packet is to go there",
                                    scenario.fan_out, scenario.olists,
                                    scenario.updates_per_second));
}

} // namespace

std::uint16_t Scenario::ports() const noexcept {
    const unsigned spare = updates_per_second != 0 ? 1 : 0; // an entry moves on by one port
    return static_cast<std::uint16_t>(
        std::min<unsigned>(fan_out + olists - 1U + spare, kMaxFanOut));
}

Result<void> validate(const Scenario &scenario) {
    std::vector<std::string> wrong;
    const auto want = [&wrong](std::string_view what, std::uint64_t value, std::uint64_t least,
                               std::uint64_t most) {
        if (value < least || value > most)
            wrong.push_back(fmt::format("{} {}: want {}..{}", what, value, least, most));
    };
    for (const SizeShare &share : scenario.sizes)
        want("frame size", share.octets,
             scenario.family == mgm::Family::kIpv4 ? kMinFrame : kMinFrame + 20, kMaxFrame);
    want("fan-out", scenario.fan_out, 1, kMaxFanOut);
    want("olists", scenario.olists, 1, kMaxFanOut);
    want("groups", scenario.groups, 1, kMaxEntries);
    want("sources", scenario.sources, 1, 100'000);
    want("workers", scenario.workers, 1, kMaxWorkers);
    if (wrong.empty())
        want("entries (groups x sources)", scenario.entries(), 1, kMaxEntries);
    if (wrong.empty() && scenario.olists > scenario.ports())
        wrong.push_back(fmt::format("olists {}: with {} ports there are only {} different ones",
                                    scenario.olists, scenario.ports(), scenario.ports()));
    if (wrong.empty() && scenario.updates_per_second != 0 && scenario.fan_out == kMaxFanOut)
        wrong.push_back(fmt::format("fan-out {} with updates: want up to {}, so that there is "
                                    "another olist to change to",
                                    scenario.fan_out, kMaxFanOut - 1));
    check_sinks(scenario, wrong);
    if (!wrong.empty())
        return fail(Errc::kInvalidArgument, "{}", fmt::join(wrong, "; "));
    return {};
}

Result<std::vector<SizeShare>> parse_sizes(std::string_view text) {
    if (text == "imix")
        return kImix;
    std::vector<SizeShare> sizes;
    for (std::string_view rest = text;;) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view word = rest.substr(0, comma);
        SizeShare share;
        const auto [end, error] =
            std::from_chars(word.data(), word.data() + word.size(), share.octets);
        if (error != std::errc() || end != word.data() + word.size())
            return fail(Errc::kInvalidArgument,
                        "frame size '{}': want octets from {} to {}, several separated by commas, "
                        "or imix",
                        word, kMinFrame, kMaxFrame);
        sizes.push_back(share);
        if (comma == rest.size())
            return sizes;
        rest.remove_prefix(comma + 1);
    }
}

std::string to_string(const std::vector<SizeShare> &sizes) {
    if (sizes == kImix)
        return "imix";
    std::vector<std::string> words(sizes.size());
    std::transform(sizes.begin(), sizes.end(), words.begin(), frame_octets);
    return fmt::format("{}", fmt::join(words, ","));
}

std::string_view to_string(MacMode mode) {
    return mode == MacMode::kRouter ? "router" : "own";
}

std::string_view to_string(Sink sink) {
    return sink == Sink::kNull ? "null" : "parked";
}

std::string_view to_string(Pick pick) {
    switch (pick) {
    case Pick::kUniform:
        return "uniform";
    case Pick::kHot:
        return "hot";
    case Pick::kZipf:
        return "zipf";
    }
    return "?";
}

std::string_view to_string(Storm storm) {
    return storm == Storm::kNone ? "none" : storm == Storm::kNoRoute ? "no-route" : "wrong-iif";
}

bool has_ring(Measure measure) noexcept {
    return measure == Measure::kForwarding || measure == Measure::kThroughput ||
           measure == Measure::kLatency || measure == Measure::kCapacity;
}

std::string_view to_string(Measure measure) {
    switch (measure) {
    case Measure::kCost:
        return "cost";
    case Measure::kVerify:
        return "verify";
    case Measure::kForwarding:
        return "forwarding";
    case Measure::kThroughput:
        return "throughput";
    case Measure::kLatency:
        return "latency";
    case Measure::kJoinDelay:
        return "join-delay";
    case Measure::kLeaveDelay:
        return "leave-delay";
    case Measure::kCapacity:
        return "capacity";
    }
    return "?";
}

} // namespace bench
