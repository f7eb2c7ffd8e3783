// SPDX-License-Identifier: BSD-3-Clause
// Stages 5 and 6 for a burst all of whose packets become one frame each, whatever ports it leaves
// by: the received mbufs are rewritten, and each port gets in one go, in the order of arrival,
// those that leave by it. Nothing is staged, however olists are mixed.
//
// Packets of one olist are a group and are counted together.
// Reads: burst.mbufs, headers, sets.  Writes: copies_sent, last_losses, is_all_sent; mbufs:
// nullptr, they are the ports'.  Thread: one worker.
#pragma once

#include "dataplane/rewrite.hpp"
#include "dataplane/tx.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dataplane {

/// The program may be run for packet `i`.
[[nodiscard]] inline bool is_for(const Context &context, const mgm::ReplicationProgram &program,
                                 const Burst &burst, unsigned i) noexcept {
    const PacketHeader &packet = burst.headers[i];
    return all_hold(packet.ttl > program.ttl_above, packet.packet_octets <= program.least_mtu,
                    may_rewrite(context, *burst.mbufs[i], packet));
}

class SharedFrames {
public:
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): groups are written before use
    SharedFrames(const Context &context, Burst &burst) noexcept
        : context_(context), burst_(burst) {}

    /// False: some packet's copies are made in another way; nothing was done.
    [[nodiscard]] bool gather() noexcept {
        const mgm::ForwardSet *set = nullptr; // of the packet before
        std::uint8_t number = 0;              // of its group
        for (unsigned i = 0; i < burst_.size; ++i) {
            if (!burst_.is_on_its_way(i)) [[unlikely]]
                continue;
            if (burst_.sets[i] != set) {
                set = burst_.sets[i];
                number = number_of(*set);
            }
            Group &group = groups_[number];
            if (group.program == nullptr || !is_for(context_, *group.program, burst_, i))
                [[unlikely]]
                return false;
            group.packets |= std::uint32_t{1} << i;
            group.octets += burst_.headers[i].packet_octets;
            group_of_[i] = number;
        }
        return true;
    }
    /// After gather().
    void send() noexcept {
        for (unsigned i = 0; i < burst_.size; ++i)
            if (burst_.is_on_its_way(i)) [[likely]]
                rewrite(i, *groups_[group_of_[i]].program);
        hand_out();
    }

private:
    /// Packets with the same olist.
    struct Group {
        const mgm::ForwardSet *set;
        const mgm::ReplicationProgram *program; ///< nullptr: none that makes one frame
        std::uint32_t packets;                  ///< of the burst, as bits
        std::uint64_t octets;                   ///< of their IP packets
    };

    [[nodiscard]] static bool makes_one_frame(const mgm::ReplicationProgram &program) noexcept {
        return all_hold(program.rewrite_count == 1, program.most_on_a_port == 1,
                        program.apart_count == 0, program.has_next_hops == 0);
    }
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
    [[nodiscard]] std::uint8_t add(const mgm::ForwardSet &set) noexcept {
        const mgm::ReplicationProgram *program = context_.tables.program(set);
        if (program != nullptr && !makes_one_frame(*program))
            program = nullptr;
        groups_[count_] = {&set, program, 0, 0};
        return count_++;
    }
    void rewrite(unsigned i, const mgm::ReplicationProgram &program) noexcept {
        rewrite_in_place(burst_, i, *program.rewrites(), group_destination(burst_, i),
                         program.copy_count);
        burst_.copies_sent[i] = program.copy_count; // less those that a port refuses
    }
    [[nodiscard]] std::span<const Group> groups() const noexcept {
        return {groups_.data(), count_};
    }
    [[nodiscard]] static std::span<const mgm::ProgramCopy> copies_of(const Group &group) noexcept {
        return {group.program->copies(), group.program->copy_count};
    }
    void hand_out() noexcept;
    void count_refused(std::uint16_t port_id, std::uint32_t packets, unsigned sent) noexcept;

    static constexpr std::size_t kPlaces = 64;
    static constexpr std::uint8_t kFree = 0xff;
    static_assert(kPlaces >= 2 * Burst::kCapacity && Burst::kCapacity <= 32);

    const Context &context_;
    Burst &burst_;
    std::uint8_t count_ = 0;
    std::array<Group, Burst::kCapacity> groups_;
    Burst::Column<std::uint8_t> group_of_;
    std::array<std::uint8_t, kPlaces> places_ = filled(); ///< hash of sets: numbers of groups

    [[nodiscard]] static constexpr std::array<std::uint8_t, kPlaces> filled() noexcept {
        std::array<std::uint8_t, kPlaces> places{};
        places.fill(kFree);
        return places;
    }
};

} // namespace dataplane
