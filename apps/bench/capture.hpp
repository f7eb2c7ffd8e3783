// SPDX-License-Identifier: BSD-3-Clause
// A packet capture in memory: pcap or pcapng, whatever libpcap reads, of Ethernet frames.
#pragma once

#include "mgm/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bench {

class Capture {
public:
    struct Frame {
        std::uint64_t nanoseconds; ///< after the first frame; of the first and earlier ones: 0
        std::size_t offset;
        std::uint32_t octets; ///< as captured
        bool is_cut;          ///< it was longer on its wire
    };

    /// kInvalidArgument: no such file, not a capture, another link type, no frame, broken in the
    /// middle. Says which, and what to do.
    static mgm::Result<Capture> read(const std::string &path);

    [[nodiscard]] const std::vector<Frame> &frames() const noexcept { return frames_; }
    [[nodiscard]] std::span<const std::uint8_t> octets(const Frame &frame) const noexcept {
        return std::span(octets_).subspan(frame.offset, frame.octets);
    }
    [[nodiscard]] std::uint32_t longest() const noexcept;
    [[nodiscard]] std::uint64_t cut_frames() const noexcept;
    /// From the first frame to the last.
    [[nodiscard]] std::uint64_t duration() const noexcept { return frames_.back().nanoseconds; }

    /// That a port can send all of it: frames from an Ethernet header to `most_octets`.
    [[nodiscard]] mgm::Result<void> check_lengths(std::uint32_t most_octets) const;
    /// That no frame is earlier than the one before it.
    [[nodiscard]] mgm::Result<void> check_times() const;

private:
    std::string path_;
    std::vector<Frame> frames_;
    std::vector<std::uint8_t> octets_;
    std::size_t early_frame_ = 0; ///< the first that is earlier than its predecessor; 0: none
    std::uint64_t early_by_ = 0;
};

} // namespace bench
