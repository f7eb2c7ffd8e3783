// SPDX-License-Identifier: BSD-3-Clause
// The packets of flows that have no entry yet, until control has made one: a bounded table of flows
// and, for each, its first packets in order. Everything is allocated at the start.
//
// Knows no counters and no clock. Owns the mbufs from add() to take().
// Thread: one worker.  Cost: two cache lines to find a flow, whatever the number of flows.
#pragma once

#include "dataplane/burst.hpp"
#include "mgm/flow_hash.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace dataplane {

/// What settle and the stages before it must know of a packet that arrived long ago.
struct HeldPacket {
    rte_mbuf *mbuf = nullptr;
    mgm::IfSlot iif{};
    mgm::IfIndex arrival{}; ///< tells whether the slot still is the same interface's
    PacketHeader header;
};

class HeldPackets {
public:
    struct Limits {
        std::uint32_t flows = 0;
        std::uint32_t packets_per_flow = 0;
        std::uint32_t packets = 0; ///< of all flows
        std::uint64_t life = 0;    ///< ticks that a flow may wait
    };
    /// A flow's place in the table.
    enum class Place : std::uint32_t {};
    static constexpr Place kNoPlace{0};
    enum class Room : std::uint8_t {
        kYes,
        kFlowFull, ///< the flow holds as many as it may
        kFull,     ///< all flows together do
    };

    HeldPackets(const Limits &limits, const mgm::HashSalt &salt);
    HeldPackets(const HeldPackets &) = delete;
    HeldPackets &operator=(const HeldPackets &) = delete;
    ~HeldPackets() = default; ///< must hold nothing

    /// kNoPlace: nobody waits for this flow.
    [[nodiscard]] Place find(const mgm::AnyFlow &flow) const noexcept;
    /// The same, and a new place from `now` on when there is none; kNoPlace: no room for a flow
    /// more.
    [[nodiscard]] Place open(const mgm::AnyFlow &flow, std::uint64_t now) noexcept;
    /// Forgets the flow, whose packets must have been taken.
    void close(Place place) noexcept;

    [[nodiscard]] Room room_for(Place place) const noexcept;
    /// Takes `packet.mbuf`. Only after Room::kYes.
    void add(Place place, const HeldPacket &packet) noexcept;
    /// Gives up to packets.size() of them, oldest first, with their mbufs.
    [[nodiscard]] unsigned take(Place place, std::span<HeldPacket> packets) noexcept;

    /// Whether control was told of the flow.
    [[nodiscard]] bool is_signalled(Place place) const noexcept {
        return flows_[index_of(place)].is_signalled;
    }
    void set_signalled(Place place) noexcept { flows_[index_of(place)].is_signalled = true; }

    /// The flow that has waited longest; kNoPlace when there is none.
    [[nodiscard]] Place oldest() const noexcept { return Place{flows_.front().newer}; }
    [[nodiscard]] bool is_over(Place place, std::uint64_t now) const noexcept {
        const std::uint64_t opened = flows_[index_of(place)].opened;
        return now >= opened && now - opened >= limits_.life;
    }
    [[nodiscard]] const mgm::AnyFlow &flow(Place place) const noexcept {
        return flows_[index_of(place)].key;
    }
    [[nodiscard]] std::uint32_t packets() const noexcept { return packet_count_; }
    [[nodiscard]] std::uint32_t flows() const noexcept { return flow_count_; }

private:
    /// Slots are tag << 32 | Place, 0 when empty, as in the entry tables; two buckets for a flow.
    struct alignas(mgm::kLine) Bucket {
        std::array<std::uint64_t, 8> slots{};
    };
    /// Flow 0 is the ring that the others are strung on: its `newer` is the oldest of them.
    struct Flow {
        mgm::AnyFlow key;
        std::uint64_t opened = 0;
        std::uint32_t older = 0, newer = 0; ///< free ones: `newer` is the next free
        std::uint32_t first = 0, last = 0;  ///< packets, 0 = none
        std::uint32_t count = 0;
        bool is_signalled = false;
    };
    struct Packet {
        HeldPacket packet;
        std::uint32_t next = 0; ///< of the flow, or the next free
    };

    static std::size_t index_of(Place place) noexcept { return static_cast<std::size_t>(place); }
    [[nodiscard]] mgm::HashPlace where(const mgm::AnyFlow &flow) const noexcept;
    [[nodiscard]] std::uint64_t *slot_of(const mgm::AnyFlow &flow, Place place) noexcept;
    [[nodiscard]] std::uint64_t *free_slot(const mgm::HashPlace &place) noexcept;

    Limits limits_;
    mgm::HashSalt salt_;
    std::vector<Bucket> buckets_;
    std::vector<Flow> flows_;
    std::vector<Packet> packets_;
    std::uint32_t free_flow_ = 0, free_packet_ = 0;
    std::uint32_t flow_count_ = 0, packet_count_ = 0;
};

} // namespace dataplane
