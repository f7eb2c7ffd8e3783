// SPDX-License-Identifier: BSD-3-Clause
// The manager and its oracle side by side: both are told the same, and after every step the one
// must have done what the other says.
#pragma once

#include "control/manager/manager.hpp"
#include "manager_commands.hpp"
#include "naive_manager.hpp"

#include <map>
#include <memory_resource>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace mgm_test {

/// Fails from the n-th allocation of a step on, for as long as it is armed.
class FailingMemory : public std::pmr::memory_resource {
public:
    void arm(unsigned allocation) noexcept { left_ = allocation; }
    void disarm() noexcept { left_ = 0; }
    /// What an allocation elsewhere would do now.
    [[nodiscard]] bool fails() noexcept;
    [[nodiscard]] bool is_empty() const noexcept { return octets_ == 0; }

private:
    void *do_allocate(std::size_t octets, std::size_t alignment) override;
    void do_deallocate(void *block, std::size_t octets, std::size_t alignment) override;
    [[nodiscard]] bool do_is_equal(const memory_resource &other) const noexcept override {
        return this == &other;
    }
    unsigned left_ = 0;
    std::size_t octets_ = 0;
};

class ManagerTrial : control::manager::Effects, control::manager::ForwardingPlane {
public:
    /// `keeps_log`: failure() then tells everything that happened. `bound`: callbacks that a client
    /// may owe; 0: it never comes to that.
    ManagerTrial(bool is_busy, bool keeps_log, std::uint32_t bound);
    ~ManagerTrial() override;
    ManagerTrial(const ManagerTrial &) = delete;
    ManagerTrial &operator=(const ManagerTrial &) = delete;

    void apply(const Command &command);
    /// Everything is answered, everybody dies: nothing may be left.
    void finish();
    /// Where both differ; empty: nowhere.
    [[nodiscard]] const std::string &failure() const noexcept { return failure_; }

private:
    struct Delivery {
        Told what;
        control::manager::Handle client{};
        control::manager::CallbackId id{};
        Time at{};
    };
    struct Installed {
        std::vector<mgm::IfIndex> iifs;
        Mask oifs = 0;
        bool is_there = false;
    };
    struct Completion {
        std::uint64_t call = 0;
        Status status{};
        control::manager::Handle handle{};
    };

    struct Enumeration {
        control::manager::Handle handle{};
        int client = kNone;
        control::manager::Handle registration{}; ///< the client's handle then
        std::set<control::manager::SourceGroup> left;
    };

    struct LocalView {
        int owners = 0;               ///< NaiveManager::owners_so_far()
        std::pair<Mask, Mask> keys{}; ///< joined, excluded
    };
    /// What a client believes after all that it was told.
    struct View {
        Mask keys = 0;     ///< TRUE
        Mask entries = 0;  ///< FALSE
        Mask doubtful = 0; ///< entries: of those told something, perhaps about a predecessor
        std::array<int, kKeys> incarnations{}; ///< of these
        std::array<LocalView, kLinks> links{};
    };

    // Effects, ForwardingPlane
    void reserve_client(control::manager::Handle client) override;
    void client_gone(control::manager::Handle client) noexcept override;
    // NOLINTNEXTLINE(bugprone-exception-escape): a test without memory may die
    void deliver(control::manager::Handle client, control::manager::CallbackId id,
                 const control::manager::Callback &callback) noexcept override;
    void complete(control::manager::CallId call, Status status,
                  control::manager::Handle handle) noexcept override;
    void log(control::manager::Event event, std::string_view detail) noexcept override;
    [[nodiscard]] bool install(const mgm::RouteKey &key, std::span<const mgm::IfIndex> iifs,
                               std::span<const control::manager::Oif> oifs) noexcept override;
    void remove(const mgm::RouteKey &key) noexcept override;
    void release_held(const control::manager::Key &key) noexcept override;
    void drop_held(const control::manager::Key &key) noexcept override;
    [[nodiscard]] std::uint64_t packets(const control::manager::Key &key) noexcept override;

    // commands (manager_trial.cpp)
    [[nodiscard]] control::manager::Call new_call(const Command &command);
    [[nodiscard]] int caller(const Command &command) const;
    /// IGMP joins (*,*), else it uses UpdateMembership. Both on one link: 8.6 does not say what a
    /// stale (*,*) means for a group of which IGMP has said everything since.
    [[nodiscard]] bool igmp_says_all() const { return is_busy_; }
    [[nodiscard]] Request request_of(const Command &command) const;
    void call(Request request, const control::manager::Call &head);
    void register_client(int slot, const Command &command);
    void set_route(const Command &command);
    void reply(const Command &command);
    void answer(const Delivery &delivery, const Command &command);
    void advance(Time time);
    void enumerate(int client, const Command &command);
    void start_enumeration(int client, const Command &command);
    void note_failed_calls();
    void static_route_act(const Command &command); // manager_routes.cpp
    void check_wildcards();
    void do_act(const Command &command);

    // views (manager_views.cpp)
    [[nodiscard]] std::size_t outstanding(int client) const;
    [[nodiscard]] bool was_asked(CallbackKind kind, int client, int flow);
    [[nodiscard]] View &view_of(int client);
    [[nodiscard]] LocalView &local_view(int client, int link);
    void flip(Mask &mask, int number, bool on, const Told &told);
    int learn(const Told &told, Time at);
    int learn_about_entry(View &view, const Told &told, Time at);
    void check_views();
    void check_bound(int client);
    void check_view(int client);

    // comparison (manager_checks.cpp)
    void check();
    void check_told();
    void check_ended();
    void check_entries();
    void check_owners();
    void check_timer();
    void forget_lost_entries();
    void drop_unmatched(int flow);
    void fail(const std::string &text);
    void write(const std::string &line);
    void write_command(const Command &command);

    FailingMemory memory_;
    std::uint32_t bound_;
    control::manager::Options options_;
    control::Rib rib_;
    NaiveManager naive_;
    std::unique_ptr<control::manager::Manager> manager_;
    Time now_{};
    Time at_{}; ///< the manager's time, which goes in steps while the trial's jumps
    std::uint64_t last_call_ = 0;
    std::array<int, 5> clients_{};                  ///< newest of each place
    std::vector<control::manager::Handle> handles_; ///< by number of the client
    std::vector<Delivery> delivered_;               ///< in this step
    std::vector<Completion> completed_;             ///< in this step
    std::vector<Delivery> unanswered_;
    std::set<std::uint64_t> running_; ///< calls
    std::array<Installed, kKeys> plane_;
    std::map<mgm::IpPrefix, Installed> wildcards_; ///< of any source
    std::array<int, kSources> routes_{};
    std::optional<Enumeration> enumeration_;
    std::vector<View> views_;           ///< by number of the client
    std::map<int, std::size_t> before_; ///< callbacks outstanding before this step, by client
    std::map<std::tuple<CallbackKind, int, int>, int> asked_; ///< by the oracle, in this step
    std::uint64_t packets_ = 0;
    bool is_busy_;
    bool keeps_log_;
    bool was_short_of_memory_ = false; ///< in this step
    std::string log_;
    std::string failure_;
};

} // namespace mgm_test
