// SPDX-License-Identifier: BSD-3-Clause
#include "control/client/local_transport.hpp"

#include <algorithm>
#include <new>
#include <semaphore>
#include <system_error>
#include <utility>

namespace control {

using manager::Call;
using manager::Handle;
using manager::Status;

/// What a caller waits on.
class LocalTransport::Completion {
public:
    void finish(Status status, Handle handle) noexcept {
        status_ = status;
        handle_ = handle;
        done_.release();
    }
    std::pair<Status, Handle> wait() {
        done_.acquire();
        return {status_, handle_};
    }

private:
    std::binary_semaphore done_{0};
    Status status_ = Status::kCanNotComplete;
    Handle handle_{};
};

namespace {

/// Calls `done` when it is destroyed without keep(): a command that the control thread never ran,
/// because it ends.
template <class Done>
class Promise {
public:
    explicit Promise(Done done) : done_(std::move(done)) {}
    ~Promise() {
        if (!is_kept_)
            done_();
    }
    Promise(const Promise &) = delete;
    Promise &operator=(const Promise &) = delete;
    void keep() noexcept { is_kept_ = true; }

private:
    Done done_;
    bool is_kept_ = false;
};

} // namespace

LocalTransport::LocalTransport(const manager::Options &options, const Rib &rib,
                               manager::ForwardingPlane &plane, StatisticsReader &statistics,
                               CommandQueue &commands, Log log)
    : statistics_(statistics),
      commands_(commands),
      log_(std::move(log)),
      manager_(options, rib, *this, plane) {}

LocalTransport::~LocalTransport() {
    // The parts of add_all() before the whole, whose caller owns what they write to.
    const std::map<manager::CallId, Done> pending = std::exchange(pending_, {});
    for (auto it = pending.rbegin(); it != pending.rend(); ++it)
        it->second(Status::kCanNotComplete, Handle{});
    for (const Done &done : flushing_)
        done(Status::kCanNotComplete, Handle{});
}

manager::Time LocalTransport::now() noexcept {
    return std::chrono::steady_clock::now().time_since_epoch();
}

template <class F>
std::pair<Status, Handle> LocalTransport::call(F start) {
    const auto completion = std::make_shared<Completion>();
    const auto drop = [completion] { completion->finish(Status::kCanNotComplete, Handle{}); };
    auto promise = std::make_shared<Promise<decltype(drop)>>(drop); // which only the command holds
    const std::optional<manager::CallbackKind> inside = Dispatcher::inside();
    commands_.post([this, start, completion, promise = std::move(promise), inside] {
        promise->keep();
        const manager::CallId id{++last_call_};
        pending_.emplace(
            id, [completion](Status status, Handle handle) { completion->finish(status, handle); });
        start(Call{.id = id, .now = now(), .inside = inside});
    });
    return completion->wait();
}

void LocalTransport::call_here(const std::function<void(const Call &)> &start, Done done) {
    const manager::CallId id{++last_call_};
    pending_.emplace(id, std::move(done));
    start(Call{.id = id, .now = now(), .inside = std::nullopt});
}

template <class F, class T>
T LocalTransport::ask(F read, T otherwise) {
    T answer = std::move(otherwise);
    const Status status = call([&](const Call &head) {
                              answer = read(head);
                              complete(head.id, Status::kOk, Handle{});
                          }).first;
    (void)status; // kCanNotComplete: `otherwise` stands
    return answer;
}

std::pair<Status, Handle> LocalTransport::register_client(const manager::Registration &registration,
                                                          Receiver &receiver) {
    return call([this, registration, &receiver](const Call &head) {
        registering_ = &receiver;
        manager_.register_client(head, registration);
        registering_ = nullptr;
    });
}

Status LocalTransport::deregister(Handle client) {
    const Status status =
        call([this, client](const Call &head) { manager_.deregister(head, client); }).first;
    if (status != Status::kOk)
        return status;
    if (const auto dispatcher = take_ended(client))
        dispatcher->join(); // waits for a callback that runs (8.11)
    return status;
}

std::unique_ptr<Dispatcher> LocalTransport::take_ended(Handle client) noexcept {
    const std::scoped_lock lock(ended_mutex_);
    const auto found = ended_.find(client);
    if (found == ended_.end())
        return nullptr;
    auto dispatcher = std::move(found->second);
    ended_.erase(found);
    return dispatcher;
}

Status LocalTransport::take(Handle client, const manager::Link &link) {
    return call([&](const Call &head) { manager_.take(head, client, link); }).first;
}
Status LocalTransport::release(Handle client, const manager::Link &link) {
    return call([&](const Call &head) { manager_.release(head, client, link); }).first;
}
Status LocalTransport::add(Handle client, const manager::Membership &membership) {
    return call([&](const Call &head) { manager_.add(head, client, membership); }).first;
}
Status LocalTransport::remove(Handle client, const manager::Membership &membership) {
    return call([&](const Call &head) { manager_.remove(head, client, membership); }).first;
}
Status LocalTransport::add_all(Handle client, std::span<const manager::Membership> memberships,
                               std::span<Status> results) {
    constexpr std::size_t kPerCommand = 256; // about a tenth of a millisecond of the control thread
    std::ranges::fill(results, Status::kCanNotComplete);
    for (std::size_t at = 0; at < memberships.size(); at += kPerCommand) {
        const std::size_t count = std::min(kPerCommand, memberships.size() - at);
        (void)call([&](const Call &head) {
            add_some(head, client, memberships.subspan(at, count), results.subspan(at, count));
        });
    }
    const auto failed =
        std::ranges::find_if(results, [](Status status) { return status != Status::kOk; });
    return failed == results.end() ? Status::kOk : *failed;
}

/// `head` ends when all of them have: one whose link changes hands may wait.
void LocalTransport::add_some(const Call &head, Handle client,
                              std::span<const manager::Membership> memberships,
                              std::span<Status> results) {
    const auto left = std::make_shared<std::size_t>(memberships.size());
    for (std::size_t i = 0; i < memberships.size(); ++i) {
        const manager::CallId id{++last_call_};
        pending_.emplace(id, [this, left, whole = head.id, results, i](Status status, Handle) {
            results[i] = status;
            if (--*left == 0)
                complete(whole, Status::kOk, Handle{});
        });
        manager_.add({.id = id, .now = head.now, .inside = head.inside}, client, memberships[i]);
    }
}

Status LocalTransport::update(Handle client, const manager::MembershipUpdate &update) {
    return call([&](const Call &head) { manager_.update(head, client, update); }).first;
}
std::pair<Status, Handle> LocalTransport::start_enumeration(Handle client,
                                                            manager::EnumerationKind kind) {
    return call([&](const Call &head) { manager_.start_enumeration(head, client, kind); });
}
Status LocalTransport::next_groups(Handle enumeration, std::span<manager::SourceGroup> records,
                                   std::size_t &count) {
    return ask([&](const Call &) { return manager_.next_groups(enumeration, records, count); },
               Status::kCanNotComplete);
}
Status LocalTransport::end_enumeration(Handle enumeration) {
    return ask([&](const Call &) { return manager_.end_enumeration(enumeration); },
               Status::kCanNotComplete);
}
Status LocalTransport::owner_of(mgm::Vrf vrf, const manager::Link &link, manager::Identity &owner) {
    return ask([&](const Call &) { return manager_.owner_of(vrf, link, owner); },
               Status::kCanNotComplete);
}
Status LocalTransport::set_upstream(Handle client, const manager::Key &key,
                                    const mgm::IpAddress &upstream) {
    return ask([&](const Call &head) { return manager_.set_upstream(head, client, key, upstream); },
               Status::kCanNotComplete);
}
Status LocalTransport::entry(const manager::Key &key, Entry &entry) {
    return ask([&](const Call &head) { return show(manager_.entry(key, head.now), entry); },
               Status::kCanNotComplete);
}
Status LocalTransport::entries_after(const manager::Key &key, std::span<Entry> entries,
                                     std::size_t &count) {
    count = 0;
    return ask(
        [&](const Call &head) {
            manager::Key last = key;
            for (Entry &entry : entries) {
                if (show(manager_.entry_after(last, head.now), entry) != Status::kOk)
                    return Status::kNoMoreItems;
                last = entry.info.key;
                ++count;
            }
            return Status::kMoreData;
        },
        Status::kCanNotComplete);
}
Status LocalTransport::show(std::optional<manager::EntryInfo> found, Entry &entry) {
    if (!found)
        return Status::kNotFound;
    entry.statistics = statistics_.read(*found);
    entry.info = std::move(*found);
    return Status::kOk;
}

Status LocalTransport::flush() {
    return call([this](const Call &head) {
               if (head.inside)
                   return complete(head.id, Status::kCanNotComplete, Handle{});
               if (outstanding_ == 0)
                   return complete(head.id, Status::kOk, Handle{});
               const auto found = pending_.find(head.id);
               flushing_.push_back(std::move(found->second));
               pending_.erase(found);
           })
        .first;
}

Status LocalTransport::interfaces(mgm::Vrf vrf, std::vector<InterfaceInfo> &interfaces) {
    return ask(
        [&](const Call &) {
            interfaces = interfaces_ ? interfaces_() : std::vector<InterfaceInfo>();
            std::erase_if(interfaces, [vrf](const InterfaceInfo &i) { return i.vrf != vrf; });
            return Status::kOk;
        },
        Status::kCanNotComplete);
}

Status LocalTransport::reconciled(Handle client) {
    return call([&](const Call &head) { manager_.reconciled(head, client); }).first;
}

void LocalTransport::client_ended(Handle client) noexcept {
    commands_.post([this, client] {
        manager_.client_ended(client, now());
        take_ended(client);
    });
}

void LocalTransport::end_client(Handle client) noexcept {
    call([this, client](const Call &head) {
        manager_.client_ended(client, head.now);
        complete(head.id, Status::kOk, Handle{});
    });
    const auto dispatcher = take_ended(client);
    if (dispatcher && !Dispatcher::inside())
        dispatcher->join();
}

// --- Effects

void LocalTransport::reserve_client(Handle client) {
    if (registering_ == nullptr)
        return; // call_here(): it is told nothing
    const auto returned = [this, client](manager::CallbackId id, const manager::Reply &reply) {
        callback_returned(client, id, reply);
    };
    try {
        clients_[client].dispatcher = std::make_unique<Dispatcher>(*registering_, returned);
    } catch (const std::system_error &) { // no thread
        throw std::bad_alloc();
    }
}

void LocalTransport::client_gone(Handle client) noexcept {
    const auto found = clients_.find(client);
    if (found == clients_.end())
        return;
    Delivery gone = std::move(found->second);
    clients_.erase(found);
    gone.dispatcher->discard();
    callbacks_done(gone.outstanding);
    const std::scoped_lock lock(ended_mutex_);
    ended_.emplace(client, std::move(gone.dispatcher));
}

void LocalTransport::deliver(Handle client, manager::CallbackId id,
                             const manager::Callback &callback) noexcept {
    Delivery &delivery = clients_.find(client)->second;
    delivery.dispatcher->post(id, callback);
    ++delivery.outstanding;
    ++outstanding_;
}

void LocalTransport::complete(manager::CallId call, Status status, Handle handle) noexcept {
    const auto found = pending_.find(call);
    if (found == pending_.end())
        return; // of a client that ended
    const Done done = std::move(found->second);
    pending_.erase(found);
    done(status, handle);
}

void LocalTransport::log(manager::Event event, std::string_view detail) noexcept {
    log_(event, detail);
}

/// On the dispatcher's thread. What a reply points at may change as soon as this returns: the copy
/// goes to control.
void LocalTransport::callback_returned(Handle client, manager::CallbackId id,
                                       const manager::Reply &reply) {
    std::vector<manager::Link> vetoed;
    manager::Reply copy = reply;
    if (const auto *creation = std::get_if<manager::CreationReply>(&reply))
        vetoed.assign(creation->vetoed.begin(), creation->vetoed.end());
    commands_.post([this, client, id, copy, vetoed = std::move(vetoed)]() mutable {
        if (auto *creation = std::get_if<manager::CreationReply>(&copy))
            creation->vetoed = vetoed;
        const auto found = clients_.find(client);
        if (found == clients_.end())
            return; // gone meanwhile: client_gone() has counted it
        --found->second.outstanding;
        manager_.returned(client, id, copy, now());
        callbacks_done(1);
    });
}

void LocalTransport::callbacks_done(std::size_t count) {
    outstanding_ -= count;
    if (outstanding_ != 0)
        return;
    for (const Done &done : std::exchange(flushing_, {}))
        done(Status::kOk, Handle{});
}

} // namespace control
