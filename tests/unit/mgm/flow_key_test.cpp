// SPDX-License-Identifier: BSD-3-Clause
#include "table_fixture.hpp"

namespace mgm_test {
namespace {

TEST(AnyFlow, CarriesAKeyOfEitherFamilyThereAndBack) {
    const auto four = flow4("10.7.0.1", "225.1.2.3", 4711);
    const auto six = flow6("2001:db8::7", "ff1e::3:7", 13);
    EXPECT_EQ(any_flow(four).family, Family::kIpv4);
    EXPECT_EQ(any_flow(six).family, Family::kIpv6);
    EXPECT_EQ(flow_key<Family::kIpv4>(any_flow(four)), four);
    EXPECT_EQ(flow_key<Family::kIpv6>(any_flow(six)), six);
    EXPECT_EQ(any_flow(four).source, address("10.7.0.1").octets()) << "the others are zero";
    EXPECT_EQ(any_flow(four).group, address("225.1.2.3").octets());
}

} // namespace
} // namespace mgm_test
