// SPDX-License-Identifier: BSD-3-Clause
// Parameters that are refused (T27, 1.4), handles that are nobody's (2.2), and which of two faults
// is named (8.4).
#include "manager_harness.hpp"

#include <fmt/format.h>

#include <array>

namespace control::manager::test {
namespace {

using ::testing::IsEmpty;

struct Refused {
    std::string why;
    std::string source;
    std::string group;
    std::uint32_t flags = kJoinState;
};

TEST_F(ManagerTest, T27_RangesAndOtherImpossibleKeysAreRefused) {
    const std::vector<Refused> table = {
        {"source range", "10.0.0.0/24", "239.1.1.1/32"},
        {"source almost a host", "10.0.0.4/31", "239.1.1.1/32"},
        {"group range", "0.0.0.0/0", "239.0.0.0/8"},
        {"(S,*)", "10.0.0.5/32", "0.0.0.0/0"},
        {"group is unicast", "0.0.0.0/0", "10.1.1.1/32"},
        {"group is limited broadcast", "0.0.0.0/0", "255.255.255.255/32"},
        {"group just below class D", "0.0.0.0/0", "223.255.255.255/32"},
        {"group just above class D", "0.0.0.0/0", "240.0.0.0/32"},
        {"A23: link-local group", "0.0.0.0/0", "224.0.0.251/32"},
        {"wildcard source with a host mask", "0.0.0.0/32", "239.1.1.1/32"},
        {"wildcard group with a host mask", "0.0.0.0/0", "0.0.0.0/32"},
        {"source without its mask", "10.0.0.5/0", "239.1.1.1/32"},
        {"group without its mask", "0.0.0.0/0", "239.1.1.1/0"},
        {"group of another family", "0.0.0.0/0", "ff3e::8000:1/128"},
        {"source of another family", "2001:db8::5/128", "239.1.1.1/32"},
        {"no flag", "0.0.0.0/0", "239.1.1.1/32", 0},
        {"unknown flag", "0.0.0.0/0", "239.1.1.1/32", 4},
        {"unknown flag beside known ones", "0.0.0.0/0", "239.1.1.1/32", 7},
    };
    for (const Refused &row : table) {
        SCOPED_TRACE(row.why);
        const Membership membership{.source = prefix(row.source),
                                    .group = prefix(row.group),
                                    .link = if1,
                                    .flags = row.flags};
        EXPECT_EQ(add(A, membership), kInvalidParameter);
        EXPECT_EQ(remove(A, membership), kInvalidParameter);
    }
    EXPECT_THAT(groups(), IsEmpty());
    expect({});
}

TEST_F(ManagerTest, T27_FirstAndLastGroupsThatAreForwarded) {
    for (const char *group : {"224.0.1.0", "239.255.255.255"})
        given_member(C, sg(S2, ip(group)), if3);
}

// 7.2: source-specific groups have no wildcard (RFC 4607).
TEST_F(ManagerTest, S7_2_SourceSpecificGroupsTakeSourcesOnly) {
    const mgm::IpAddress group = ip("232.1.1.9");
    EXPECT_EQ(add(B, any(group), if2), kInvalidParameter);
    EXPECT_EQ(update(B, group, if2, FilterMode::kExclude, {}), kInvalidParameter);
    given_member(B, any_group(), if2);
    given_entry(S, group, if1);
    EXPECT_EQ(forwarding(S, group), "if1 -> nothing");

    EXPECT_EQ(add(B, sg(S, group), if2), kOk);
    EXPECT_EQ(forwarding(S, group), "if1 -> if2");
    expect({"A: J((S,232.1.1.9),TRUE)", "A: J((S,232.1.1.9),FALSE)"});
}

TEST_F(ManagerTest, R8_24_UpdatesWithImpossibleParametersAreRefused) {
    const std::vector<mgm::IpAddress> none;
    for (const char *group : {"0.0.0.0", "10.1.1.1", "224.0.0.251", "ff3e::8000:1"})
        EXPECT_EQ(update(A, ip(group), if1, FilterMode::kExclude, none), kInvalidParameter)
            << group;
    for (const char *source : {"0.0.0.0", "2001:db8::5"})
        EXPECT_EQ(update(A, G, if1, FilterMode::kInclude, {S, ip(source)}), kInvalidParameter)
            << source;
    EXPECT_EQ(update(A, G, if1, static_cast<FilterMode>(2), none), kInvalidParameter);
    EXPECT_EQ(update(A, G, if2, FilterMode::kExclude, none), kInvalidParameter);
    EXPECT_EQ(update(A, G, if4, FilterMode::kExclude, none), kInvalidParameter);
    EXPECT_THAT(groups(), IsEmpty());
    expect({});
}

TEST_F(ManagerTest, S2_2_HandlesThatAreNobodysGet87AndNothingElse) {
    Client stale = routing("D", 5);
    given_client(stale);
    EXPECT_EQ(deregister(stale), kOk);
    const Handle enumeration = start_enumeration(A).handle();
    given_entry(S, G, if1);
    const std::string before = snapshot();

    for (const Handle bad :
         {Handle{}, stale.handle, enumeration, Handle{0xdead'beef'0000'0025}, Handle{~0ULL},
          Handle{static_cast<std::uint64_t>(A.handle) ^ (1ULL << 63)},
          Handle{static_cast<std::uint64_t>(A.handle) ^ (1ULL << 32)}}) {
        SCOPED_TRACE(fmt::format("{:#x}", static_cast<std::uint64_t>(bad)));
        EXPECT_EQ(deregister(bad), kInvalidParameter);
        EXPECT_EQ(take(bad, if4), kInvalidParameter);
        EXPECT_EQ(release(bad, if1), kInvalidParameter);
        EXPECT_EQ(add(bad, any(G), if1), kInvalidParameter);
        EXPECT_EQ(remove(bad, any(G), if1), kInvalidParameter);
        EXPECT_EQ(update(bad, G, if1, FilterMode::kExclude, {}), kInvalidParameter);
        EXPECT_EQ(start_enumeration(bad), kInvalidParameter);
        EXPECT_EQ(set_upstream(bad, sg(S, G), ip("10.0.0.77")), kInvalidParameter);
        client_ended(bad);
        manager->returned(bad, CallbackId{1}, std::monostate{}, now);
    }
    std::size_t count = 0;
    std::array<SourceGroup, 1> page;
    for (const Handle bad : {Handle{}, A.handle, stale.handle, Handle{0xdead'beef'0000'0025}}) {
        EXPECT_EQ(manager->next_groups(bad, page, count), kInvalidParameter);
        EXPECT_EQ(manager->end_enumeration(bad), kInvalidParameter);
    }
    expect({});
    EXPECT_EQ(snapshot(), before);
}

// Handle 87, context 1003, parameters 87, transaction 1003 or wait, link unknown, ownership 87,
// entry 1168.
TEST_F(ManagerTest, R8_04_FirstFaultInTheOrderOfChecksDecides) {
    const Key range = {.vrf = {}, .group = ip("10.1.1.1"), .source = ip("0.0.0.0")};

    inside = CallbackKind::kEnableIgmp;
    EXPECT_EQ(add(Handle{}, range, if1), kInvalidParameter) << "handle before context";
    EXPECT_EQ(add(A, range, if1), kCanNotComplete) << "context before parameters";
    EXPECT_EQ(take(B, if1), kCanNotComplete) << "context before ownership";
    EXPECT_EQ(set_upstream(Handle{}, sg(S, G), S), kInvalidParameter) << "handle before context";
    EXPECT_EQ(set_upstream(A, sg(S, G), S), kCanNotComplete) << "context before entry";
    Client twin = routing("twin", 3);
    EXPECT_EQ(register_client(twin), kCanNotComplete) << "context before identity";
    inside.reset();

    EXPECT_EQ(remove(B, range, if4), kInvalidParameter) << "parameters before link";
    EXPECT_EQ(remove(B, any(G), if4), kNotFound) << "unknown link";
    EXPECT_EQ(remove(B, any(G), if1), kInvalidParameter) << "ownership before entry";
    expect({});
}

TEST_F(ManagerTest, R8_04_TransactionComesAfterParametersAndBeforeTheRest) {
    given_owner(I, if4);
    keeps_still(I, CallbackKind::kDisableIgmp);
    const Outcome taking = take(A, if4);
    expect({"I: DISABLE(if4)"});

    EXPECT_EQ(add(I, any(ip("10.1.1.1")), if4), kInvalidParameter);
    EXPECT_EQ(remove(I, any(G), if4), kCanNotComplete) << "no such entry, but in a transaction";
    EXPECT_TRUE(remove(B, any(G), if4).waits()) << "neither owner nor entry, but in a transaction";

    answer(I, CallbackKind::kDisableIgmp);
    EXPECT_EQ(taking, kOk);
    expect({"I: ENABLE(if4)"});
}

TEST_F(ManagerTest, S2_8_NeighbourIsAllThatSetMfeChanges) {
    given_member(B, any(G), if2);
    given_entry(S, G, if1);
    const EntryInfo before = info(S, G);

    EXPECT_EQ(set_upstream(A, sg(S, G), ip("10.0.0.77")), kOk);

    EXPECT_EQ(info(S, G).upstream, ip("10.0.0.77"));
    EXPECT_EQ(info(S, G).in, before.in);
    EXPECT_EQ(info(S, G).oifs, before.oifs);
    EXPECT_EQ(set_upstream(A, sg(S, G), ip("2001:db8::1")), kInvalidParameter);
    EXPECT_EQ(set_upstream(I, sg(S, G), ip("10.0.0.78")), kInvalidParameter);
    EXPECT_EQ(info(S, G).upstream, ip("10.0.0.77"));
    expect({});
}

} // namespace
} // namespace control::manager::test
