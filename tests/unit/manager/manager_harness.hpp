// SPDX-License-Identifier: BSD-3-Clause
// A manager in the situation of mgm-spec 5 "Setup", with a clock that the test moves and clients
// that answer by themselves unless told to keep still.
//
// A test makes calls and then says with expect() what clients were told, all of it: what was not
// listed before the next call, or at the end, fails it. The given_…() set the scene and keep its
// noise out.
#pragma once

#include "failing_memory.hpp"
#include "recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace control::manager::test {

struct Client {
    std::string name;
    Registration registration;
    Handle handle{};
    // Not explicit: calls read take(A, if1).
    operator Handle() const { return handle; }
};

/// How a call stands now, not when it was made.
class Outcome {
public:
    Outcome(const Recorder &recorder, CallId call) : recorder_(&recorder), call_(call) {}
    [[nodiscard]] bool waits() const { return !recorder_->completion(call_); }
    [[nodiscard]] Handle handle() const { return recorder_->completion(call_).value().handle; }
    friend bool operator==(const Outcome &outcome, Status status) {
        const auto completion = outcome.recorder_->completion(outcome.call_);
        return completion && completion->status == status;
    }
    friend std::ostream &operator<<(std::ostream &out, const Outcome &outcome) {
        const auto completion = outcome.recorder_->completion(outcome.call_);
        return completion ? out << completion->status : out << "a call that waits";
    }

private:
    const Recorder *recorder_;
    CallId call_;
};

class World : public Names {
public:
    enum class Scene { kSetup, kEmpty };
    explicit World(const Options &options = {}, Scene scene = Scene::kSetup);
    World(const World &) = delete;
    World &operator=(const World &) = delete;
    ~World() = default;

    Client A = routing("A", 3);
    Client B = routing("B", 4);
    Client C = routing("C", 77);
    Client I = group_management("I", mgm::Family::kIpv4);
    static Client routing(std::string name, std::uint32_t component,
                          Families families = Families::kIpv4);
    static Client group_management(std::string name, mgm::Family family);
    /// In the role STATIC: configured memberships (mgm-spec 8.1).
    static Client configuration(std::string name);

    // --- calls
    Outcome register_client(Client &client);
    Outcome deregister(Handle client);
    Outcome take(Handle client, const Link &link);
    Outcome release(Handle client, const Link &link);
    Outcome add(Handle client, const Key &key, const Link &link, std::uint32_t flags = kJoinState);
    Outcome add(Handle client, const Membership &membership);
    Outcome remove(Handle client, const Key &key, const Link &link,
                   std::uint32_t flags = kJoinState);
    Outcome remove(Handle client, const Membership &membership);
    Outcome update(Handle client, const mgm::IpAddress &group, const Link &link, FilterMode mode,
                   std::vector<mgm::IpAddress> sources);
    Outcome add_static(Handle client, const StaticRoute &route);
    Outcome change_static(Handle client, const StaticRoute &route);
    Outcome remove_static(Handle client, const StaticRoute &route);
    Outcome start_enumeration(Handle client, EnumerationKind kind = EnumerationKind::kAllSources);
    Outcome reconciled(Handle client);
    Status set_upstream(Handle client, const Key &key, const mgm::IpAddress &upstream);
    /// While set, calls are made from inside such a callback.
    std::optional<CallbackKind> inside;

    // --- events
    void client_ended(Handle client);
    void data(const mgm::IpAddress &source, const mgm::IpAddress &group, const Link &on);
    void data_on_wrong_interface(const mgm::IpAddress &source, const mgm::IpAddress &group,
                                 const Link &on);
    void interface_removed(const Link &link);
    void add_route(const std::string &prefix, const Link &towards,
                   const std::string &neighbor = "");
    void remove_route(const std::string &prefix, const Link &towards,
                      const std::string &neighbor = "");
    /// add_route() and remove_route() as one change.
    void move_route(const std::string &prefix, const Link &from, const Link &to);
    void pass(Time time); ///< every timer at its time
    void jump(Time time); ///< all timers at the end
    Time now = std::chrono::hours(31);

    // --- scene: what they cause is not looked at
    void given_client(Client &client);
    void given_owner(Handle client, const Link &link);
    void given_member(Handle client, const Key &key, const Link &link,
                      std::uint32_t flags = kJoinState);
    void given_static(Handle client, const StaticRoute &route);
    void given_entry(const mgm::IpAddress &source, const mgm::IpAddress &group, const Link &on);
    void forget(); ///< all records, so far

    // --- what clients answer
    void keeps_still(Handle client, CallbackKind kind);
    bool nobody_answers = false;                          ///< while set; for who has no handle yet
    void answers_again(Handle client, CallbackKind kind); ///< and what it has not answered
    void vetoes(Handle client, std::vector<Link> links);
    void answers_rpf(Handle client, const RpfReply &reply);
    void answers_prune(Handle client, std::uint32_t timeout_seconds);
    void has_no_answer(Handle client, CallbackKind kind); ///< std::monostate
    /// The oldest callback of the kind returns now, with what the client answers or with `reply`.
    void answer(Handle client, CallbackKind kind);
    void answer(Handle client, CallbackKind kind, const Reply &reply);
    [[nodiscard]] bool is_outstanding(Handle client, CallbackKind kind) const;

    // --- what came out
    /// Exactly these callbacks, in this order, since the last expect().
    void expect(const std::vector<std::string> &callbacks, const char *file = __builtin_FILE(),
                int line = __builtin_LINE());
    /// Completions and ends of clients in between, too.
    void expect_order(const std::vector<std::string> &records, const char *file = __builtin_FILE(),
                      int line = __builtin_LINE());
    void expect_plane(const std::vector<std::string> &records, const char *file = __builtin_FILE(),
                      int line = __builtin_LINE());
    [[nodiscard]] std::vector<std::string> callbacks() const; ///< not yet expected
    [[nodiscard]] std::vector<Event> events();                ///< since the last time
    void finish(); ///< nothing unlisted, no call waits, the tables show what the manager says

    // --- what is there
    [[nodiscard]] std::string owner(const Link &link, std::uint16_t vrf = 0) const;
    [[nodiscard]] std::string forwarding(const mgm::IpAddress &source,
                                         const mgm::IpAddress &group) const; ///< "if1 -> if2,if3"
    /// What its packets go by, an entry of their own or not.
    [[nodiscard]] std::string way_of(const mgm::IpAddress &source,
                                     const mgm::IpAddress &group) const;
    /// The table's (*,G/len).
    [[nodiscard]] std::string wildcard(const std::string &group) const;
    [[nodiscard]] EntryInfo info(const mgm::IpAddress &source, const mgm::IpAddress &group) const;
    [[nodiscard]] bool is_shown(const mgm::IpAddress &source, const mgm::IpAddress &group) const;
    [[nodiscard]] std::vector<std::string> entries() const; ///< the manager's list
    /// By an enumeration in small steps, sorted.
    [[nodiscard]] std::vector<std::string>
    groups(EnumerationKind kind = EnumerationKind::kAllSources);
    [[nodiscard]] std::vector<std::string> rest_of(Handle enumeration);
    /// How often the entry lost `link` since forget().
    [[nodiscard]] std::size_t gaps(const mgm::IpAddress &source, const mgm::IpAddress &group,
                                   const Link &link) const;
    /// Everything that can be observed, as text.
    [[nodiscard]] std::string snapshot();

    FailingMemory memory;
    Rib rib;
    Recorder recorder;
    std::unique_ptr<Manager> manager;

private:
    Outcome call(const std::string &what, const std::function<void(const Call &)> &body);
    void event(const std::string &what, const std::function<void()> &body);
    void nothing_unlisted(const std::string &before);
    void settle();
    void give_back(const std::deque<Delivered>::iterator &delivered, const Reply *reply);
    [[nodiscard]] Reply usual_reply(const Delivered &delivered);
    [[nodiscard]] RibRoute route(const std::string &prefix, const Link &towards,
                                 const std::string &neighbor) const;
    [[nodiscard]] std::vector<std::string> texts(const std::set<Record::Kind> &kinds) const;

    using Who = std::pair<Handle, CallbackKind>;
    std::uint64_t last_call_ = 0;
    std::set<Who> still_;
    std::set<Who> silent_;
    std::map<Handle, std::vector<Link>> vetoes_;
    std::map<Handle, RpfReply> rpf_replies_;
    std::map<Handle, std::uint32_t> prune_replies_;
    std::map<std::pair<mgm::Vrf, Identity>, std::string> names_;
};

/// Names the cases of a table.
struct CaseName {
    template <class Case>
    std::string operator()(const ::testing::TestParamInfo<Case> &each) const {
        return each.param.name;
    }
};

/// The scene of mgm-spec 5.
class ManagerTest : public ::testing::Test, public World {
protected:
    void TearDown() override { finish(); }
};

} // namespace control::manager::test
