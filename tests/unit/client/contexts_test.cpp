// SPDX-License-Identifier: BSD-3-Clause
// Which calls of mgm.h may be made inside which callback (the table in mgm-spec 1.8), and which
// fault is told first (8.4).
#include "tests/unit/client/scene.hpp"

#include <map>
#include <set>
#include <string_view>
#include <thread>

namespace client_tests {
namespace {

constexpr DWORD kHostMask = 0xffff'ffff;
const DWORD kOther = be("239.9.9.9");

/// What calls returned.
using Codes = std::map<std::string, DWORD>;

class Contexts : public Scene {
protected:
    /// By `client`, which holds `interface`; those that are allowed change nothing.
    Codes codes_of_all_calls(HANDLE client, DWORD interface) {
        Codes codes = codes_of_getters(client, interface);
        const HANDLE nobody = reinterpret_cast<HANDLE>(0x1234);
        ROUTING_PROTOCOL_CONFIG config{};
        HANDLE handle = nullptr;
        codes["Register"] = MgmRegisterMProtocol(&config, 0x815, 1, &handle);
        codes["DeRegister"] = MgmDeRegisterMProtocol(client);
        codes["DeRegister another"] = MgmDeRegisterMProtocol(bystander);
        codes["DeRegister nobody"] = MgmDeRegisterMProtocol(nobody);
        codes["Take"] = take(client, 9);
        codes["Take for nobody"] = take(nobody, 9);
        codes["Release"] = release(client, interface);
        codes["Release for nobody"] = release(nobody, interface);
        codes["Add"] = add(client, {.source = kLost, .group = kOther}, interface, kForward);
        codes["Add a range"] =
            MgmAddGroupMembershipEntry(client, 0, 0, kOther, be("255.0.0.0"), interface, 0, kJoin);
        codes["Add for nobody"] = add(nobody, {.group = kOther}, interface);
        codes["Delete"] = remove(client, {.group = kOther}, interface);
        codes["Delete for nobody"] = remove(nobody, {.group = kOther}, interface);
        MIB_IPMCAST_MFE which{};
        which.dwGroup = kOther;
        which.dwSource = kS;
        codes["SetMfe"] = MgmSetMfe(client, &which);
        codes["SetMfe for nobody"] = MgmSetMfe(nobody, &which);
        codes["Flush"] = MgmExtFlush();
        return codes;
    }

    static Codes codes_of_getters(HANDLE client, DWORD interface) {
        Codes codes;
        DWORD protocol = 0, component = 0, size = 0, count = 0;
        codes["GetProtocolOnInterface"] =
            MgmGetProtocolOnInterface(interface, 0, &protocol, &component);
        MIB_IPMCAST_MFE last{}; // behind all that there are
        last.dwGroup = last.dwSource = kHostMask;
        codes["GetMfe"] = MgmGetMfe(&last, &size, nullptr);
        codes["GetMfeStats"] = MgmGetMfeStats(&last, &size, nullptr, MGM_MFE_STATS_1);
        codes["GetNextMfe"] = MgmGetNextMfe(&last, &size, nullptr, &count);
        codes["GetNextMfeStats"] =
            MgmGetNextMfeStats(&last, &size, nullptr, &count, MGM_MFE_STATS_0);
        HANDLE enumeration = nullptr;
        codes["EnumerationStart"] = MgmGroupEnumerationStart(client, ALL_SOURCES, &enumeration);
        std::array<SOURCE_GROUP_ENTRY, 31> records{};
        size = sizeof records;
        codes["EnumerationGetNext"] = MgmGroupEnumerationGetNext(
            enumeration, &size, reinterpret_cast<PBYTE>(records.data()), &count);
        codes["EnumerationEnd"] = MgmGroupEnumerationEnd(enumeration);
        return codes;
    }

    static Codes expected_inside(const std::string &kind) {
        Codes codes = {
            {"GetProtocolOnInterface", NO_ERROR},
            {"GetMfe", ERROR_NOT_FOUND},
            {"GetMfeStats", ERROR_NOT_FOUND},
            {"GetNextMfe", ERROR_NO_MORE_ITEMS},
            {"GetNextMfeStats", ERROR_NO_MORE_ITEMS},
            {"EnumerationStart", NO_ERROR},
            {"EnumerationGetNext", ERROR_NO_MORE_ITEMS},
            {"EnumerationEnd", NO_ERROR},
            {"Add", NO_ERROR},
            {"Add a range", ERROR_INVALID_PARAMETER},
            {"Delete", ERROR_NOT_FOUND},
            {"SetMfe", ERROR_NOT_FOUND},
        };
        for (const char *never :
             {"Register", "DeRegister", "DeRegister another", "Take", "Release", "Flush"})
            codes[never] = ERROR_CAN_NOT_COMPLETE;
        for (const char *first : {"DeRegister nobody", "Take for nobody", "Release for nobody",
                                  "Add for nobody", "Delete for nobody", "SetMfe for nobody"})
            codes[first] = ERROR_INVALID_PARAMETER;
        if (kind == "RPF" || kind == "CREATION" || kind == "DISABLE" || kind == "ENABLE")
            for (const char *call : {"Add", "Add a range", "Delete", "SetMfe"})
                codes[call] = ERROR_CAN_NOT_COMPLETE;
        return codes;
    }

    /// Something of every kind of callback is told.
    void tell_everything() {
        EXPECT_EQ(take(I, kIf2), NO_ERROR);
        EXPECT_EQ(add(I, {.group = kG}, kIf2), NO_ERROR);    // LJ, J
        EXPECT_EQ(remove(I, {.group = kG}, kIf2), NO_ERROR); // LL, P
        EXPECT_EQ(add(C, {.group = kG}, kIf3), NO_ERROR);
        data(kS, kG, kIf1); // RPF, CREATION, J FALSE
        forget();           // it is there before the next packet
        data_on_wrong_interface(kS, kG, kIf2);
        data(kS, kG2, kIf1); // P FALSE
        EXPECT_EQ(take(I, kIf4), NO_ERROR);
        EXPECT_EQ(take(A, kIf4), NO_ERROR); // DISABLE, ENABLE
        forget();
    }

    Program bystander{"bystander", 0x4711};
};

TEST_F(Contexts, CallsInsideCallbacks_R8_4) {
    ASSERT_EQ(bystander.open(), NO_ERROR);
    std::mutex mutex;
    std::map<std::string, Codes> found; // by callback
    const auto record = [&](const Program &client, DWORD interface) {
        return [&, interface](const std::string &callback) {
            Codes codes = codes_of_all_calls(client, interface);
            const std::scoped_lock lock(mutex);
            found[client.name + ": " + callback] = std::move(codes);
        };
    };
    A.inside(record(A, kIf1));
    B.inside(record(B, kIf2));
    C.inside(record(C, kIf3));
    I.inside(record(I, kIf2));

    tell_everything();

    const std::scoped_lock lock(mutex);
    std::set<std::string> kinds;
    for (const auto &[callback, codes] : found) {
        const std::size_t begin = callback.find(' ') + 1;
        const std::string kind = callback.substr(begin, callback.find('(') - begin);
        kinds.insert(kind);
        EXPECT_EQ(codes, expected_inside(kind)) << callback;
    }
    EXPECT_THAT(kinds, ::testing::ElementsAre("CREATION", "DISABLE", "ENABLE", "J", "LJ", "LL", "P",
                                              "RPF", "WRONG_IF"));
}

TEST_F(Contexts, OtherThreadsOfAClientAreNeverInside_R8_4) {
    A.hold("RPF");
    data(kS, kG, kIf1);
    A.wait_until_held();

    EXPECT_EQ(add(A, {.group = kOther}, kIf1), NO_ERROR);
    EXPECT_EQ(take(A, 9), NO_ERROR);
    EXPECT_EQ(release(A, 9), NO_ERROR);

    A.let_go();
    forget();
}

TEST_F(Contexts, ARefusedCallInsideACallbackLeavesNothing_R8_4) {
    A.inside([&](const std::string &callback) {
        if (!callback.starts_with("RPF"))
            return;
        EXPECT_EQ(add(A, {.group = kOther}, kIf1), ERROR_CAN_NOT_COMPLETE);
        EXPECT_EQ(release(A, kIf1), ERROR_CAN_NOT_COMPLETE);
        EXPECT_EQ(take(A, kIf4), ERROR_CAN_NOT_COMPLETE);
    });
    data(kS, kG, kIf1);

    expect({{A, {"RPF((S,G),if1)", "P((S,G),if1,FALSE,900)"}}});
    EXPECT_THAT(groups(A), ::testing::IsEmpty());
    EXPECT_EQ(owner(kIf1), "A");
    EXPECT_EQ(owner(kIf4), "nobody");
}

} // namespace
} // namespace client_tests
