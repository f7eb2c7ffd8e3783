// SPDX-License-Identifier: BSD-3-Clause
// The table of codes in mgm-spec 2.0, a test a function: every code that a C program can provoke.
// Wrong handles: handles_test.cpp; without a router: c_api_test.cpp.
#include "tests/unit/client/scene.hpp"

#include <pthread.h>

namespace client_tests {
namespace {

constexpr DWORD kNobodys = 9;

PBYTE octets(std::vector<DWORD> &buffer) {
    return reinterpret_cast<PBYTE>(buffer.data());
}

/// Threads of this process cannot be made while it lives.
class NoThreads {
public:
    NoThreads() {
        pthread_getattr_default_np(&usual_);
        pthread_attr_t impossible;
        pthread_attr_init(&impossible);
        pthread_attr_setstacksize(&impossible, std::size_t{1} << 50);
        EXPECT_EQ(pthread_setattr_default_np(&impossible), 0);
        pthread_attr_destroy(&impossible);
    }
    ~NoThreads() {
        pthread_setattr_default_np(&usual_);
        pthread_attr_destroy(&usual_);
    }
    NoThreads(const NoThreads &) = delete;
    NoThreads &operator=(const NoThreads &) = delete;

private:
    pthread_attr_t usual_{};
};

class ErrorCodes : public Scene {
protected:
    static Options small() {
        Options options = patient();
        options.max_memberships = 1;
        options.max_links = 2;
        return options;
    }
    ErrorCodes() : Scene(small()) {}

    /// Inside a JOIN, and in an RPF.
    void inside_callbacks(const std::function<void(const std::string &)> &body) {
        A.inside(body);
        data(kS, kG2, kIf1);
        ASSERT_EQ(add(C, {.group = kG2}, kIf3), NO_ERROR);
        forget();
        A.inside(nullptr);
        ASSERT_EQ(remove(C, {.group = kG2}, kIf3), NO_ERROR);
        forget();
    }
    static MIB_IPMCAST_MFE which(DWORD source, DWORD group) {
        MIB_IPMCAST_MFE which{};
        which.dwSource = source;
        which.dwGroup = group;
        return which;
    }
};

TEST_F(ErrorCodes, Register) {
    HANDLE handle = nullptr;
    EXPECT_EQ(MgmRegisterMProtocol(&A.config, A.protocol, A.component, &handle),
              ERROR_ALREADY_EXISTS);
    inside_callbacks([&](const std::string &) {
        EXPECT_EQ(MgmRegisterMProtocol(&A.config, 0x815, 1, &handle), ERROR_CAN_NOT_COMPLETE);
    });
    EXPECT_EQ(MgmRegisterMProtocol(nullptr, 0x815, 1, &handle), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(handle, nullptr);
}

// 50012: what a client needs beside memory is a thread.
TEST_F(ErrorCodes, RegisterWithoutAThreadForTheClientEndsIn8AndTheRouterGoesOn) {
    HANDLE handle = nullptr;
    {
        const NoThreads none;
        EXPECT_EQ(MgmRegisterMProtocol(&A.config, 0x815, 1, &handle), ERROR_NOT_ENOUGH_MEMORY);
    }
    EXPECT_EQ(handle, nullptr);
    EXPECT_EQ(owner(kIf1), "A");
    EXPECT_EQ(MgmRegisterMProtocol(&A.config, 0x815, 1, &handle), NO_ERROR);
    EXPECT_EQ(MgmDeRegisterMProtocol(handle), NO_ERROR);
}

TEST_F(ErrorCodes, DeRegister) {
    EXPECT_EQ(MgmDeRegisterMProtocol(A), ERROR_CAN_NOT_COMPLETE) << "owns if1";
    EXPECT_EQ(MgmDeRegisterMProtocol(nullptr), ERROR_INVALID_PARAMETER);
    Program other("D", 0x815);
    ASSERT_EQ(other.open(), NO_ERROR);
    inside_callbacks([&](const std::string &) {
        EXPECT_EQ(MgmDeRegisterMProtocol(other), ERROR_CAN_NOT_COMPLETE);
    });
    EXPECT_EQ(MgmDeRegisterMProtocol(other), NO_ERROR);
}

TEST_F(ErrorCodes, Take) {
    EXPECT_EQ(take(A, kIf2), ERROR_ALREADY_EXISTS);
    EXPECT_EQ(take(A, kIf1), ERROR_ALREADY_EXISTS);
    EXPECT_EQ(take(nullptr, kIf4), ERROR_INVALID_PARAMETER);
    inside_callbacks(
        [&](const std::string &) { EXPECT_EQ(take(A, kIf4), ERROR_CAN_NOT_COMPLETE); });
    EXPECT_EQ(take(A, kIf4), NO_ERROR);
    EXPECT_EQ(take(A, kIf5), ERROR_NOT_ENOUGH_MEMORY);
    EXPECT_EQ(owner(kIf5), "nobody");
}

TEST_F(ErrorCodes, Release) {
    EXPECT_EQ(release(A, kNobodys), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(release(A, kIf2), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(release(A, kIf1, be("198.51.100.33")), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(release(I, kIf1), ERROR_INVALID_PARAMETER);
    inside_callbacks(
        [&](const std::string &) { EXPECT_EQ(release(A, kIf1), ERROR_CAN_NOT_COMPLETE); });
    EXPECT_EQ(release(A, kIf1), NO_ERROR);
    EXPECT_EQ(release(A, kIf1), ERROR_INVALID_PARAMETER);
}

TEST_F(ErrorCodes, GetProtocolOnInterface) {
    DWORD protocol = 5, component = 6;
    EXPECT_EQ(MgmGetProtocolOnInterface(kNobodys, 0, &protocol, &component), ERROR_NOT_FOUND);
    EXPECT_EQ(MgmGetProtocolOnInterface(kIf1, be("198.51.100.33"), &protocol, &component),
              ERROR_NOT_FOUND);
    EXPECT_EQ(MgmGetProtocolOnInterface(kIf1, 0, nullptr, &component), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(protocol, 5U);
    EXPECT_EQ(component, 6U);
}

TEST_F(ErrorCodes, Add) {
    for (const DWORD flags : {0U, 4U, 0x8000'0001U})
        EXPECT_EQ(add(A, {.group = kG}, kIf1, flags), ERROR_INVALID_PARAMETER) << flags;
    EXPECT_EQ(add(A, {.group = kG}, kIf2), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(add(A, {.group = kG}, kIf2, kForward), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(add(A, {.group = kG}, kNobodys), ERROR_INVALID_PARAMETER);
    inside_callbacks([&](const std::string &callback) {
        EXPECT_EQ(add(A, {.group = kG}, kIf1, kForward),
                  callback.starts_with("RPF") ? ERROR_CAN_NOT_COMPLETE : NO_ERROR);
    });
    EXPECT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    EXPECT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    EXPECT_EQ(add(A, {.group = kG2}, kIf1), ERROR_NOT_ENOUGH_MEMORY);
    expect({{B, {"J((*,G),TRUE)"}}, {C, {"J((*,G),TRUE)"}}});
}

TEST_F(ErrorCodes, Delete) {
    EXPECT_EQ(remove(A, {.group = kG}, kNobodys), ERROR_NOT_FOUND);
    EXPECT_EQ(remove(A, {.group = kG}, kIf1), ERROR_NOT_FOUND);
    EXPECT_EQ(remove(A, {.group = kG}, kIf1, kJoin | kForward), ERROR_NOT_FOUND);
    EXPECT_EQ(remove(A, {.group = kG}, kIf1, kForward), NO_ERROR);
    EXPECT_EQ(remove(A, {.group = kG}, kNobodys, kForward), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(remove(A, {.group = kG}, kIf2), ERROR_INVALID_PARAMETER);
    for (const DWORD flags : {0U, 4U, 0x8000'0001U})
        EXPECT_EQ(remove(A, {.group = kG}, kIf1, flags), ERROR_INVALID_PARAMETER) << flags;
    inside_callbacks([&](const std::string &callback) {
        EXPECT_EQ(remove(A, {.group = kG}, kIf1),
                  callback.starts_with("RPF") ? ERROR_CAN_NOT_COMPLETE : ERROR_NOT_FOUND);
    });
}

TEST_F(ErrorCodes, SetMfe) {
    data(kS, kG, kIf1);
    forget();
    MIB_IPMCAST_MFE mfe = which(kS, kG);
    mfe.dwUpStrmNgbr = be("10.0.0.77");
    EXPECT_EQ(MgmSetMfe(B, &mfe), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmSetMfe(A, nullptr), ERROR_INVALID_PARAMETER);
    inside_callbacks([&](const std::string &callback) {
        if (callback.starts_with("RPF")) {
            EXPECT_EQ(MgmSetMfe(A, &mfe), ERROR_CAN_NOT_COMPLETE);
        }
    });
    MIB_IPMCAST_MFE absent = which(kLost, kG);
    EXPECT_EQ(MgmSetMfe(A, &absent), ERROR_NOT_FOUND);
    MIB_IPMCAST_MFE found{};
    ASSERT_EQ(get(kS, kG, found), NO_ERROR);
    EXPECT_EQ(found.dwUpStrmNgbr, 0U);
    EXPECT_EQ(MgmSetMfe(A, &mfe), NO_ERROR);
    ASSERT_EQ(get(kS, kG, found), NO_ERROR);
    EXPECT_EQ(found.dwUpStrmNgbr, be("10.0.0.77"));
    expect({});
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): a list of expectations
TEST_F(ErrorCodes, GetMfeAndItsStatistics) {
    MIB_IPMCAST_MFE mfe = which(kS, kG);
    std::vector<DWORD> buffer(30);
    const auto get_stats = [](PMIB_IPMCAST_MFE key, PDWORD size, PBYTE at) {
        return MgmGetMfeStats(key, size, at, MGM_MFE_STATS_0);
    };
    DWORD (*const getters[])(PMIB_IPMCAST_MFE, PDWORD, PBYTE) = {MgmGetMfe, get_stats};
    for (const auto getter : getters) {
        DWORD size = 7;
        EXPECT_EQ(getter(&mfe, &size, octets(buffer)), ERROR_NOT_FOUND);
        EXPECT_EQ(size, 7U);
    }
    data(kS, kG, kIf1);
    forget();
    for (const auto getter : getters) {
        DWORD size = 59;
        EXPECT_EQ(getter(&mfe, &size, octets(buffer)), ERROR_INSUFFICIENT_BUFFER);
        const DWORD needed = size;
        EXPECT_EQ(needed, getter == MgmGetMfe ? 60U : 64U) << "no OIF";
        size = needed - 1;
        EXPECT_EQ(getter(&mfe, &size, octets(buffer)), ERROR_INSUFFICIENT_BUFFER);
        EXPECT_EQ(getter(&mfe, &size, octets(buffer)), NO_ERROR);
        EXPECT_EQ(size, needed);
        EXPECT_EQ(getter(&mfe, &size, nullptr), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(getter(nullptr, &size, octets(buffer)), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(getter(&mfe, nullptr, octets(buffer)), ERROR_INVALID_PARAMETER);
    }
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): a list of expectations
TEST_F(ErrorCodes, ListsAndTheirStatistics) {
    data(kS, kG, kIf1);
    data(kS, kG2, kIf1);
    forget();
    std::vector<DWORD> buffer(40);
    const auto first_stats = [](PDWORD size, PBYTE at, PDWORD count) {
        return MgmGetFirstMfeStats(size, at, count, MGM_MFE_STATS_1);
    };
    const auto next_stats = [](PMIB_IPMCAST_MFE start, PDWORD size, PBYTE at, PDWORD count) {
        return MgmGetNextMfeStats(start, size, at, count, MGM_MFE_STATS_1);
    };
    struct {
        DWORD (*first)(PDWORD, PBYTE, PDWORD);
        DWORD (*next)(PMIB_IPMCAST_MFE, PDWORD, PBYTE, PDWORD);
        DWORD entry;
    } const lists[] = {{MgmGetFirstMfe, MgmGetNextMfe, 60}, {first_stats, next_stats, 84}};
    for (const auto &list : lists) {
        DWORD size = list.entry, count = 77;
        EXPECT_EQ(list.first(&size, octets(buffer), &count), ERROR_MORE_DATA);
        EXPECT_EQ(count, 1U);
        MIB_IPMCAST_MFE start = which(kS, kG);
        EXPECT_EQ(list.next(&start, &size, octets(buffer), &count), ERROR_NO_MORE_ITEMS);
        EXPECT_EQ(count, 1U);
        EXPECT_EQ(size, list.entry);
        size = list.entry - 1;
        EXPECT_EQ(list.next(&start, &size, octets(buffer), &count), ERROR_INSUFFICIENT_BUFFER);
        EXPECT_EQ(size, list.entry);
        EXPECT_EQ(count, 0U);
        start = which(kS, kG2);
        EXPECT_EQ(list.next(&start, &size, octets(buffer), &count), ERROR_NO_MORE_ITEMS);
        EXPECT_EQ(count, 0U);
        EXPECT_EQ(list.first(&size, octets(buffer), nullptr), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(list.next(nullptr, &size, octets(buffer), &count), ERROR_INVALID_PARAMETER);
    }
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): a list of expectations
TEST_F(ErrorCodes, GroupEnumeration) {
    HANDLE enumeration = nullptr;
    EXPECT_EQ(MgmGroupEnumerationStart(A, static_cast<MGM_ENUM_TYPES>(2), &enumeration),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGroupEnumerationStart(A, ALL_SOURCES, nullptr), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(enumeration, nullptr);
    ASSERT_EQ(add(A, {.group = kG}, kIf1), NO_ERROR);
    ASSERT_EQ(add(B, {.group = kG2}, kIf2), NO_ERROR);
    forget();
    ASSERT_EQ(MgmGroupEnumerationStart(A, ALL_SOURCES, &enumeration), NO_ERROR);
    std::vector<DWORD> buffer(4);
    DWORD size = 15, count = 77;
    const auto next = [&] {
        return MgmGroupEnumerationGetNext(enumeration, &size, octets(buffer), &count);
    };
    EXPECT_EQ(next(), ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, 16U);
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(next(), ERROR_MORE_DATA);
    EXPECT_EQ(count, 1U);
    EXPECT_EQ(next(), ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 1U);
    EXPECT_EQ(next(), ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(MgmGroupEnumerationGetNext(enumeration, &size, nullptr, &count),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGroupEnumerationEnd(enumeration), NO_ERROR);
    EXPECT_EQ(MgmGroupEnumerationEnd(enumeration), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(next(), ERROR_INVALID_PARAMETER);
}

} // namespace
} // namespace client_tests
