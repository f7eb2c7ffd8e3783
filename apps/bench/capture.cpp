// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/capture.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <pcap/pcap.h>

namespace bench {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr std::uint32_t kEthernetHeader = 14;
constexpr std::uint64_t kNanoseconds = 1'000'000'000;

struct Close {
    void operator()(pcap_t *file) const noexcept { pcap_close(file); }
};
using PcapFile = std::unique_ptr<pcap_t, Close>;

Result<PcapFile> open(const std::string &path) {
    std::array<char, PCAP_ERRBUF_SIZE> reason{};
    PcapFile file(pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO,
                                                          reason.data()));
    if (!file)
        return fail(Errc::kInvalidArgument, "'{}' is no capture that can be read: {}", path,
                    reason.data());
    if (const int type = pcap_datalink(file.get()); type != DLT_EN10MB) {
        const char *name = pcap_datalink_val_to_name(type);
        return fail(Errc::kInvalidArgument,
                    "'{}' holds frames of link type {} ({}), not Ethernet; capture on an Ethernet "
                    "interface, not on 'any'",
                    path, type, name == nullptr ? "unknown" : name);
    }
    return file;
}

} // namespace

Result<Capture> Capture::read(const std::string &path) {
    const Result<PcapFile> file = open(path);
    if (!file)
        return tl::unexpected(file.error());
    Capture capture;
    capture.path_ = path;
    pcap_pkthdr *header = nullptr;
    const std::uint8_t *octets = nullptr;
    std::uint64_t first = 0, before = 0;
    int status = 0;
    while ((status = pcap_next_ex(file->get(), &header, &octets)) == 1) {
        const std::uint64_t time =
            static_cast<std::uint64_t>(header->ts.tv_sec) * kNanoseconds +
            static_cast<std::uint64_t>(header->ts.tv_usec); // nanoseconds, as asked for
        if (capture.frames_.empty())
            first = before = time;
        if (time < before && capture.early_frame_ == 0) {
            capture.early_frame_ = capture.frames_.size();
            capture.early_by_ = before - time;
        }
        before = time;
        capture.frames_.push_back({time > first ? time - first : 0, capture.octets_.size(),
                                   header->caplen, header->caplen < header->len});
        capture.octets_.insert(capture.octets_.end(), octets, octets + header->caplen);
    }
    if (status == PCAP_ERROR)
        return fail(Errc::kInvalidArgument, "'{}' breaks off behind {} frames: {}", path,
                    capture.frames_.size(), pcap_geterr(file->get()));
    if (capture.frames_.empty())
        return fail(Errc::kInvalidArgument, "'{}' holds no frame", path);
    return capture;
}

std::uint32_t Capture::longest() const noexcept {
    return std::max_element(frames_.begin(), frames_.end(),
                            [](const Frame &a, const Frame &b) { return a.octets < b.octets; })
        ->octets;
}

std::uint64_t Capture::cut_frames() const noexcept {
    return static_cast<std::uint64_t>(std::count_if(
        frames_.begin(), frames_.end(), [](const Frame &frame) { return frame.is_cut; }));
}

Result<void> Capture::check_lengths(std::uint32_t most_octets) const {
    for (std::size_t i = 0; i < frames_.size(); ++i) {
        const std::uint32_t octets = frames_[i].octets;
        if (octets < kEthernetHeader)
            return fail(Errc::kInvalidArgument,
                        "'{}', frame {}: {} octets are less than an Ethernet header; filter such "
                        "frames out",
                        path_, i + 1, octets);
        if (octets > most_octets)
            return fail(Errc::kInvalidArgument,
                        "'{}', frame {}: {} octets are more than the {} that a buffer holds; "
                        "capture with offloads (GRO, LRO) turned off",
                        path_, i + 1, octets, most_octets);
    }
    return {};
}

Result<void> Capture::check_times() const {
    if (early_frame_ == 0)
        return {};
    return fail(Errc::kInvalidArgument,
                "'{}', frame {}: its time is {} ns before that of frame {}; sort the file "
                "(reordercap), or send it with --speed max",
                path_, early_frame_ + 1, early_by_, early_frame_);
}

} // namespace bench
