// SPDX-License-Identifier: BSD-3-Clause
// A table of packets and how each of them ends: one gtest per line of the table.
#pragma once

#include "support/packet_builder.hpp"
#include "support/test_router.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace dataplane_test {

using mgm::Event;
using mgm::Verdict;
using support::ipv4;
using support::ipv6;
using support::kGroup4;
using support::kGroup6;
using support::kSource4;
using support::kSource6;
using support::Octets;
using support::PacketBuilder;
using support::small_router;
using support::TestRouter;

struct PacketCase {
    std::string behaviour; ///< "DropsHeaderWithIhlBelowFive"
    PacketBuilder packet;
    Verdict verdict;
};
inline void PrintTo(const PacketCase &c, std::ostream *out) {
    *out << c.behaviour;
}

/// One packet violates one rule at most, so the verdict says which check saw it.
class PacketCases : public ::testing::TestWithParam<PacketCase> {
protected:
    void expect_verdict(const dataplane::Policy &policy = {}) const {
        const auto router = small_router(policy);

        EXPECT_EQ(router->verdict_of(GetParam().packet), GetParam().verdict);

        const std::size_t copies = GetParam().verdict == Verdict::kForwarded ? 1 : 0;
        EXPECT_EQ(router->sent(support::kPlainOif).size(), copies);
        EXPECT_EQ(router->sent(support::kTaggedOif).size(), copies);
    }
};

inline std::string behaviour_of(const ::testing::TestParamInfo<PacketCase> &info) {
    return info.param.behaviour;
}

/// A right packet that small_router() forwards.
inline PacketBuilder good4() {
    return ipv4(kSource4, kGroup4);
}
inline PacketBuilder good6() {
    return ipv6(kSource6, kGroup6);
}

} // namespace dataplane_test
