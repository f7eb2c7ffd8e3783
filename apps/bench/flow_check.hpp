// SPDX-License-Identifier: BSD-3-Clause
// What became of the packets of one flow, by their sequence numbers. Pure.
//
// A packet is received once; again, it is a duplicate. It is reordered when one with a higher
// number came before it. What is below the highest number, or below what the end mark says, and was
// never received, is lost. None of these is set off against another (RFC 4737, RFC 5560).
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

namespace bench {

struct FlowCounts {
    std::uint64_t expected = 0;   ///< sent, as far as the receiver can tell
    std::uint64_t received = 0;   ///< each once
    std::uint64_t duplicated = 0; ///< copies beyond the first
    std::uint64_t reordered = 0;  ///< of the received
    std::uint64_t too_old = 0;    ///< so far behind that nothing can be said; not in the others

    [[nodiscard]] std::uint64_t lost() const noexcept { return expected - received; }
    FlowCounts &operator+=(const FlowCounts &other) noexcept;
};

class FlowCheck {
public:
    static constexpr std::size_t kWindow = 1024; ///< so far back duplicates are told from late ones

    void see(std::uint32_t sequence) noexcept;
    /// So many were sent, modulo 2^32. May come again.
    void end(std::uint32_t sent) noexcept;

    [[nodiscard]] bool is_seen() const noexcept { return is_seen_; }
    [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
    [[nodiscard]] const FlowCounts &counts() const noexcept { return counts_; }

private:
    void advance_to(std::uint32_t next) noexcept;

    std::uint32_t next_ = 0; ///< behind the highest number that was seen
    bool is_seen_ = false;
    bool has_ended_ = false;
    FlowCounts counts_;
    std::bitset<kWindow> seen_; ///< by number modulo kWindow: of the kWindow numbers before next_
};

} // namespace bench
