// SPDX-License-Identifier: BSD-3-Clause
#include "control/rib.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string_view>

namespace control {
namespace {

using mgm::Errc;
using mgm::IfIndex;
using mgm::Vrf;

mgm::IpAddress address(std::string_view text) {
    return mgm::IpAddress::parse(text).value();
}

RibRoute connected(std::string_view prefix, std::uint32_t interface) {
    RibRoute route;
    route.prefix = mgm::IpPrefix::parse(prefix).value();
    route.interface = IfIndex{interface};
    return route;
}

RibRoute via(std::string_view prefix, std::uint32_t interface, std::string_view neighbor,
             std::uint32_t preference = 1) {
    RibRoute route = connected(prefix, interface);
    route.neighbor = address(neighbor);
    route.protocol = RouteProtocol::kStatic;
    route.preference = preference;
    return route;
}

Rib rib_of(const std::vector<RibRoute> &routes) {
    Rib rib;
    for (const RibRoute &route : routes)
        EXPECT_TRUE(rib.add(route)) << to_string(route.prefix);
    return rib;
}

/// Number of the interface towards `source`, 0 = none.
std::uint32_t towards(const Rib &rib, std::string_view source, Vrf vrf = Vrf{0}) {
    const std::optional<RibRoute> route = rib.lookup(vrf, address(source));
    return route ? static_cast<std::uint32_t>(route->interface) : 0;
}

Errc refusal(const mgm::Result<void> &result) {
    EXPECT_FALSE(result);
    return result ? Errc::kInternal : result.error().code;
}

TEST(Rib, KnowsNoWayWhenItIsEmpty) {
    const Rib rib;

    EXPECT_EQ(rib.lookup(Vrf{0}, address("10.1.2.3")), std::nullopt);
    EXPECT_EQ(rib.lookup(Vrf{0}, address("2001:db8::7")), std::nullopt);
    EXPECT_EQ(rib.size(), 0U);
    EXPECT_TRUE(rib.routes().empty());
}

TEST(Rib, TakesTheLongestMatch) {
    const Rib rib = rib_of({connected("10.0.0.0/8", 37), via("0.0.0.0/0", 5, "192.0.2.9"),
                            connected("10.1.128.0/17", 11), connected("10.1.200.7/32", 3)});

    EXPECT_EQ(towards(rib, "10.1.200.7"), 3U);
    EXPECT_EQ(towards(rib, "10.1.200.8"), 11U);
    EXPECT_EQ(towards(rib, "10.1.127.255"), 37U);
    EXPECT_EQ(towards(rib, "11.0.0.0"), 5U);
}

TEST(Rib, TakesALongerMatchOfAWorsePreference) {
    const Rib rib = rib_of({connected("10.0.0.0/8", 37), via("10.9.0.0/16", 5, "10.0.0.1", 250)});

    EXPECT_EQ(towards(rib, "10.9.1.1"), 5U);
}

TEST(Rib, GivesTheWholeRouteNotOnlyItsInterface) {
    const RibRoute route = via("10.9.0.0/16", 5, "10.0.0.1", 17);

    EXPECT_EQ(rib_of({route}).lookup(Vrf{0}, address("10.9.1.1")), route);
}

TEST(Rib, PrefersTheLowestPreferenceThenInterfaceThenNeighbor) {
    Rib rib = rib_of({via("10.9.0.0/16", 7, "10.0.0.2", 3), via("10.9.0.0/16", 5, "10.0.0.2", 3),
                      via("10.9.0.0/16", 5, "10.0.0.1", 3), via("10.9.0.0/16", 99, "10.0.0.9", 2)});

    EXPECT_EQ(towards(rib, "10.9.1.1"), 99U);
    ASSERT_TRUE(rib.remove(via("10.9.0.0/16", 99, "10.0.0.9")));
    EXPECT_EQ(rib.lookup(Vrf{0}, address("10.9.1.1")), via("10.9.0.0/16", 5, "10.0.0.1", 3));
    ASSERT_TRUE(rib.remove(via("10.9.0.0/16", 5, "10.0.0.1")));
    EXPECT_EQ(rib.lookup(Vrf{0}, address("10.9.1.1")), via("10.9.0.0/16", 5, "10.0.0.2", 3));
    ASSERT_TRUE(rib.remove(via("10.9.0.0/16", 5, "10.0.0.2")));
    EXPECT_EQ(towards(rib, "10.9.1.1"), 7U);
}

TEST(Rib, PrefersAConnectedNetworkToANeighborOfTheSamePreference) {
    RibRoute neighbor = via("10.9.0.0/16", 5, "10.0.0.1", 0);
    const Rib rib = rib_of({neighbor, connected("10.9.0.0/16", 5)});

    EXPECT_EQ(rib.lookup(Vrf{0}, address("10.9.1.1")), connected("10.9.0.0/16", 5));
}

TEST(Rib, ReplacesPreferenceAndProtocolOfTheSameRoute) {
    Rib rib = rib_of({via("10.9.0.0/16", 5, "10.0.0.1", 3), via("10.9.0.0/16", 7, "10.0.0.2", 4)});
    RibRoute worse = via("10.9.0.0/16", 5, "10.0.0.1", 9);
    worse.protocol = RouteProtocol::kLocal;

    ASSERT_TRUE(rib.add(worse));

    EXPECT_EQ(rib.size(), 2U);
    EXPECT_EQ(towards(rib, "10.9.1.1"), 7U);
    EXPECT_EQ(rib.routes().back(), worse);
}

TEST(Rib, KeepsFamiliesApart) {
    const Rib rib = rib_of({via("0.0.0.0/0", 5, "192.0.2.9"), via("2001:db8::/32", 7, "fe80::9"),
                            connected("2001:db8:0:8000::/49", 11)});

    EXPECT_EQ(towards(rib, "2001:db8:0:8001::1"), 11U);
    EXPECT_EQ(towards(rib, "2001:db8:0:7fff::1"), 7U);
    EXPECT_EQ(towards(rib, "2001:db9::1"), 0U);
    EXPECT_EQ(towards(rib, "32.1.13.184"), 5U); // the first octets of 2001:db8::
}

TEST(Rib, MatchesTheDefaultRouteOfIpv6) {
    const Rib rib = rib_of({via("::/0", 7, "fe80::9")});

    EXPECT_EQ(towards(rib, "fd00::1"), 7U);
    EXPECT_EQ(towards(rib, "10.0.0.1"), 0U);
}

TEST(Rib, KeepsVrfsApart) {
    RibRoute red = connected("10.0.0.0/8", 37);
    red.vrf = Vrf{3};
    RibRoute blue = connected("10.1.0.0/16", 11);
    blue.vrf = Vrf{4};
    const Rib rib = rib_of({red, blue});

    EXPECT_EQ(towards(rib, "10.1.0.1", Vrf{3}), 37U);
    EXPECT_EQ(towards(rib, "10.1.0.1", Vrf{4}), 11U);
    EXPECT_EQ(towards(rib, "10.2.0.1", Vrf{4}), 0U);
    EXPECT_EQ(towards(rib, "10.1.0.1", Vrf{0}), 0U);
}

TEST(Rib, RefusesBitsBehindTheLength) {
    Rib rib;

    EXPECT_EQ(refusal(rib.add(connected("10.1.0.1/16", 11))), Errc::kInvalidArgument);
    EXPECT_EQ(refusal(rib.add(connected("2001:db8::1/127", 11))), Errc::kInvalidArgument);
    EXPECT_EQ(rib.size(), 0U);
}

TEST(Rib, RefusesALengthBeyondTheAddress) {
    Rib rib;
    RibRoute route = connected("10.1.0.1", 11);
    route.prefix.length = 33;

    EXPECT_EQ(refusal(rib.add(route)), Errc::kInvalidArgument);
}

TEST(Rib, RefusesGroups) {
    Rib rib;

    for (const std::string_view prefix : {"224.0.0.0/4", "239.1.2.0/24", "239.255.3.7", "ff00::/8"})
        EXPECT_EQ(refusal(rib.add(connected(prefix, 11))), Errc::kInvalidArgument) << prefix;
}

TEST(Rib, RefusesWhatCannotBeANeighbor) {
    Rib rib;

    for (const std::string_view neighbor : {"fe80::9", "0.0.0.0", "224.0.0.13"})
        EXPECT_EQ(refusal(rib.add(via("10.0.0.0/8", 11, neighbor))), Errc::kInvalidArgument)
            << neighbor;
    for (const std::string_view neighbor : {"10.0.0.9", "::", "ff02::d"})
        EXPECT_EQ(refusal(rib.add(via("2001:db8::/32", 11, neighbor))), Errc::kInvalidArgument)
            << neighbor;
    EXPECT_EQ(rib.size(), 0U);
}

TEST(Rib, SaysWhichRouteItRefuses) {
    Rib rib;

    const auto result = rib.add(via("10.0.0.0/8", 11, "fe80::9"));

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().what,
              "mroute 10.0.0.0/8 via fe80::9: the neighbor is of another family");
}

TEST(Rib, FindsNothingToRemoveWhereInterfaceNeighborPrefixOrVrfDiffer) {
    Rib rib = rib_of({via("10.9.0.0/16", 5, "10.0.0.1", 3)});
    RibRoute other_vrf = via("10.9.0.0/16", 5, "10.0.0.1", 3);
    other_vrf.vrf = Vrf{3};

    for (const RibRoute &route :
         {via("10.9.0.0/16", 6, "10.0.0.1", 3), via("10.9.0.0/16", 5, "10.0.0.2", 3),
          connected("10.9.0.0/16", 5), via("10.9.0.0/17", 5, "10.0.0.1", 3),
          via("10.8.0.0/16", 5, "10.0.0.1", 3), other_vrf})
        EXPECT_EQ(refusal(rib.remove(route)), Errc::kNotFound);
    EXPECT_EQ(rib.size(), 1U);
}

TEST(Rib, RemovesARouteWhateverItsPreference) {
    Rib rib = rib_of({via("10.9.0.0/16", 5, "10.0.0.1", 3)});

    ASSERT_TRUE(rib.remove(via("10.9.0.0/16", 5, "10.0.0.1", 77)));

    EXPECT_EQ(rib.size(), 0U);
    EXPECT_EQ(towards(rib, "10.9.1.1"), 0U);
}

TEST(Rib, ListsRoutesByVrfThenPrefixBestFirst) {
    RibRoute other_vrf = connected("10.0.0.0/8", 37);
    other_vrf.vrf = Vrf{3};
    const RibRoute worse = via("10.9.0.0/16", 5, "10.0.0.1", 3);
    const RibRoute better = via("10.9.0.0/16", 7, "10.0.0.2", 2);
    const RibRoute longer = connected("10.9.0.0/24", 2);
    const RibRoute ipv6 = connected("2001:db8::/32", 2);

    const Rib rib = rib_of({other_vrf, worse, ipv6, longer, better});

    EXPECT_EQ(rib.routes(), (std::vector<RibRoute>{better, worse, longer, ipv6, other_vrf}));
}

// --- against a linear search

/// A small world, so that networks nest and routes meet.
RibRoute random_route(std::mt19937 &random) {
    RibRoute route;
    route.vrf = Vrf{static_cast<std::uint16_t>(random() % 2)};
    route.interface = IfIndex{3 + static_cast<std::uint32_t>(random() % 3)};
    route.preference = static_cast<std::uint32_t>(random() % 3);
    const bool is_ipv4 = random() % 2 == 0;
    const unsigned length = static_cast<unsigned>(random()) % (is_ipv4 ? 33U : 129U);
    mgm::IpPrefix prefix{address(is_ipv4 ? "10.170.85.255" : "2001:db8:aaaa:5555::ffff"),
                         static_cast<std::uint8_t>(length)};
    if (random() % 2 == 0)
        prefix.address = address(is_ipv4 ? "10.170.86.1" : "2001:db8:aaaa:5556::1");
    route.prefix = prefix.network();
    if (random() % 2 == 0)
        route.neighbor = address(is_ipv4 ? "10.0.0.9" : "fe80::9");
    return route;
}

std::optional<RibRoute> search(const std::vector<RibRoute> &routes, Vrf vrf,
                               const mgm::IpAddress &source) {
    std::optional<RibRoute> best;
    const auto rank = [](const RibRoute &r) {
        return std::tuple(-static_cast<int>(r.prefix.length), r.preference, r.interface,
                          r.neighbor);
    };
    for (const RibRoute &route : routes)
        if (route.vrf == vrf && route.prefix.contains(source) &&
            (!best || rank(route) < rank(*best)))
            best = route;
    return best;
}

TEST(Rib, AnswersAsALinearSearchDoesOnRandomRoutes) {
    std::mt19937 random(20480);
    Rib rib;
    std::vector<RibRoute> routes;
    const auto same_as = [](const RibRoute &route) {
        return [&route](const RibRoute &other) {
            return std::tie(route.vrf, route.prefix, route.interface, route.neighbor) ==
                   std::tie(other.vrf, other.prefix, other.interface, other.neighbor);
        };
    };
    for (int step = 0; step < 1000; ++step) {
        const RibRoute route = random_route(random);
        const bool was_there = std::erase_if(routes, same_as(route)) != 0;
        if (random() % 2 == 0) {
            EXPECT_TRUE(rib.add(route));
            routes.push_back(route);
        } else {
            EXPECT_EQ(rib.remove(route).has_value(), was_there);
        }
        ASSERT_EQ(rib.size(), routes.size());
        for (const char *source : {"10.170.85.254", "10.170.86.1", "10.0.0.1", "192.0.2.1",
                                   "2001:db8:aaaa:5555::ffff", "2001:db8:aaaa:5556::9", "::9"})
            for (const Vrf vrf : {Vrf{0}, Vrf{1}})
                ASSERT_EQ(rib.lookup(vrf, address(source)), search(routes, vrf, address(source)))
                    << source << " at step " << step;
    }
}

} // namespace
} // namespace control
