// SPDX-License-Identifier: BSD-3-Clause
#include "recorder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <new>

namespace control::manager::test {

mgm::RouteKey route_key(const Key &key) {
    mgm::RouteKey result{.vrf = key.vrf, .source = key.source, .group = {}};
    result.group = {key.group, static_cast<std::uint8_t>(key.group.bits())};
    return result;
}

void Recorder::add(Record::Kind kind, std::string text) {
    records.push_back({.kind = kind, .text = std::move(text)});
}

void Recorder::reserve_client(Handle client) {
    if (!takes_clients)
        throw std::bad_alloc();
    EXPECT_FALSE(clients_.contains(client)) << "a handle came back to life";
    add(Record::Kind::kClient, "room for a client");
    if (registering_)
        clients_[client] = {.name = registering_->first, .callbacks = registering_->second};
}

void Recorder::client_gone(Handle client) noexcept {
    add(Record::Kind::kClient, name(client) + " is gone");
    if (const auto known = clients_.find(client); known != clients_.end()) {
        EXPECT_FALSE(known->second.is_gone) << name(client) << " is gone twice";
        known->second.is_gone = true;
    }
    std::erase_if(outstanding, [&](const Delivered &each) { return each.client == client; });
}

void Recorder::deliver(Handle client, CallbackId id, const Callback &callback) noexcept {
    const std::string line = name(client) + ": " + text(callback);
    add(Record::Kind::kCallback, line);
    EXPECT_TRUE(callback_ids_.insert(id).second) << line << ": its id was used before";
    const auto known = clients_.find(client);
    if (known == clients_.end() || known->second.is_gone) {
        ADD_FAILURE() << line << " goes to nobody";
        return;
    }
    EXPECT_TRUE(known->second.callbacks.has(kind_of(callback))) << line << " was not registered";
    Delivered delivered{
        .client = client, .id = id, .kind = kind_of(callback), .unchanged = {}, .header = {}};
    if (const auto *rpf = std::get_if<RpfRequest>(&callback)) {
        delivered.unchanged = {.in = rpf->in, .upstream = rpf->upstream, .route = rpf->route};
        delivered.header.assign(rpf->header.begin(), rpf->header.end());
    } else if (const auto *wrong = std::get_if<WrongIf>(&callback)) {
        delivered.header.assign(wrong->header.begin(), wrong->header.end());
    }
    outstanding.push_back(std::move(delivered));
}

void Recorder::complete(CallId call, Status status, Handle handle) noexcept {
    const auto pending = calls_.find(call);
    if (pending == calls_.end() || pending->second.completion) {
        ADD_FAILURE() << "a call completes that is unknown or has completed";
        return;
    }
    EXPECT_TRUE(status == Status::kOk || handle == Handle{})
        << pending->second.what << " failed and gives a handle";
    pending->second.completion = Completion{.status = status, .handle = handle};
    add(Record::Kind::kCompletion,
        fmt::format("{} = {}", pending->second.what, static_cast<std::uint32_t>(status)));
}

void Recorder::log(Event event, std::string_view detail) noexcept {
    EXPECT_FALSE(detail.empty()) << "event " << static_cast<unsigned>(event) << " says nothing";
    events.push_back(event);
}

bool Recorder::install(const mgm::RouteKey &key, std::span<const mgm::IfIndex> iifs,
                       std::span<const Oif> oifs) noexcept {
    if (!has_room)
        return false;
    if (!has_room_for_oifs && !oifs.empty())
        return false;
    if (refuses_after && (*refuses_after)-- == 0) {
        refuses_after.reset();
        return false;
    }
    PlaneEntry entry{.iifs = {iifs.begin(), iifs.end()}, .oifs = {oifs.begin(), oifs.end()}};
    for (const Oif &oif : entry.oifs)
        EXPECT_FALSE(entry.iifs.size() == 1 && oif.link.interface == entry.iifs.front())
            << mgm::to_string(key) << " sends where it came from";
    add(Record::Kind::kPlane,
        fmt::format("install {} {}", text(key), text(entry.iifs, entry.oifs)));
    history[key].push_back(entry.oifs);
    table[key] = std::move(entry);
    return true;
}

void Recorder::remove(const mgm::RouteKey &key) noexcept {
    add(Record::Kind::kPlane, "remove " + text(key));
    history[key].emplace_back();
    EXPECT_EQ(table.erase(key), 1U) << mgm::to_string(key) << " is not in the table";
}

void Recorder::release_held(const Key &key) noexcept {
    add(Record::Kind::kPlane, "release " + text(key));
    EXPECT_NE(find(key), nullptr) << text(key) << ": packets released to no entry";
}

const PlaneEntry *Recorder::find(const Key &key) const {
    if (const auto exact = table.find(route_key(key)); exact != table.end())
        return &exact->second;
    const PlaneEntry *longest = nullptr;
    int length = -1;
    for (const auto &[name, entry] : table)
        if (!name.source && name.vrf == key.vrf && name.group.contains(key.group) &&
            name.group.length > length) {
            longest = &entry;
            length = name.group.length;
        }
    return longest;
}

void Recorder::drop_held(const Key &key) noexcept {
    add(Record::Kind::kPlane, "drop " + text(key));
}

std::uint64_t Recorder::packets(const Key &key) noexcept {
    const auto found = matched.find(key);
    return found == matched.end() ? 0 : found->second;
}

void Recorder::call_begins(CallId call, const std::string &what) {
    calls_[call].what = what;
}

void Recorder::client_registered(Handle client, const std::string &name, CallbackSet callbacks) {
    EXPECT_NE(client, Handle{}) << name << " has no handle";
    const auto [known, is_new] =
        clients_.emplace(client, Known{.name = name, .callbacks = callbacks, .is_gone = false});
    EXPECT_TRUE(is_new || !known->second.is_gone) << name << " got a handle that somebody had";
}

std::optional<Completion> Recorder::completion(CallId call) const {
    return calls_.at(call).completion;
}

std::vector<std::string> Recorder::waiting_calls() const {
    std::vector<std::string> result;
    for (const auto &[id, call] : calls_)
        if (!call.completion)
            result.push_back(call.what);
    return result;
}

std::string Recorder::name(Handle client) const {
    const auto known = clients_.find(client);
    return known == clients_.end() ? fmt::format("client {:#x}", static_cast<std::uint64_t>(client))
                                   : known->second.name;
}

} // namespace control::manager::test
