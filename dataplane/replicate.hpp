// SPDX-License-Identifier: BSD-3-Clause
// Stage 5: forward sets -> copies, staged per port.
//
// Where the olist has a program and the packet is an ordinary one, the program is run: nothing that
// concerns an interface is looked up, equal frames are one mbuf, and the received mbuf is one of
// them. Every other packet takes the plain way (plain_copies.hpp).
// Reads: burst.mbufs, headers, sets.  Writes: tx, copies_sent, programs, and mbufs: nullptr where
// the received frame was given away.  Thread: one worker.
#pragma once

#include "dataplane/plain_copies.hpp"
#include "dataplane/port_by_port.hpp"
#include "dataplane/rewrite.hpp"
#include "dataplane/tx.hpp"

#include <rte_mempool.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace dataplane {

[[nodiscard, gnu::noinline]] inline bool
knows_next_hops(const Context &context, const mgm::ReplicationProgram &program) noexcept {
    const std::span rewrites(program.rewrites(), program.rewrite_count);
    return std::all_of(rewrites.begin(), rewrites.end(), [&](const mgm::Rewrite &rewrite) {
        return rewrite.next_hop == mgm::kGroupMac || context.tables.neighbor_mac(rewrite.next_hop);
    });
}

/// The program that makes all copies of packet `i`; nullptr: the plain way.
[[nodiscard]] inline const mgm::ReplicationProgram *
program_for(const Context &context, const Burst &burst, unsigned i) noexcept {
    const mgm::ReplicationProgram *program = context.tables.program(*burst.sets[i]);
    if (program == nullptr || !is_for(context, program->ttl_above, program->least_mtu, burst, i) ||
        (program->has_next_hops != 0 && !knows_next_hops(context, *program))) [[unlikely]]
        return nullptr;
    return program;
}

/// What one packet's mbufs are, by rewrite.
class ProgramRun {
public:
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): arrays are written before use
    ProgramRun(const Context &context, Burst &burst, unsigned i,
               const mgm::ReplicationProgram &program, TxBuffers &tx) noexcept
        : context_(context),
          burst_(burst),
          i_(i),
          program_(program),
          tx_(tx),
          group_(group_destination(burst, i)) {}

    /// False: an mbuf or a next hop's MAC is missing, nothing was done.
    [[nodiscard]] bool run() noexcept {
        if (program_.has_next_hops != 0 && !resolve_next_hops()) [[unlikely]]
            return false;
        const std::uint32_t octets = burst_.headers[i_].packet_octets;
        if (octets + kLongestPrefix <= kSmallFrame)
            return run_whole(context_.heads, copy_short);
        if (program_.segment_rewrites > 1)
            return run_chained();
        return has_room_for_long() && run_whole(context_.pool, copy_long);
    }

private:
    [[nodiscard]] std::span<const mgm::Rewrite> rewrites() const noexcept {
        return {program_.rewrites(), program_.rewrite_count};
    }
    /// Of the k-th rewrite.
    [[nodiscard]] Destination destination(std::size_t k) const noexcept {
        return program_.has_next_hops == 0 ? group_ : destinations_[k];
    }
    /// Once: a MAC may be forgotten at any time, and its copy must not go to the group then.
    [[nodiscard, gnu::noinline]] bool resolve_next_hops() noexcept {
        Destination *to = destinations_.data();
        for (const mgm::Rewrite &rewrite : rewrites()) {
            *to = group_;
            if (rewrite.next_hop != mgm::kGroupMac) {
                const std::optional<mgm::MacAddress> mac =
                    context_.tables.neighbor_mac(rewrite.next_hop);
                if (!mac)
                    return false;
                *to = Destination{mac_word(*mac)};
            }
            ++to;
        }
        return true;
    }
    void make_room(std::size_t mbufs) noexcept {
        tx_.make_room_for_mbufs(context_, burst_, program_, static_cast<unsigned>(mbufs),
                                burst_.size - i_);
    }
    /// `count` mbufs as they lie in the pool, all or none.
    [[nodiscard]] static bool take(rte_mempool *pool, rte_mbuf **mbufs,
                                   std::size_t count) noexcept {
        return count == 0 ||
               (pool != nullptr && rte_mempool_get_bulk(pool, reinterpret_cast<void **>(mbufs),
                                                        static_cast<unsigned>(count)) == 0);
    }

    /// The received mbuf is the last rewrite's; the others get whole copies of it, which
    /// `copy(mbuf, source, rewrite, destination)` makes in mbufs of `pool`.
    template <class Copy>
    [[nodiscard]] bool run_whole(rte_mempool *pool, Copy &&copy) noexcept {
        const std::span all = rewrites();
        const std::size_t copies = all.size() - 1;
        make_room(copies);
        if (!take(pool, mbufs_.data(), copies))
            return false;
        const CopySource source(keep_received(), burst_, i_);
        for (std::size_t k = 0; k < copies; ++k)
            copy(mbufs_[k], source, all[k], destination(k));
        put_all();
        return true;
    }
    /// Heads for all that take segments, followed by what is left of the received mbuf.
    [[nodiscard]] bool run_chained() noexcept {
        const std::span all = rewrites();
        const std::size_t heads = program_.segment_rewrites;
        const std::size_t copies = all.size() - heads;
        make_room(all.size());
        if ((copies != 0 && !has_room_for_long()) ||
            !take(context_.heads, mbufs_.data() + copies, heads))
            return false;
        if (!take(context_.pool, mbufs_.data(), copies)) {
            rte_mempool_put_bulk(context_.heads, reinterpret_cast<void **>(mbufs_.data() + copies),
                                 static_cast<unsigned>(heads));
            return false;
        }
        rte_mbuf *rest = burst_.mbufs[i_];
        const PacketHeader &header = burst_.headers[i_];
        auto *packet = rte_pktmbuf_mtod_offset(rest, std::uint8_t *, header.l3_offset);
        next_hop_of(header).apply(packet);
        const CopySource source(packet, burst_, i_);
        for (std::size_t k = 0; k < copies; ++k)
            copy_long(mbufs_[k], source, all[k], destination(k));
        for (std::size_t k = copies; k < all.size(); ++k)
            copy_head(mbufs_[k], rest, source, all[k], destination(k));
        keep_rest(rest, header, program_.segment_copies);
        put_all();
        return true;
    }

    /// A whole copy does not begin where the received frame did.
    [[nodiscard]] bool has_room_for_long() const noexcept {
        return kHeadPacketOffset + burst_.headers[i_].packet_octets <= burst_.mbufs[i_]->buf_len;
    }
    /// The received mbuf becomes the last rewrite's frame; returns where its packet begins.
    [[nodiscard]] const std::uint8_t *keep_received() noexcept {
        const mgm::Rewrite &last = rewrites().back();
        rewrite_in_place(burst_, i_, last, destination(rewrites().size() - 1), last.copies);
        mbufs_[rewrites().size() - 1] = burst_.mbufs[i_];
        return rte_pktmbuf_mtod_offset(burst_.mbufs[i_], const std::uint8_t *, last.prefix_octets);
    }
    void put_all() noexcept {
        const mgm::ProgramCopy *copy = program_.copies();
        rte_mbuf *const *frame = mbufs_.data();
        for (const mgm::Rewrite &rewrite : rewrites()) {
            for (const mgm::ProgramCopy *end = copy + rewrite.copies; copy != end; ++copy)
                tx_.put(copy->port_id, *frame);
            ++frame;
        }
        tx_.note_run(program_, std::uint32_t{1} << i_, burst_.headers[i_].packet_octets);
    }

    const Context &context_;
    Burst &burst_;
    unsigned i_;
    const mgm::ReplicationProgram &program_;
    TxBuffers &tx_;
    Destination group_;
    std::array<rte_mbuf *, mgm::ReplicationProgram::kMaxRewrites> mbufs_;
    std::array<Destination, mgm::ReplicationProgram::kMaxRewrites>
        destinations_; ///< only where there are next hops
};

/// The packet's copies are staged; its own mbuf is one of them.
inline void give_away(Burst &burst, unsigned i, const mgm::ReplicationProgram &program) noexcept {
    burst.mbufs[i] = nullptr;
    burst.copies_sent[i] += program.copy_count; // less those that a port refuses
}

inline void run_program(const Context &context, Burst &burst, unsigned i,
                        const mgm::ReplicationProgram &program, TxBuffers &tx) noexcept {
    const mgm::Oif *oifs = burst.sets[i]->oifs();
    if (program.apart_count != 0) [[unlikely]] {
        const Hop hop = next_hop_of(burst.headers[i]);
        for (const std::uint16_t oif : std::span(program.apart(), program.apart_count))
            copy_plainly(context, burst, i, oifs[oif], hop, tx);
    }
    // Too big for an oif apart whose MTU has just changed: an ICMPv6 error needs the packet itself.
    if (burst.too_big_for[i] == 0 && ProgramRun(context, burst, i, program, tx).run()) [[likely]]
        return give_away(burst, i, program);
    const Hop hop = next_hop_of(burst.headers[i]);
    for (const mgm::ProgramCopy &copy : std::span(program.copies(), program.copy_count))
        copy_plainly(context, burst, i, oifs[copy.oif], hop, tx);
}

/// Packets that take different ways: one after the other, so that each port gets them in order.
inline void replicate_each(const Context &context, Burst &burst, TxBuffers &tx) noexcept {
    for (unsigned i = 0; i < burst.size; ++i) {
        if (!burst.is_on_its_way(i))
            continue;
        const mgm::ReplicationProgram *program = program_for(context, burst, i);
        if (program == nullptr) [[unlikely]]
            copy_plainly(context, burst, i, tx);
        else
            run_program(context, burst, i, *program, tx);
    }
}

/// Nothing is staged in `tx`.
inline void replicate(const Context &context, Burst &burst, TxBuffers &tx) noexcept {
    PortByPort port_by_port(context, burst, tx);
    if (port_by_port.gather())
        port_by_port.send();
    else
        replicate_each(context, burst, tx);
}

} // namespace dataplane
