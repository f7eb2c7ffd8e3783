// SPDX-License-Identifier: BSD-3-Clause
// What is measured: one scenario is one row of a result, a suite is a list of them. Values only.
#pragma once

#include "mgm/result.hpp"
#include "mgm/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// Whose source MAC a copy carries.
enum class MacMode : std::uint8_t {
    kRouter,  ///< one router MAC on every port: all copies of a packet are the same frame
    kPerPort, ///< each port's own: every copy is a frame of its own
};

/// What becomes of a copy once its port has taken it.
enum class Sink : std::uint8_t {
    kNull,   ///< freed at once: its buffer is still in the cache
    kParked, ///< freed when the port has sent 1,024 more, as the tx ring of a NIC does
};

/// Which flow the next packet belongs to.
enum class Pick : std::uint8_t {
    kUniform, ///< any, equally likely: the worst case for caches
    kHot,     ///< nine of ten packets belong to one percent of the flows
    kZipf,    ///< the k-th flow in proportion to 1/k
};

/// Packets of other flows among those that are measured, as many of them.
enum class Storm : std::uint8_t {
    kNone,
    kNoRoute,  ///< without an entry
    kWrongIif, ///< whose entry accepts another interface
};

/// What a row is measured for.
enum class Measure : std::uint8_t {
    kCost,       ///< cycles a packet, beside the floor
    kVerify,     ///< every copy looked at
    kForwarding, ///< at one offered load
    kThroughput, ///< the highest load without loss, and with half a percent
    kLatency,    ///< from rx_burst to tx_burst
    kJoinDelay,  ///< from the call that adds an entry to the first copy
    kLeaveDelay, ///< from the call that removes it to the last
    kCapacity,   ///< entries until one loses a packet
};

struct SizeShare {
    std::uint16_t octets = 64; ///< of the frame, FCS included as RFC 2544 counts
    std::uint16_t weight = 1;
    friend bool operator==(const SizeShare &, const SizeShare &) = default;
};

struct Scenario {
    std::string name;
    std::vector<SizeShare> sizes{{}};
    std::uint16_t fan_out = 4; ///< copies of a packet, each to a port of its own
    MacMode mac_mode = MacMode::kRouter;
    Sink sink = Sink::kNull;
    mgm::Family family = mgm::Family::kIpv4;
    std::uint32_t groups = 1000;
    std::uint32_t sources = 1; ///< of each group: groups x sources entries (S,G)
    std::uint16_t olists = 1;  ///< different ones, each of fan_out ports
    Pick pick = Pick::kUniform;
    std::uint16_t workers = 1; ///< of the router, each with packets of its own; the floor has one
    std::uint32_t updates_per_second = 0; ///< entries whose olist is changed meanwhile
    bool has_blocked_port = false;        ///< one port, in each olist, takes no copy

    Storm storm = Storm::kNone;

    [[nodiscard]] std::uint64_t entries() const noexcept { return std::uint64_t{groups} * sources; }
    /// With those of the storm: as many again.
    [[nodiscard]] std::uint64_t flows() const noexcept {
        return storm == Storm::kNone ? entries() : 2 * entries();
    }
    /// Ports that copies leave by. Olist k is the ports k .. k + fan_out - 1, round the end. One
    /// more where entries are changed: the other olist of an entry begins one port further on.
    [[nodiscard]] std::uint16_t ports() const noexcept;
    /// Which one; meaningful only where there is one.
    [[nodiscard]] std::uint16_t blocked_port() const noexcept { return fan_out / 2; }
    /// Copies of a packet that ports take.
    [[nodiscard]] std::uint16_t taken_copies() const noexcept {
        return static_cast<std::uint16_t>(fan_out - (has_blocked_port ? 1 : 0));
    }
};

/// A limit on a scenario's cost: at most `at_most` times that of the floor, or of another scenario.
struct Target {
    double at_most = 0;
    std::string against; ///< another scenario's name; empty: the floor
};

struct Row {
    Scenario scenario;
    std::optional<Target> target;
    Measure measure = Measure::kCost;
    /// Packets a second; or, below 10, a share of the highest load. Empty: what the measure takes.
    std::vector<double> loads = {};
};

struct Suite {
    std::string_view name;
    std::string_view about;
    std::vector<Row> rows;
};

inline constexpr std::uint16_t kMaxFanOut = 28;
inline constexpr std::uint16_t kMaxWorkers = 16;
inline constexpr std::uint64_t kMaxEntries = 8'000'000;
inline constexpr std::uint16_t kMinFrame = 64;
inline constexpr std::uint16_t kMaxFrame = 9018;

/// Everything that is wrong with it, each with its value and what is allowed (kInvalidArgument).
mgm::Result<void> validate(const Scenario &scenario);

/// "64", "64,1400" (as many of each), "imix" (28 x 64, 16 x 570, 4 x 1518).
mgm::Result<std::vector<SizeShare>> parse_sizes(std::string_view text);
std::string to_string(const std::vector<SizeShare> &sizes);
std::string_view to_string(MacMode mode);
std::string_view to_string(Sink sink);
std::string_view to_string(Pick pick);
std::string_view to_string(Storm storm);
std::string_view to_string(Measure measure);
/// Packets come at a rate, into a ring that overflows.
bool has_ring(Measure measure) noexcept;

/// By name; nullptr when there is none.
const Suite *find_suite(std::string_view name);
const std::vector<Suite> &all_suites();
/// Those of them that RFC 2432 and RFC 3918 describe, and those that verify.
std::vector<Suite> rfc_suites();

} // namespace bench
