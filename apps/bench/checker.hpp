// SPDX-License-Identifier: BSD-3-Clause
// Did every copy arrive, once, in order, octet for octet, and nowhere else? Each kind of fault is
// counted for itself; none makes up for another.
//
// Thread: the one that sends, while a trial runs; then main.
#pragma once

#include "apps/bench/scenario.hpp"
#include "apps/bench/stamp.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace bench {

/// Sequence numbers of many flows.
class SequenceCheck {
public:
    enum class Arrival : std::uint8_t { kInOrder, kReordered, kDuplicate };

    explicit SequenceCheck(std::uint32_t flows) : expected_(flows) {}
    /// Reordered is what comes after a later one (RFC 4737), as often as it does.
    Arrival note(std::uint32_t flow, std::uint32_t sequence);
    /// What comes next if nothing happens.
    [[nodiscard]] std::uint32_t expected(std::uint32_t flow) const { return expected_[flow]; }
    /// Those below `sent` that have not come.
    [[nodiscard]] std::uint64_t lost(std::uint32_t flow, std::uint32_t sent) const;

private:
    std::vector<std::uint32_t> expected_; ///< by flow: one above the highest so far
    /// What was passed over: (flow, first) to one behind the last.
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> missing_;
};

/// Which copies belong where. Olist k is fan_out ports from k on, round the end.
struct Delivery {
    enum class Role : std::uint8_t {
        kNever,
        kAlways,
        kEither, ///< to this port or to that of the other olist, never to both
    };
    std::uint16_t fan_out = 1;
    std::uint16_t olists = 1;
    std::uint16_t ports = 1;
    std::uint32_t flows = 1; ///< those above have no olist
    /// Odd flows change between their olist and the one that begins a port further on.
    bool odd_change = false;

    static Delivery of(const Scenario &scenario);
    [[nodiscard]] Role role(std::uint32_t flow, std::uint16_t port) const noexcept;
    [[nodiscard]] std::uint16_t first_port(std::uint32_t flow) const noexcept {
        return static_cast<std::uint16_t>(flow % olists);
    }
};

struct Faults {
    std::uint64_t frames = 0; ///< everything that came
    std::uint64_t corrupted = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t misdirected = 0; ///< whole, but not for this port
    [[nodiscard]] bool any() const noexcept {
        return (corrupted | lost | duplicated | reordered | misdirected) != 0;
    }
    friend bool operator==(const Faults &, const Faults &) = default;
};

/// All ports of a trial.
class Checker {
public:
    Checker(const Delivery &delivery, mgm::Family family, std::vector<mgm::MacAddress> macs);

    void check(std::uint16_t port, FrameOctets frame);
    /// The trial is over; `sent` by flow. Returns what each port saw.
    std::vector<Faults> finish(const std::vector<std::uint32_t> &sent);
    /// Of all frames at all ports, in whatever order they came.
    [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }

private:
    void note(std::uint16_t port, const Stamp &stamp, Delivery::Role role);

    Delivery delivery_;
    mgm::Family family_;
    std::vector<mgm::MacAddress> macs_;
    std::vector<SequenceCheck> ports_;
    SequenceCheck either_; ///< of flows that change, over both their ports
    std::vector<Faults> faults_;
    std::uint64_t digest_ = 0;
};

} // namespace bench
