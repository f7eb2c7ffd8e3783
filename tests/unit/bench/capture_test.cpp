// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/capture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

namespace {

using bench::Capture;
using testing::HasSubstr;

/// A pcap file, little endian, with microseconds.
class CaptureFiles : public ::testing::Test {
public:
    ~CaptureFiles() override { std::filesystem::remove(path_); }

    CaptureFiles &header(std::uint32_t link_type = 1) {
        put(0xa1b2'c3d4), put(4U << 16U | 2U), put(0), put(0), put(65'535), put(link_type);
        return *this;
    }
    CaptureFiles &frame(std::uint32_t seconds, std::uint32_t microseconds, std::uint32_t octets,
                        std::uint32_t on_the_wire = 0) {
        put(seconds), put(microseconds), put(octets), put(std::max(octets, on_the_wire));
        contents_.append(octets, static_cast<char>(octets));
        return *this;
    }
    CaptureFiles &text(std::string_view text) {
        contents_ += text;
        return *this;
    }
    CaptureFiles &cut(std::size_t octets) {
        contents_.resize(contents_.size() - octets);
        return *this;
    }
    mgm::Result<Capture> read() {
        std::ofstream(path_, std::ios::binary) << contents_;
        return Capture::read(path_);
    }
    std::string error() { return read().error().what; }

private:
    void put(std::uint32_t word) {
        for (unsigned shift = 0; shift < 32; shift += 8)
            contents_ += static_cast<char>(word >> shift);
    }
    std::string path_ = std::filesystem::temp_directory_path() /
                        ("mgm-capture-" + std::to_string(::getpid()) + ".pcap");
    std::string contents_;
};

TEST_F(CaptureFiles, GiveFramesInTheirOrderWithTheirTimes) {
    const auto capture = header().frame(7, 999'999, 60).frame(8, 1, 1514).frame(8, 1, 14).read();
    ASSERT_TRUE(capture) << capture.error().what;
    ASSERT_EQ(capture->frames().size(), 3U);
    EXPECT_EQ(capture->frames()[0].nanoseconds, 0U);
    EXPECT_EQ(capture->frames()[1].nanoseconds, 2000U);
    EXPECT_EQ(capture->duration(), 2000U);
    EXPECT_EQ(capture->longest(), 1514U);
    EXPECT_EQ(capture->cut_frames(), 0U);
    EXPECT_EQ(capture->octets(capture->frames()[2]).size(), 14U);
    EXPECT_EQ(capture->octets(capture->frames()[2])[13], 14U);
    EXPECT_TRUE(capture->check_times());
    EXPECT_TRUE(capture->check_lengths(1514));
}

TEST_F(CaptureFiles, TellHowManyFramesWereCapturedInPart) {
    const auto capture = header().frame(0, 0, 64, 1500).frame(0, 1, 64).read();
    EXPECT_EQ(capture.value().cut_frames(), 1U);
}

TEST_F(CaptureFiles, ThatAreNoneAreRefusedWithTheReason) {
    EXPECT_THAT(Capture::read("/none/such.pcap").error().what,
                HasSubstr("'/none/such.pcap' is no capture that can be read: "));
    EXPECT_THAT(text("this is text, and long enough for a header").error(),
                HasSubstr("is no capture that can be read: unknown file format"));
}

TEST_F(CaptureFiles, WithoutAFrameAreRefused) {
    EXPECT_THAT(header().error(), HasSubstr("holds no frame"));
}

TEST_F(CaptureFiles, OfOtherLinksAreRefusedByName) {
    EXPECT_THAT(header(113).frame(0, 0, 60).error(),
                HasSubstr("holds frames of link type 113 (LINUX_SLL), not Ethernet"));
}

TEST_F(CaptureFiles, ThatBreakOffAreRefusedWithWhatCameBefore) {
    EXPECT_THAT(header().frame(0, 0, 60).frame(0, 1, 60).cut(1).error(),
                HasSubstr("breaks off behind 1 frames: truncated"));
}

TEST_F(CaptureFiles, CannotBeSentWithAFrameThatIsNoEthernetFrame) {
    const auto capture = header().frame(0, 0, 60).frame(0, 1, 13).read();
    EXPECT_THAT(capture.value().check_lengths(1514).error().what,
                HasSubstr("frame 2: 13 octets are less than an Ethernet header"));
}

TEST_F(CaptureFiles, CannotBeSentWithAFrameThatIsTooLong) {
    const auto capture = header().frame(0, 0, 60).frame(0, 1, 1515).read();
    EXPECT_TRUE(capture.value().check_lengths(1515));
    EXPECT_THAT(capture.value().check_lengths(1514).error().what,
                HasSubstr("frame 2: 1515 octets are more than the 1514 that a buffer holds"));
}

TEST_F(CaptureFiles, CannotBeSentInTimeWhenTimeGoesBack) {
    const auto capture = header().frame(5, 9, 60).frame(5, 10, 60).frame(5, 8, 60).read();
    EXPECT_THAT(capture.value().check_times().error().what,
                HasSubstr("frame 3: its time is 2000 ns before that of frame 2; sort the file"));
}

} // namespace
