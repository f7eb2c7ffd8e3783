// SPDX-License-Identifier: BSD-3-Clause
// mgm.h: words, codes, handles, groups. What the calls mean is tested at the manager; here it is
// that C programs see it so.
#include "tests/unit/client/c_program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>

namespace client_tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(CApi, GroupsAreEnumeratedInSmallBuffers) {
    HANDLE client = open(77);
    ASSERT_EQ(MgmTakeInterfaceOwnership(client, kOut, 0), NO_ERROR);
    ASSERT_EQ(join(client, 0, 0, kOut), NO_ERROR);
    ASSERT_EQ(join(client, 0, word("239.1.1.1"), kOut), NO_ERROR);
    ASSERT_EQ(join(client, word("10.0.0.5"), word("239.1.1.1"), kOut), NO_ERROR);
    HANDLE all = nullptr;
    ASSERT_EQ(MgmGroupEnumerationStart(client, ALL_SOURCES, &all), NO_ERROR);
    std::array<SOURCE_GROUP_ENTRY, 2> records{};
    auto *buffer = reinterpret_cast<PBYTE>(records.data());
    std::vector<std::string> found;
    const auto take = [&](DWORD count) {
        for (DWORD i = 0; i < count; ++i)
            found.push_back(fmt::format("({},{})",
                                        text(records[i].dwSourceAddr, records[i].dwSourceMask),
                                        text(records[i].dwGroupAddr, records[i].dwGroupMask)));
    };
    DWORD size = 15, count = 9;
    EXPECT_EQ(MgmGroupEnumerationGetNext(all, &size, buffer, &count), ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, 16U);
    EXPECT_EQ(count, 0U);
    size = 47; // two and a bit
    ASSERT_EQ(MgmGroupEnumerationGetNext(all, &size, buffer, &count), ERROR_MORE_DATA);
    take(count);
    ASSERT_EQ(MgmGroupEnumerationGetNext(all, &size, buffer, &count), ERROR_NO_MORE_ITEMS);
    take(count);
    EXPECT_THAT(found, UnorderedElementsAre("(*,*)", "(*,239.1.1.1)", "(10.0.0.5,239.1.1.1)"));
    size = 0;
    EXPECT_EQ(MgmGroupEnumerationGetNext(all, &size, nullptr, &count), ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 0U);
}

TEST_F(CApi, AnEnumerationThatEndedIsNobodys) {
    HANDLE all = nullptr;
    ASSERT_EQ(MgmGroupEnumerationStart(open(77), ALL_SOURCES, &all), NO_ERROR);
    EXPECT_EQ(MgmGroupEnumerationEnd(all), NO_ERROR);
    EXPECT_EQ(MgmGroupEnumerationEnd(all), ERROR_INVALID_PARAMETER);
    DWORD size = 0, count = 0;
    EXPECT_EQ(MgmGroupEnumerationGetNext(all, &size, nullptr, &count), ERROR_INVALID_PARAMETER);
}

TEST_F(CApi, MasksMustBeHostMasksOrGoWithAWildcard_T27) {
    HANDLE client = open(77);
    ASSERT_EQ(MgmTakeInterfaceOwnership(client, kOut, 0), NO_ERROR);
    struct {
        DWORD source, source_mask, group, group_mask;
    } const wrong[] = {
        {0, 0, word("239.0.0.0"), word("255.0.0.0")},
        {word("10.0.0.0"), word("255.255.255.0"), word("239.1.1.1"), kHost},
        {word("10.0.0.5"), 0, word("239.1.1.1"), kHost},
        {0, kHost, word("239.1.1.1"), kHost},
        {0, 0, 0, kHost},
        {0, 0, word("239.1.1.1"), 0},
        {word("10.0.0.5"), kHost, 0, 0},
        {0, 0, word("10.1.1.1"), kHost},
        {0, 0, word("224.0.0.251"), kHost},
        {0, 0, word("232.1.1.1"), kHost},
    };
    for (const auto &w : wrong)
        EXPECT_EQ(MgmAddGroupMembershipEntry(client, w.source, w.source_mask, w.group, w.group_mask,
                                             kOut, 0, MGM_JOIN_STATE_FLAG),
                  ERROR_INVALID_PARAMETER)
            << text(w.source, w.source == 0 ? 0 : kHost) << " "
            << text(w.group, w.group == 0 ? 0 : kHost);
    for (const DWORD flags : {0U, 4U, 0x80000001U})
        EXPECT_EQ(
            MgmAddGroupMembershipEntry(client, 0, 0, word("239.1.1.1"), kHost, kOut, 0, flags),
            ERROR_INVALID_PARAMETER);
}

TEST_F(CApi, IgmpIsKnownByItsProtocolId_A1) {
    config.pfnDisableIgmpCallback = on_igmp;
    HANDLE handle = nullptr;
    EXPECT_EQ(MgmRegisterMProtocol(&config, 0xbeef0000U | PROTO_IP_IGMP, 1, &handle),
              ERROR_INVALID_PARAMETER)
        << "without ENABLE";
    EXPECT_EQ(handle, nullptr);
    config.pfnEnableIgmpCallback = on_igmp;
    config.pfnJoinAlertCallback = nullptr;
    HANDLE igmp = open(0xbeef0000U | PROTO_IP_IGMP);
    config.pfnJoinAlertCallback = on_join;
    HANDLE pim = open(77);
    ASSERT_EQ(MgmTakeInterfaceOwnership(igmp, kOut, 0), NO_ERROR);
    ASSERT_EQ(MgmTakeInterfaceOwnership(pim, kOut, 0), NO_ERROR);
    ASSERT_EQ(join(igmp, 0, word("239.1.1.1"), kOut), NO_ERROR);
    EXPECT_THAT(flushed(), ElementsAre("IGMP 32", "IGMP 32", "LOCAL_JOIN (*,239.1.1.1) 32"));
    DWORD protocol = 0, component = 0;
    EXPECT_EQ(MgmGetProtocolOnInterface(kOut, 0, &protocol, &component), NO_ERROR);
    EXPECT_EQ(protocol, 77U);
}

TEST_F(CApi, OutputsAreUntouchedOnFailure) {
    HANDLE handle = &config;
    (void)open(77);
    EXPECT_EQ(MgmRegisterMProtocol(&config, 77, 1, &handle), ERROR_ALREADY_EXISTS);
    config.dwCallbackFlags = 1;
    EXPECT_EQ(MgmRegisterMProtocol(&config, 78, 1, &handle), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(handle, &config);
    DWORD protocol = 5, component = 6;
    EXPECT_EQ(MgmGetProtocolOnInterface(kOut, 0, &protocol, &component), ERROR_NOT_FOUND);
    EXPECT_EQ(protocol, 5U);
    EXPECT_EQ(component, 6U);
}

TEST_F(CApi, NullPointersAreInvalidParameters) {
    HANDLE client = open(77), enumeration = nullptr;
    ASSERT_EQ(MgmGroupEnumerationStart(client, ANY_SOURCE, &enumeration), NO_ERROR);
    DWORD word_out = 0;
    HANDLE out = nullptr;
    EXPECT_EQ(MgmRegisterMProtocol(nullptr, 79, 1, &out), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmRegisterMProtocol(&config, 79, 1, nullptr), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGroupEnumerationStart(client, ALL_SOURCES, nullptr), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetProtocolOnInterface(kOut, 0, nullptr, &word_out), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetProtocolOnInterface(kOut, 0, &word_out, nullptr), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetFirstMfe(nullptr, nullptr, &word_out), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetFirstMfe(&word_out, nullptr, nullptr), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetNextMfe(nullptr, &word_out, nullptr, &word_out), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetMfe(nullptr, &word_out, nullptr), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmSetMfe(client, nullptr), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGroupEnumerationGetNext(enumeration, nullptr, nullptr, &word_out),
              ERROR_INVALID_PARAMETER);
    EXPECT_THAT(flushed(), IsEmpty());
}

TEST(CApiUnbound, EveryCallCanNotComplete) {
    ROUTING_PROTOCOL_CONFIG config{};
    MIB_IPMCAST_MFE which{};
    HANDLE handle = nullptr;
    DWORD size = 0, count = 0;
    EXPECT_EQ(MgmRegisterMProtocol(&config, 77, 1, &handle), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmDeRegisterMProtocol(handle), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmTakeInterfaceOwnership(handle, 1, 0), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmReleaseInterfaceOwnership(handle, 1, 0), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGetProtocolOnInterface(1, 0, &size, &count), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmAddGroupMembershipEntry(handle, 0, 0, 0, 0, 1, 0, 1), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmDeleteGroupMembershipEntry(handle, 0, 0, 0, 0, 1, 0, 1), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmSetMfe(handle, &which), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGetMfe(&which, &size, nullptr), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGetFirstMfe(&size, nullptr, &count), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGetNextMfe(&which, &size, nullptr, &count), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGetMfeStats(&which, &size, nullptr, 1), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGetFirstMfeStats(&size, nullptr, &count, 1), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGetNextMfeStats(&which, &size, nullptr, &count, 1), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGroupEnumerationStart(handle, ALL_SOURCES, &handle), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGroupEnumerationGetNext(handle, &size, nullptr, &count), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmGroupEnumerationEnd(handle), ERROR_CAN_NOT_COMPLETE);
    EXPECT_EQ(MgmExtFlush(), ERROR_CAN_NOT_COMPLETE);
}

} // namespace
} // namespace client_tests
