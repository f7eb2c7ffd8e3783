// SPDX-License-Identifier: BSD-3-Clause
// The scene of mgm-spec 5 "Setup" as C programs make it: A, B, C and IGMP, each with functions of
// its own that write down what they are called with. A test makes calls of mgm.h and then says with
// expect() what each client was told, all of it and in its order; of order between clients only
// what mgm-spec 8.19 promises may be asserted. What nobody listed fails the test.
//
// Time limits are an hour, so that no machine is too slow; a test that wants one to end sets its
// own.
#pragma once

#include "control/client/include/mgm.h"
#include "control/client/include/mgm_ext.h"
#include "control/client/include/routprot.h"
#include "tests/unit/client/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace client_tests {

// Far apart, past 64 and past 65,536.
inline constexpr DWORD kIf1 = 3, kIf2 = 37, kIf3 = 64, kIf4 = 1000, kIf5 = 70'001;
inline constexpr DWORD kJoin = MGM_JOIN_STATE_FLAG, kForward = MGM_FORWARD_STATE_FLAG;

DWORD be(const char *address); ///< network byte order
inline const DWORD kG = be("239.1.1.1"), kG2 = be("239.1.1.2");
inline const DWORD kS = be("10.0.0.5");      // reached through if1
inline const DWORD kS2 = be("10.0.2.6");     // through if2
inline const DWORD kLost = be("192.0.2.77"); // no route

std::string dotted(DWORD address);
/// "S", "G2"; one that has no name, dotted; "*" for 0 with mask 0. Any other mask but that of a
/// host fails the test.
std::string name_of(DWORD address, DWORD mask = 0xffff'ffff);
std::string name_of_link(DWORD interface, DWORD next_hop = 0); ///< "if5"

/// Whom a membership is for; 0 is "any".
struct Flow {
    DWORD source = 0;
    DWORD group = 0;
};

/// A client of mgm.h: its functions, what they were called with, what they answer. mgm.h's
/// functions have no context, so each of these takes one of a fixed number of sets of them.
///
/// A callback is written "J((*,G),TRUE)", "P((S,G),if1,FALSE,900)", "LJ((*,G),if4)", "LL(…)",
/// "RPF((S,G),if1)", "CREATION((S,G),if1,[if2,if3+IGMP])", "WRONG_IF((S,G),if2)", "DISABLE(if4)".
class Program {
public:
    explicit Program(std::string name, DWORD protocol, DWORD component = 1);
    ~Program(); ///< when no function of it runs any more
    Program(const Program &) = delete;
    Program &operator=(const Program &) = delete;

    /// Registers, with `config`.
    DWORD open();
    // Not explicit: calls read take(A, kIf1).
    operator HANDLE() const { return handle; }

    const std::string name;
    const DWORD protocol;
    const DWORD component;
    HANDLE handle = nullptr;
    const ROUTING_PROTOCOL_CONFIG functions; ///< all of them
    ROUTING_PROTOCOL_CONFIG config;          ///< those to register; of IGMP DISABLE and ENABLE

    /// Callbacks that begin so do not return until let_go(), and those that were held before do.
    void hold(const std::string &beginning);
    void wait_until_held();
    void let_go();
    /// Runs inside each callback, after it was held.
    void inside(std::function<void(const std::string &callback)> body);
    void answers_rpf(DWORD interface);
    void vetoes(std::set<DWORD> interfaces);
    void answers_prune(DWORD seconds);

    [[nodiscard]] std::vector<std::string> take_told(); ///< since the last time

private:
    friend struct Answers;
    static ROUTING_PROTOCOL_CONFIG take_functions(Program *program);
    void called(const std::string &callback);

    std::mutex mutex_; ///< of all that follows
    std::condition_variable changed_;
    std::vector<std::string> told_;
    std::string to_hold_; ///< none: empty
    std::string held_;    ///< the callback that is held now
    bool is_in_callback_ = false;
    std::function<void(const std::string &)> inside_;
    std::optional<DWORD> rpf_;
    std::set<DWORD> vetoed_;
    std::optional<DWORD> timeout_;
};

/// All that there are now.
std::vector<Program *> all_programs();

/// What a client was told.
struct Told {
    const Program &client;
    std::vector<std::string> callbacks;
};

class Scene : public ::testing::Test {
protected:
    using Options = control::manager::Options;
    static Options patient(); ///< every limit an hour
    explicit Scene(const Options &options = patient());
    ~Scene() override;
    Scene(const Scene &) = delete;
    Scene &operator=(const Scene &) = delete;
    void SetUp() override;
    void TearDown() override;

    static DWORD take(HANDLE client, DWORD interface, DWORD next_hop = 0);
    static DWORD release(HANDLE client, DWORD interface, DWORD next_hop = 0);
    static DWORD add(HANDLE client, Flow flow, DWORD interface, DWORD flags = kJoin);
    static DWORD remove(HANDLE client, Flow flow, DWORD interface, DWORD flags = kJoin);
    void add_route(const std::string &prefix, DWORD interface);
    void data(DWORD source, DWORD group, DWORD interface); ///< its first packet
    void data_on_wrong_interface(DWORD source, DWORD group, DWORD interface);

    /// Waits until all callbacks have returned, then: each client was told exactly this since the
    /// last time; one that is not listed, nothing.
    static void expect(const std::vector<Told> &told, const char *file = __builtin_FILE(),
                       int line = __builtin_LINE());
    static void forget(); ///< what was told so far

    static std::string owner(DWORD interface, DWORD next_hop = 0); ///< a name, "nobody"
    /// As an enumeration by `client` shows them, sorted: "(S,G)".
    static std::vector<std::string> groups(HANDLE client, MGM_ENUM_TYPES kind = ALL_SOURCES);
    /// By MgmGetMfe, and the tables are as it says: "if1 -> if2,if3", "no entry".
    std::string forwarding(DWORD source, DWORD group);
    static DWORD get(DWORD source, DWORD group, MIB_IPMCAST_MFE &mfe); ///< what all entries have
    /// Tables ceased to send it there since they were last asked.
    bool has_lost(DWORD source, DWORD group, DWORD interface);

    Router router;
    Program A{"A", 77, 3}, B{"B", 77, 4}, C{"C", 0x4000'0815, 3}, I{"I", PROTO_IP_IGMP};
};

} // namespace client_tests
