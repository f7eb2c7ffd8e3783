// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/shared_frames.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <bit>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace dataplane {

namespace {

/// With room behind the last frame for the rest of a vector.
using PickedFrames = std::array<rte_mbuf *, Burst::kCapacity + 8>;

/// Those of `frames` whose bits are in `packets`, in order. Returns how many.
unsigned pick(const Burst::Column<rte_mbuf *> &frames, std::uint32_t packets,
              PickedFrames &picked) noexcept {
    unsigned count = 0;
#if defined(__AVX512F__)
    for (unsigned first = 0; first < frames.size(); first += 8) {
        const auto eight = static_cast<__mmask8>(packets >> first);
        const __m512i all = _mm512_loadu_si512(&frames[first]);
        _mm512_storeu_si512(&picked[count], _mm512_maskz_compress_epi64(eight, all));
        count += static_cast<unsigned>(std::popcount(static_cast<std::uint8_t>(eight)));
    }
#else
    for (; packets != 0; packets &= packets - 1)
        picked[count++] = frames[static_cast<std::size_t>(std::countr_zero(packets))];
#endif
    return count;
}

} // namespace

/// A port may write to the array that it is given, so each gets its own.
void SharedFrames::hand_out() noexcept {
    std::array<std::uint32_t, mgm::kMaxPorts> leaving{}; // by port: packets
    PortMask ports = 0;
    std::uint32_t given_away = 0; // packets
    for (const Group &group : groups()) {
        for (const mgm::ProgramCopy &copy : copies_of(group))
            leaving[copy.port_id] |= group.packets;
        ports |= group.program->ports;
        given_away |= group.packets;
    }
    PortMask refused = 0;
    PickedFrames picked; // NOLINT(cppcoreguidelines-pro-type-member-init): written before read
    for (; ports != 0; ports &= ports - 1) {
        const auto port_id = static_cast<std::uint16_t>(std::countr_zero(ports));
        const unsigned count = pick(burst_.mbufs, leaving[port_id], picked);
        const unsigned sent =
            send_frames(context_, port_id, picked.data(), static_cast<std::uint16_t>(count));
        if (sent == count) [[likely]]
            continue;
        refused |= PortMask{1} << port_id;
        count_refused(port_id, leaving[port_id], sent);
        rte_pktmbuf_free_bulk(&picked[sent], count - sent);
    }
    for (const Group &group : groups())
        count_run(context_, *group.program,
                  static_cast<std::uint64_t>(std::popcount(group.packets)), group.octets, refused);
    burst_.is_all_sent = all_hold(burst_.family_of_all != mgm::Family{},
                                  given_away == burst_.all_packets(), refused == 0);
    for (; given_away != 0; given_away &= given_away - 1)
        burst_.mbufs[static_cast<std::size_t>(std::countr_zero(given_away))] = nullptr;
}

/// The port took only the first `sent` of these packets' copies: they count here, each alone.
void SharedFrames::count_refused(std::uint16_t port_id, std::uint32_t packets,
                                 unsigned sent) noexcept {
    for (unsigned place = 0; packets != 0; packets &= packets - 1, ++place) {
        const auto i = static_cast<unsigned>(std::countr_zero(packets));
        const Group &group = groups_[group_of_[i]];
        const std::span copies = copies_of(group);
        const auto copy = std::ranges::find(copies, port_id, &mgm::ProgramCopy::port_id);
        count_copy(context_, burst_, i, *copy, *group.program->rewrites(), place < sent);
    }
}

} // namespace dataplane
