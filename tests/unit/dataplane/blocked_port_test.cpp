// SPDX-License-Identifier: BSD-3-Clause
// One port among 16 takes nothing any more: what that costs the others, itself, and the pools.
#include "packet_case.hpp"

#include <rte_mbuf.h>
#include <rte_mempool.h>

namespace dataplane_test {
namespace {

using support::Pools;

constexpr unsigned kPorts = 16;
constexpr unsigned kArrivalPort = 23;
constexpr unsigned kRoom = 37; ///< of the blocked port's tx ring
constexpr unsigned kPackets = 8 * 32 + 5;

/// How copies are made, and what makes them so.
struct Strategy {
    const char *name;
    std::size_t payload;
    bool has_own_macs;
    bool takes_segments;
    bool is_foreign;        ///< the received mbuf is of another pool: no program is run
    unsigned mbufs_a_frame; ///< that a parked frame keeps
};
void PrintTo(const Strategy &strategy, std::ostream *out) {
    *out << strategy.name;
}

constexpr std::array kStrategies{
    Strategy{"ShortSharedFrames", 18, false, true, false, 1},
    Strategy{"LongSharedFrames", 1357, false, true, false, 1},
    Strategy{"SmallCopies", 18, true, true, false, 1},
    Strategy{"Heads", 1357, true, true, false, 2}, // a head, and the rest that all heads share
    Strategy{"WholeCopies", 1357, true, false, false, 1},
    Strategy{"CopiesOneByOne", 1357, true, true, true, 1},
};

mgm::IfIndex oif(unsigned k) {
    return mgm::IfIndex{100 + 7 * k};
}
mgm::MacAddress mac_of(const Strategy &strategy, unsigned k) {
    return {{0x02, 0, 0, 0, 9, static_cast<std::uint8_t>(strategy.has_own_macs ? k : 0)}};
}

PacketBuilder packet(const Strategy &strategy, unsigned number) {
    Octets payload(strategy.payload, static_cast<std::uint8_t>(number >> 8U));
    payload.back() = static_cast<std::uint8_t>(number);
    return good4().payload(std::move(payload));
}
/// The first `count` packets as port `k` must send them.
std::vector<Octets> copies(const Strategy &strategy, unsigned k, unsigned count) {
    std::vector<Octets> frames;
    for (unsigned number = 0; number < count; ++number)
        frames.push_back(packet(strategy, number)
                             .ttl(32)
                             .from_mac(fmt::format("{}", mac_of(strategy, k)))
                             .build());
    return frames;
}

struct Held {
    unsigned frames; ///< mbufs of the pool that frames are received in
    unsigned heads;  ///< small ones
};
Held held() {
    return {rte_mempool_in_use_count(Pools::get().copies),
            rte_mempool_in_use_count(Pools::get().heads)};
}

class BlockedPort : public ::testing::TestWithParam<std::tuple<Strategy, unsigned>> {
protected:
    BlockedPort() {
        router_.add(support::interface_spec(11, {"198.51.100.1/28"}), kArrivalPort);
        std::vector<unsigned> oifs;
        for (unsigned k = 0; k < kPorts; ++k) {
            mgm::InterfaceSpec spec = support::interface_spec(static_cast<unsigned>(oif(k)));
            spec.mac = mac_of(strategy(), k);
            router_.add(spec, k);
            router_.set_link(oif(k), mgm::LinkState::kUp, strategy().takes_segments);
            oifs.push_back(static_cast<unsigned>(oif(k)));
        }
        router_.route("*", kGroup4, support::action({11}, oifs));
        router_.port(oif(blocked())).leave_room_for(kRoom, Pools::get().received);
    }

    static const Strategy &strategy() { return std::get<0>(GetParam()); }
    static unsigned blocked() { return std::get<1>(GetParam()); }
    static bool keeps_its_bound(const Held &held) {
        return held.frames <= kRoom && held.heads <= kRoom &&
               held.frames + held.heads <= kRoom * strategy().mbufs_a_frame;
    }

    /// Sends packet `first` and those behind it, a burst; takes what the other ports sent.
    void forward_burst(unsigned first, unsigned count) {
        for (unsigned number = first; number < first + count; ++number) {
            const Octets frame = packet(strategy(), number).build();
            router_.put(TestRouter::kArrival, strategy().is_foreign
                                                  ? support::foreign_frame(frame)
                                                  : support::received_frame(frame));
        }
        ASSERT_EQ(router_.turn(), count);
        for (unsigned k = 0; k < kPorts; ++k)
            if (k != blocked())
                for (Octets &frame : router_.sent(oif(k)))
                    sent_.at(k).push_back(std::move(frame));
    }
    void forward_all() {
        for (unsigned first = 0; first < kPackets; first += 32) {
            forward_burst(first, std::min(32U, kPackets - first));
            EXPECT_TRUE(keeps_its_bound(held())) << held().frames << " and " << held().heads;
        }
    }

    TestRouter router_;
    std::array<std::vector<Octets>, kPorts> sent_;
};

TEST_P(BlockedPort, CostsTheOtherPortsNothing) {
    forward_all();

    for (unsigned k = 0; k < kPorts; ++k) {
        if (k == blocked())
            continue;
        EXPECT_TRUE(sent_.at(k) == copies(strategy(), k, kPackets)) << "port " << k;
        EXPECT_EQ(router_.copies_sent(oif(k)), kPackets);
        EXPECT_EQ(router_.copy_drops(oif(k), Verdict::kTxFull), 0U);
    }
    EXPECT_EQ(router_.count(TestRouter::kArrival, Verdict::kForwarded), kPackets);
}

TEST_P(BlockedPort, LosesItsOwnCopiesAndCountsEachOfThem) {
    forward_all();

    EXPECT_EQ(router_.copies_wanted(oif(blocked())), kPackets);
    EXPECT_EQ(router_.copies_sent(oif(blocked())), kRoom);
    EXPECT_EQ(router_.copy_drops(oif(blocked()), Verdict::kTxFull), kPackets - kRoom);
}

TEST_P(BlockedPort, KeepsWhatItTookAndSendsItUnchangedWhenItGoesOn) {
    forward_all();
    const Held parked = held();
    EXPECT_EQ(parked.frames + parked.heads, kRoom * strategy().mbufs_a_frame);

    std::vector<Octets> late = router_.sent(oif(blocked()));
    std::erase_if(late, [](const Octets &frame) { return frame.empty(); }); // what filled the ring

    EXPECT_TRUE(late == copies(strategy(), blocked(), kRoom));
    EXPECT_EQ(held().frames + held().heads, 0U);
    EXPECT_EQ(rte_mempool_in_use_count(Pools::get().received), 0U);

    forward_burst(kPackets, 9);
    EXPECT_EQ(router_.sent(oif(blocked())).size(), 9U);
    EXPECT_EQ(router_.copies_sent(oif(blocked())), kRoom + 9);
}

// Of a program's rewrites the last one keeps the received mbuf, so the place matters.
INSTANTIATE_TEST_SUITE_P(Among16_S6, BlockedPort,
                         ::testing::Combine(::testing::ValuesIn(kStrategies),
                                            ::testing::Values(0U, 6U, 15U)),
                         [](const auto &made) {
                             return fmt::format("{}_Port{}", std::get<0>(made.param).name,
                                                std::get<1>(made.param));
                         });

TEST(BlockedPorts_S6, SeveralAtOnceKeepNoMoreThanTheirRingsHold) {
    const Strategy heads = kStrategies.at(3);
    TestRouter router;
    router.add(support::interface_spec(11, {"198.51.100.1/28"}), kArrivalPort);
    std::vector<unsigned> oifs;
    for (unsigned k = 0; k < kPorts; ++k) {
        router.add(support::interface_spec(static_cast<unsigned>(oif(k))), k);
        router.port(oif(k)).leave_room_for(3 * k, Pools::get().received); // port 0 takes nothing
        oifs.push_back(static_cast<unsigned>(oif(k)));
    }
    router.route("*", kGroup4, support::action({11}, oifs));
    for (unsigned number = 0; number < 96; ++number)
        router.put(TestRouter::kArrival, support::received_frame(packet(heads, number).build()));
    while (router.turn() != 0) {
    }

    const unsigned rings = 3 * (kPorts - 1) * kPorts / 2;
    EXPECT_EQ(held().heads, rings);
    EXPECT_EQ(held().frames, 3 * (kPorts - 1)); // a rest that many heads share is one mbuf
    for (unsigned k = 0; k < kPorts; ++k)
        EXPECT_EQ(router.copy_drops(oif(k), Verdict::kTxFull), 96 - 3 * k) << k;
}

} // namespace
} // namespace dataplane_test
