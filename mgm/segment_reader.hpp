// SPDX-License-Identifier: BSD-3-Clause
// Reads a segment from outside of the grace periods: an attached process, or a thread of the daemon
// that is no worker. Every record is copied by the generation protocol (shared_words.hpp): the copy
// is whole, or says that it is changing.
//
// Trusts nothing behind the geometry that it has checked: every offset is computed again, every
// index, reference and length is checked before it is followed. A segment full of noise gives
// wrong answers, never a wild read.
// Reads: all of the segment.  Writes: nothing, so a read-only mapping will do.  Thread: any; copies
// of a reader may be used side by side.
#pragma once

#include "mgm/entry_report.hpp"
#include "mgm/result.hpp"
#include "mgm/segment.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mgm {

/// What the header says of the daemon.
struct SegmentIdentity {
    std::string instance;
    std::uint32_t pid = 0;
    SegmentState state{};
    std::uint64_t started_seconds = 0;
    std::uint64_t reloads = 0;
};

struct InterfaceCopy {
    IfSlot slot{};
    IfIndex index{};
    std::string name;
    std::uint16_t port_id = kNoPort;
    std::uint16_t vlan = 0;
    std::uint16_t vrf = 0;
    std::uint16_t mtu = 0;
    std::uint16_t ttl_threshold = 0;
    std::uint8_t scope_boundary = 0;
    LinkState state{};
    MacAddress mac;
    std::vector<IpPrefix> addresses;
    std::vector<IpPrefix> boundaries;
    bool is_changing = false; ///< replaced faster than it could be copied: only the slot holds
};

template <Family F>
struct EntryCopy {
    MfeIndex index{};
    FlowKey<F> key;
    std::uint8_t group_length = 0;
    std::uint64_t created_seconds = 0;
    std::vector<IfSlot> iifs;
    std::vector<Oif> oifs;
    EntrySums sums;
    bool is_changing =
        false; ///< what it does changed faster than it could be copied: no iifs, oifs
};

/// InterfaceCounters as plain numbers: of one row over all workers, or of everything.
struct InterfaceSums {
    std::uint64_t in_frames = 0, in_octets = 0;
    std::uint64_t copies_wanted = 0, copies_sent = 0;
    std::uint64_t out_frames = 0, out_octets = 0;
    std::array<std::uint64_t, kVerdictCount> verdicts{};
    std::array<std::uint64_t, kVerdictCount> copy_drops{};

    void add(const InterfaceCounters &counters) noexcept;
    void add(const InterfaceSums &other) noexcept;
    void subtract(const InterfaceSums &other) noexcept;
    /// Only by the control thread, in a row that no worker writes.
    void store_in(InterfaceCounters &counters) const noexcept;
};

/// The two identities of verdict.hpp; each holds exactly while the workers are quiescent.
struct Identity {
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    [[nodiscard]] bool holds() const noexcept { return left == right; }
};
/// received = forwarded + punted + held + sum of drops
[[nodiscard]] Identity received_identity(const InterfaceSums &sums,
                                         std::uint64_t held = 0) noexcept;
/// copies_wanted = copies_sent + sum of copy drops
[[nodiscard]] Identity copies_identity(const InterfaceSums &sums) noexcept;

struct WorkerCopy {
    std::uint32_t lcore = 0;
    bool is_running = false;
    std::uint64_t loops = 0;
    std::uint64_t busy_loops = 0;
    std::uint64_t held = 0; ///< packets that wait for an entry
    std::array<std::uint64_t, kEventCount> events{};
    InterfaceSums sums; ///< over all interfaces
};

class SegmentReader {
public:
    /// Our own process's segment.
    explicit SegmentReader(Tables tables);
    /// `memory` holds what another process wrote, or noise. kVersionMismatch names both versions,
    /// kUnavailable: no segment, or one that is not built yet, or sizes that do not fit.
    static Result<SegmentReader> open(std::span<const std::byte> memory);

    [[nodiscard]] SegmentIdentity identity() const;
    [[nodiscard]] const Geometry &geometry() const noexcept { return state_->geometry; }
    /// Positions of a family's entries are 1 .. entry_limit() - 1.
    template <Family F>
    [[nodiscard]] std::uint32_t entry_limit() const noexcept {
        return family<F>().entry_count;
    }

    /// Absent: no such interface.
    [[nodiscard]] std::optional<InterfaceCopy> interface(IfSlot slot) const;
    /// Absent: no entry at this position.
    template <Family F>
    [[nodiscard]] std::optional<EntryCopy<F>> entry(MfeIndex index) const;
    /// Absent while unknown.
    [[nodiscard]] std::optional<MacAddress> neighbor_mac(NeighborSlot slot) const noexcept;

    /// Since the interface came; of row 0 since the start.
    [[nodiscard]] InterfaceSums interface_sums(IfSlot slot) const noexcept;
    /// Of all interfaces that there are or were, row 0 included: they never go back.
    [[nodiscard]] InterfaceSums total_sums() const noexcept;
    [[nodiscard]] WorkerCopy worker(std::uint32_t id) const noexcept;
    [[nodiscard]] std::array<std::uint64_t, kEventCount> event_sums() const noexcept;
    /// Packets that wait for an entry, in all workers.
    [[nodiscard]] std::uint64_t held() const noexcept;

    /// `visit(const InterfaceCopy &)` for every interface there is.
    template <class Visitor>
    void visit_interfaces(Visitor &&visit) const {
        for (std::uint32_t slot = 1; slot <= geometry().interfaces; ++slot)
            if (const auto copy = interface(IfSlot{slot}))
                visit(*copy);
    }
    /// `visit(const EntryCopy<F> &)` for every entry there is, ranges and (*,G) included.
    template <Family F, class Visitor>
    void visit_entries(Visitor &&visit) const {
        for (std::uint32_t index = 1; index < entry_limit<F>(); ++index)
            if (const auto copy = entry<F>(MfeIndex{index}))
                visit(*copy);
    }

private:
    struct State {
        std::byte *base; ///< never written to
        Geometry geometry;
        SegmentPlan plan;
    };
    explicit SegmentReader(State state) : state_(std::make_shared<const State>(std::move(state))) {}

    template <class T>
    [[nodiscard]] T &at(std::uint64_t offset, std::uint32_t index = 0) const noexcept {
        return reinterpret_cast<T *>(state_->base + offset)[index];
    }
    template <Family F>
    [[nodiscard]] const FamilyLayout &family() const noexcept {
        return F == Family::kIpv4 ? state_->plan.layout.ipv4 : state_->plan.layout.ipv6;
    }
    template <Family F>
    [[nodiscard]] EntrySums entry_sums(MfeIndex index) const noexcept;

    enum class Copied : std::uint8_t { kNothing, kWhole, kChanging };
    using Octets = std::vector<std::uint64_t>; ///< of a block, aligned for its structs
    /// The block that `root` refers to, whole, or why not. `Fixed` is the struct it begins with.
    template <class Fixed>
    [[nodiscard]] Copied copy_block(const std::atomic<std::uint32_t> &root, BlockKind kind,
                                    Octets &octets) const;
    template <class Fixed>
    [[nodiscard]] Copied try_block(const std::atomic<std::uint32_t> &root, BlockKind kind,
                                   Octets &octets) const;

    std::shared_ptr<const State> state_;
};

extern template std::optional<EntryCopy<Family::kIpv4>> SegmentReader::entry(MfeIndex) const;
extern template std::optional<EntryCopy<Family::kIpv6>> SegmentReader::entry(MfeIndex) const;

} // namespace mgm
