// SPDX-License-Identifier: BSD-3-Clause
// Stages 5 and 6 for a burst all of whose copies are made by programs of two kinds: all ports share
// one frame, or each port gets a frame of its own. Each port in turn gets, in one go and in the
// order of arrival, the packets that leave by it, however olists are mixed; nothing is staged, and
// few mbufs are in flight.
//
// Packets of one olist are a group and are counted together.
// Reads: burst.mbufs, headers, flows, sets.  Writes: copies_sent, last_losses, is_all_sent; mbufs:
// nullptr, they are the ports'.  Thread: one worker.
#pragma once

#include "dataplane/rewrite.hpp"
#include "dataplane/tx.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dataplane {

/// A program may be run for packet `i`: one that is valid above this TTL, for no longer packets.
[[nodiscard]] inline bool is_for(const Context &context, std::uint32_t ttl_above,
                                 std::uint32_t longest, const Burst &burst, unsigned i) noexcept {
    const PacketHeader &packet = burst.headers[i];
    return all_hold(packet.ttl > ttl_above, packet.packet_octets <= longest,
                    may_rewrite(context, *burst.mbufs[i], packet));
}

class PortByPort {
public:
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): arrays are written before use
    PortByPort(const Context &context, Burst &burst, TxBuffers &tx) noexcept
        : context_(context),
          burst_(burst),
          tx_(tx),
          all_untagged_(burst.family_of_all != mgm::Family{}) {}

    /// False: some packet's copies are made in another way; nothing was done.
    [[nodiscard]] bool gather() noexcept {
        const Burst &burst = burst_;
        // A local, as others here: what is stored below might change it for all the compiler knows.
        const unsigned size = burst.size;
        const mgm::ForwardSet *set = nullptr; // of the packet before
        Group *group = nullptr;
        std::uint8_t number = 0;
        for (unsigned i = 0; i < size; ++i) {
            if (!burst.is_on_its_way(i)) [[unlikely]]
                continue;
            if (burst.sets[i] != set) {
                set = burst.sets[i];
                number = number_of(*set);
                group = &groups_[number];
            }
            if (!is_for(context_, group->ttl_above, group->longest, burst, i)) [[unlikely]]
                return false;
            group->packets |= std::uint32_t{1} << i;
            group->octets += burst.headers[i].packet_octets;
            group_of_[i] = number;
        }
        return true;
    }
    /// After gather().
    void send() noexcept {
        if (makes_copies_ || !all_untagged_)
            begin_all([this](unsigned i, const Group &group) { begin(i, group); });
        else if (burst_.family_of_all == mgm::Family::kIpv4)
            begin_all([&burst = burst_](unsigned i, const Group &group) {
                rewrite_ordinary<mgm::Family::kIpv4>(burst, i, group.tail, group.copies);
            });
        else
            begin_all([&burst = burst_](unsigned i, const Group &group) {
                rewrite_ordinary<mgm::Family::kIpv6>(burst, i, group.tail, group.copies);
            });
        hand_out();
    }

private:
    using Picked = std::array<rte_mbuf *, Burst::kCapacity + 8>; ///< room for the rest of a vector

    /// Packets with the same olist.
    struct alignas(64) Group {
        const mgm::ForwardSet *set;
        const mgm::ReplicationProgram *program; ///< nullptr: none of these kinds, `longest` is 0
        std::uint32_t longest;                  ///< octets of a packet that it is for
        std::uint32_t ttl_above;                ///< the least TTL that it is not for
        std::uint32_t packets;                  ///< of the burst, as bits
        std::uint64_t octets;                   ///< of their IP packets
        bool shares;                            ///< all ports get the one frame
        std::uint16_t copies;
        std::uint64_t tail; ///< untagged_tail() of the first rewrite
    };

    [[nodiscard]] std::uint8_t number_of(const mgm::ForwardSet &set) noexcept {
        // Blocks begin at multiples of 64; olists that were made together lie side by side.
        std::size_t place = reinterpret_cast<std::uintptr_t>(&set) / mgm::kLine % kPlaces;
        for (;; place = (place + 1) % kPlaces) { // at most half of the places are taken
            if (places_[place] == kFree)
                return places_[place] = add(set);
            if (groups_[places_[place]].set == &set)
                return places_[place];
        }
    }
    [[nodiscard]] std::uint8_t add(const mgm::ForwardSet &set) noexcept;

    /// What is done to each packet once for all ports is `begin`.
    template <class Begin>
    void begin_all(Begin &&begin) noexcept {
        Burst &burst = burst_;
        const unsigned size = burst.size; // as in gather()
        for (unsigned i = 0; i < size; ++i) {
            if (!burst.is_on_its_way(i)) [[unlikely]]
                continue;
            const Group &group = groups_[group_of_[i]];
            burst.copies_sent[i] = group.copies; // less those that are lost
            begin(i, group);
        }
    }
    void begin(unsigned i, const Group &group) noexcept {
        const mgm::ReplicationProgram &program = *group.program;
        if (group.shares) {
            rewrite_in_place(burst_, i, *program.rewrites(), group_destination(burst_, i),
                             group.copies);
            return;
        }
        const PacketHeader &header = burst_.headers[i];
        rte_mbuf *frame = burst_.mbufs[i];
        auto *packet = rte_pktmbuf_mtod_offset(frame, std::uint8_t *, header.l3_offset);
        next_hop_of(header).apply(packet);
        packets_[i] = packet;
        if (is_long(i))
            keep_rest(frame, header, group.copies);
    }
    [[nodiscard]] bool is_long(unsigned i) const noexcept {
        return burst_.headers[i].packet_octets + kLongestPrefix > kSmallFrame;
    }
    /// The port's copy of a packet is the received mbuf: no other port gets one after it.
    [[nodiscard]] bool is_last(const Group &group, std::uint16_t port_id,
                               unsigned i) const noexcept {
        return group.program->ports >> port_id == 1 && !is_long(i);
    }
    [[nodiscard]] const mgm::Rewrite &rewrite_for(unsigned i,
                                                  std::uint16_t port_id) const noexcept {
        const Group &group = groups_[group_of_[i]];
        return group.program->rewrites()[group.shares ? 0 : copy_at_[group_of_[i]][port_id]];
    }
    [[nodiscard]] const mgm::ProgramCopy &copy_for(unsigned i,
                                                   std::uint16_t port_id) const noexcept {
        const mgm::ReplicationProgram &program = *groups_[group_of_[i]].program;
        const std::span copies(program.copies(), program.copy_count);
        return *std::ranges::find(copies, port_id, &mgm::ProgramCopy::port_id);
    }
    /// `copy`, a small mbuf, becomes the packet's copy, or its head.
    void copy_packet(rte_mbuf *copy, unsigned i, const mgm::Rewrite &rewrite) const noexcept {
        const CopySource source(packets_[i], burst_, i);
        const Destination destination = group_destination(burst_, i);
        if (is_long(i))
            copy_head(copy, burst_.mbufs[i], source, rewrite, destination);
        else
            copy_short(copy, source, rewrite, destination);
    }
    /// The received mbuf, one hop on already, becomes the last port's.
    void finish_received(unsigned i, const mgm::Rewrite &rewrite) const noexcept {
        rewrite_in_place(burst_, i, rewrite, group_destination(burst_, i), 1);
    }
    [[nodiscard]] std::span<const Group> groups() const noexcept {
        return {groups_.data(), count_};
    }

    void hand_out() noexcept;
    void send_to(std::uint16_t port_id, std::uint32_t packets) noexcept;
    unsigned make_frames(std::uint16_t port_id, std::uint32_t &packets, Picked &picked) noexcept;
    [[nodiscard]] std::uint32_t that_need_mbufs(std::uint16_t port_id,
                                                std::uint32_t packets) const noexcept;
    unsigned finish_untagged(std::uint16_t port_id, std::uint32_t packets, std::uint32_t fresh,
                             rte_mbuf *const *mbufs, Picked &picked) const noexcept;
    std::uint32_t copy_from_pool(std::uint16_t port_id, std::uint32_t packets,
                                 rte_mbuf **copies) noexcept;
    void count_each(std::uint16_t port_id, std::uint32_t packets, unsigned sent) noexcept;
    void count_lost_mbufs(std::uint16_t port_id, std::uint32_t packets) noexcept;

    static constexpr std::size_t kPlaces = 64;
    static constexpr std::uint8_t kFree = 0xff;
    static_assert(kPlaces / 2 >= Burst::kCapacity && Burst::kCapacity <= 32);

    std::array<Group, Burst::kCapacity> groups_;
    const Context &context_;
    Burst &burst_;
    TxBuffers &tx_;
    std::uint8_t count_ = 0;
    bool makes_copies_ = false; ///< some group does not share
    bool all_untagged_;         ///< burst.family_of_all, and no rewrite has a tag
    PortMask counted_ = 0;      ///< ports whose copies have been counted one by one
    Burst::Column<std::uint8_t> group_of_;
    Burst::Column<std::uint8_t *> packets_; ///< one hop on; only where copies are made
    /// By group that does not share, and port: which of the program's copies, and rewrites.
    std::array<std::array<std::uint8_t, mgm::kMaxPorts>, Burst::kCapacity> copy_at_;
    std::array<std::uint8_t, kPlaces> places_ = filled(); ///< hash of sets: numbers of groups

    [[nodiscard]] static constexpr std::array<std::uint8_t, kPlaces> filled() noexcept {
        std::array<std::uint8_t, kPlaces> places{};
        places.fill(kFree);
        return places;
    }
};

} // namespace dataplane
