// SPDX-License-Identifier: BSD-3-Clause
#include "manager_trial.hpp"

#include <algorithm>

namespace mgm_test {
namespace {

using control::manager::Call;
using control::manager::CallbackSet;
using control::manager::CallId;
using control::manager::Families;
using control::manager::Handle;

constexpr int kIgmp = 3;
constexpr int kStatic = 4;
constexpr std::array<CallbackKind, 8> kInside{
    CallbackKind::kRpf,       CallbackKind::kCreationAlert, CallbackKind::kPruneAlert,
    CallbackKind::kJoinAlert, CallbackKind::kLocalJoin,     CallbackKind::kDisableIgmp,
    CallbackKind::kWrongIf,   CallbackKind::kEnableIgmp};
constexpr std::array<std::uint32_t, 4> kArrivals{11, 9, 12, 13};
constexpr std::array<Time, 6> kWaits{
    std::chrono::milliseconds(400), std::chrono::milliseconds(1010), std::chrono::seconds(5),
    std::chrono::seconds(12),       std::chrono::seconds(61),        std::chrono::seconds(901)};

Registration registration_of(int place, unsigned option) {
    Registration wanted;
    wanted.identity = {.protocol = 0x4007'0000U + static_cast<unsigned>(place), .component = 3};
    wanted.families = place == 2 ? Families::kIpv4 : Families::kBoth;
    wanted.hold = option / 8 % 2 == 1 ? std::chrono::seconds(25) : Time{};
    if (place == kStatic) {
        wanted.role = Role::kStatic;
    } else if (place == kIgmp) {
        wanted.role = Role::kGroupManagement;
        wanted.callbacks = {CallbackKind::kDisableIgmp, CallbackKind::kEnableIgmp};
        if (option % 2 != 0)
            wanted.callbacks = {CallbackKind::kDisableIgmp, CallbackKind::kEnableIgmp,
                                CallbackKind::kJoinAlert, CallbackKind::kPruneAlert};
    } else if (option % 8 == 1) { // asked nothing
        wanted.callbacks = {CallbackKind::kPruneAlert, CallbackKind::kJoinAlert};
    } else if (option % 8 == 2) { // told nothing
        wanted.callbacks = {CallbackKind::kRpf, CallbackKind::kCreationAlert};
    } else if (option % 8 == 3) { // native
        wanted.callbacks = {CallbackKind::kRpf,        CallbackKind::kCreationAlert,
                            CallbackKind::kPruneAlert, CallbackKind::kJoinAlert,
                            CallbackKind::kLocalJoin,  CallbackKind::kLocalLeave,
                            CallbackKind::kLocalUpdate};
    } else {
        wanted.callbacks = CallbackSet::routing();
    }
    return wanted;
}

mgm::IpPrefix prefix_of(const mgm::IpAddress &address) {
    const bool is_any = control::manager::is_zero(address);
    return {address, static_cast<std::uint8_t>(is_any ? 0 : address.bits())};
}

control::manager::MembershipUpdate update_of(const Request &request) {
    control::manager::MembershipUpdate update{.group = key(request.key).group,
                                              .link = link(request.link),
                                              .mode = request.mode,
                                              .sources = {}};
    for (int number = 1; number < kSources; ++number)
        if (has(request.sources, number))
            update.sources.push_back(source(number));
    return update;
}

control::manager::Options options_with(std::uint32_t bound) {
    // What was starved is tried again at the next advance(): so is the oracle's.
    control::manager::Options options{.retry_interval = Time{0}};
    if (bound != 0)
        options.max_undelivered = bound;
    return options;
}

} // namespace

ManagerTrial::ManagerTrial(bool is_busy, bool keeps_log, std::uint32_t bound)
    : bound_(bound),
      options_(options_with(bound)),
      naive_(options_, is_busy),
      is_busy_(is_busy),
      keeps_log_(keeps_log) {
    if (bound != 0)
        naive_.follow([this](CallbackKind kind, int client, int flow) {
            return was_asked(kind, client, flow);
        });
    control::manager::Effects &effects = *this;
    control::manager::ForwardingPlane &plane = *this;
    manager_ =
        std::make_unique<control::manager::Manager>(options_, rib_, effects, plane, &memory_);
    clients_.fill(kNone);
    for (int source = 1; source < kSources; ++source)
        set_route({.client = static_cast<std::uint8_t>(source - 1), .option = 1});
    for (int place = 0; place <= kStatic; ++place)
        register_client(place, {.option = static_cast<std::uint8_t>(is_busy ? 8 : 0)}); // held
    check();
}

ManagerTrial::~ManagerTrial() = default;

Call ManagerTrial::new_call(const Command &command) {
    Call head{.id = CallId{++last_call_}, .now = now_};
    if (command.more % 16 == 15)
        head.inside = kInside.at(command.more / 16U % kInside.size());
    running_.insert(last_call_);
    return head;
}

/// Mostly one who may: the owner, or IGMP where it is.
int ManagerTrial::caller(const Command &command) const {
    const int place = command.client % static_cast<int>(clients_.size());
    const int owner = naive_.routing_owner(command.link % kLinks);
    const int igmp = naive_.igmp(command.link % kLinks);
    if (command.more % 8 == 7 || place == kStatic)
        return clients_.at(static_cast<std::size_t>(place));
    if (igmp != kNone && (place % 2 == 1 || owner == kNone))
        return igmp;
    return owner != kNone ? owner : clients_.at(static_cast<std::size_t>(place));
}

Request ManagerTrial::request_of(const Command &command) const {
    Request request;
    request.link = command.link % kLinks;
    request.client = caller(command);
    request.key = command.key % kKeys;
    const mgm::Family family = link(request.link).family();
    if (shape(request.key).family != family && command.more % 32 != 0)
        request.key = family == mgm::Family::kIpv6 ? 8 + command.key % 3 : command.key % 8;
    if (!igmp_says_all() && request.client == naive_.igmp(request.link) &&
        shape(request.key).group == 0)
        request.key = family == mgm::Family::kIpv6 ? 9 : 1;
    request.flags = control::manager::kJoinState;
    if (command.option % 8 >= 5)
        request.flags = command.option % 8 == 5 ? 3U : 2U;
    if (command.more % 64 == 9)
        request.flags = command.more % 128 == 9 ? 0U : 5U;
    request.mode = command.option % 2 == 0 ? FilterMode::kInclude : FilterMode::kExclude;
    request.sources = (command.option / 2U) & (family == mgm::Family::kIpv6 ? 8U : 6U);
    return request;
}

void ManagerTrial::call(Request request, const Call &head) {
    request.call = last_call_;
    request.inside = head.inside;
    if (request.client == kNone)
        request.client = clients_.front();
    const Handle client = handles_.at(static_cast<std::size_t>(request.client));
    const auto &at = link(request.link);
    const control::manager::Membership membership{.source = prefix_of(key(request.key).source),
                                                  .group = prefix_of(key(request.key).group),
                                                  .link = at,
                                                  .flags = request.flags};
    switch (request.kind) {
    case Request::Kind::kTake:
        manager_->take(head, client, at);
        break;
    case Request::Kind::kRelease:
        manager_->release(head, client, at);
        break;
    case Request::Kind::kAdd:
        manager_->add(head, client, membership);
        break;
    case Request::Kind::kRemove:
        manager_->remove(head, client, membership);
        break;
    default:
        manager_->update(head, client, update_of(request));
    }
    note_failed_calls();
    naive_.request(request);
}

void ManagerTrial::note_failed_calls() {
    memory_.disarm();
    for (const Completion &completion : completed_)
        if (completion.status == Status::kNotEnoughMemory && was_short_of_memory_)
            naive_.no_memory.insert(completion.call);
}

void ManagerTrial::register_client(int place, const Command &command) {
    const Call head = new_call(command);
    const Registration wanted = registration_of(place, command.option);
    manager_->register_client(head, wanted);
    note_failed_calls();
    const int newest = naive_.newest_client();
    const int client = naive_.register_client(last_call_, wanted, head.inside.has_value());
    if (client == kNone)
        return;
    view_of(client) = {}; // an adopter's; else it starts from what holds (8.19)
    if (client > newest)
        view_of(client).keys = naive_.alerted_keys(client);
    const auto done = std::find_if(completed_.begin(), completed_.end(), [&](const auto &c) {
        return c.call == last_call_ && c.status == Status::kOk;
    });
    handles_.resize(static_cast<std::size_t>(naive_.newest_client()) + 1);
    handles_.at(static_cast<std::size_t>(client)) =
        done == completed_.end() ? Handle{} : done->handle;
    clients_.at(static_cast<std::size_t>(place)) = client;
}

void ManagerTrial::do_act(const Command &command) {
    Request request = request_of(command);
    const Handle client =
        handles_.at(static_cast<std::size_t>(request.client == kNone ? 0 : request.client));
    const int flow = std::array{3, 4, 5, 6, 7, 10, 3, 5}.at(command.key % 8U);
    const std::uint32_t arrival = kArrivals.at(command.link % kArrivals.size());
    const int place = command.client % static_cast<int>(clients_.size());
    const int someone = clients_.at(static_cast<std::size_t>(place));
    switch (command.act) {
    case Act::kReply:
        return reply(command);
    case Act::kTake:
        request.client = someone;
        request.kind = Request::Kind::kTake;
        return call(request, new_call(command));
    case Act::kRelease:
        request.kind = Request::Kind::kRelease;
        return call(request, new_call(command));
    case Act::kAdd:
        request.kind = Request::Kind::kAdd;
        return call(request, new_call(command));
    case Act::kRemove:
        request.kind = Request::Kind::kRemove;
        return call(request, new_call(command));
    case Act::kUpdate:
        if (igmp_says_all() && request.client == naive_.igmp(request.link))
            return;
        if (request.client != kNone && naive_.registration(request.client).role == Role::kStatic)
            return;
        request.kind = Request::Kind::kUpdate;
        request.key = link(request.link).family() == mgm::Family::kIpv6 ? 9 : 1 + command.key % 2;
        return call(request, new_call(command));
    case Act::kNewSource:
        manager_->new_source({.key = key(flow), .interface = mgm::IfIndex{arrival}, .header = {}},
                             now_);
        note_failed_calls();
        return naive_.new_source(flow, arrival);
    case Act::kWrongInterface:
        manager_->wrong_interface(
            {.key = key(flow), .interface = mgm::IfIndex{arrival}, .header = {}}, now_);
        note_failed_calls();
        return naive_.wrong_interface(flow, arrival);
    case Act::kRoute:
        return set_route(command);
    case Act::kAdvance:
        return advance(now_ + kWaits.at(command.option % kWaits.size()));
    case Act::kRegister:
        return register_client(place, command);
    case Act::kAddRoute:
    case Act::kChangeRoute:
    case Act::kRemoveRoute:
        return static_route_act(command);
    case Act::kEnumerate:
        return enumerate(someone, command);
    case Act::kDeregister: {
        const Call head = new_call(command);
        manager_->deregister(head, handles_.at(static_cast<std::size_t>(someone)));
        note_failed_calls();
        return naive_.deregister(last_call_, someone, head.inside.has_value());
    }
    case Act::kDie:
        manager_->client_ended(client, now_);
        note_failed_calls();
        return naive_.client_ended(request.client == kNone ? 0 : request.client);
    case Act::kReconciled: {
        const Call head = new_call(command);
        manager_->reconciled(head, handles_.at(static_cast<std::size_t>(someone)));
        note_failed_calls();
        return naive_.reconciled(last_call_, someone,
                                 control::manager::is_forbidden_inside(head.inside));
    }
    case Act::kRemoveInterface:
        manager_->interface_removed(mgm::Vrf{0}, mgm::IfIndex{arrival}, now_);
        note_failed_calls();
        return naive_.interface_removed(arrival);
    }
}

void ManagerTrial::apply(const Command &command) {
    if (!failure_.empty())
        return;
    // An odd time, so that no two things are due at the same one by chance.
    advance(now_ + Time(1'000'003 + command.option * 7919 + command.more * 104'729));
    // Not over a long time, in which an entry that is lost might have expired anyway; nor while
    // what routes must have would be tried again all the time.
    const bool is_short = command.act != Act::kAdvance ||
                          (command.option % kWaits.size() < 2 && !naive_.has_static_routes());
    check();
    memory_.arm(is_short ? command.memory : 0U);
    was_short_of_memory_ = is_short && command.memory != 0;
    if (keeps_log_)
        write_command(command);
    do_act(command);
    check();
}

void ManagerTrial::finish() {
    for (int turns = 0; turns < 500 && !unanswered_.empty(); ++turns)
        apply({});
    apply({.act = Act::kAdvance, .option = 4});
    if (failure_.empty() && !running_.empty())
        fail(fmt::format("{} calls never ended, first {}", running_.size(), *running_.begin()));
    for (std::size_t place = 0; place < clients_.size() && failure_.empty(); ++place) {
        const int client = clients_.at(place);
        advance(now_ + Time(1'000'003)); // so that no two holds end at the same time
        manager_->client_ended(handles_.at(static_cast<std::size_t>(client)), now_);
        naive_.client_ended(client);
        check();
    }
    apply({.act = Act::kAdvance, .option = 4}); // longer than they may be held
    if (!failure_.empty())
        return;
    if (naive_.joined_keys() != 0)
        fail("memberships are left without clients");
    manager_.reset();
    if (!memory_.is_empty())
        fail("memory was not given back");
}

} // namespace mgm_test
