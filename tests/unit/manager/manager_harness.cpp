// SPDX-License-Identifier: BSD-3-Clause
#include "manager_harness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace control::manager::test {
namespace {

constexpr std::array kHeader = {std::byte{0x45}, std::byte{0x00}, std::byte{0x00},
                                std::byte{0x1d}, std::byte{0xc0}, std::byte{0xff}};

} // namespace

World::World(const Options &options, Scene scene)
    : manager(std::make_unique<Manager>(options, rib, recorder, recorder, &memory)) {
    add_route("10.0.0.0/24", if1);
    add_route("10.0.2.0/24", if2);
    add_route("10.0.4.0/24", if4);
    if (scene == Scene::kSetup) {
        for (Client *client : {&A, &B, &C, &I})
            given_client(*client);
        given_owner(A, if1);
        given_owner(B, if2);
        given_owner(C, if3);
    }
    forget();
}

Client World::routing(std::string name, std::uint32_t component, Families families) {
    return {.name = std::move(name),
            .registration = {.identity = {.protocol = 0x8001'0067, .component = component},
                             .role = Role::kRouting,
                             .vrf = {},
                             .families = families,
                             .callbacks = CallbackSet::routing()},
            .handle = {}};
}

Client World::group_management(std::string name, mgm::Family family) {
    Client client = routing(std::move(name), 1);
    client.registration.identity.protocol = family == mgm::Family::kIpv4 ? 10 : 0x8001'0010;
    client.registration.role = Role::kGroupManagement;
    client.registration.families = family == mgm::Family::kIpv4 ? Families::kIpv4 : Families::kIpv6;
    client.registration.callbacks = CallbackSet::group_management();
    return client;
}

Client World::configuration(std::string name) {
    Client client = routing(std::move(name), 9);
    client.registration.role = Role::kStatic;
    client.registration.callbacks = {};
    return client;
}

// --- calls

Outcome World::call(const std::string &what, const std::function<void(const Call &)> &body) {
    nothing_unlisted(what);
    const CallId id{++last_call_};
    recorder.call_begins(id, what);
    body(Call{.id = id, .now = now, .inside = inside});
    settle();
    return {recorder, id};
}

Outcome World::register_client(Client &client) {
    if (names_.contains({client.registration.vrf, client.registration.identity}))
        recorder.client_registers(std::pair(client.name, client.registration.callbacks));
    const Outcome outcome = call(fmt::format("register({})", client.name), [&](const Call &call) {
        manager->register_client(call, client.registration);
    });
    recorder.client_registers(std::nullopt);
    if (outcome == kOk) {
        client.handle = outcome.handle();
        recorder.client_registered(client, client.name, client.registration.callbacks);
        names_[{client.registration.vrf, client.registration.identity}] = client.name;
    }
    return outcome;
}

Outcome World::deregister(Handle client) {
    return call(fmt::format("deregister({})", recorder.name(client)),
                [&](const Call &call) { manager->deregister(call, client); });
}

Outcome World::take(Handle client, const Link &link) {
    return call(fmt::format("take({},{})", recorder.name(client), text(link)),
                [&](const Call &call) { manager->take(call, client, link); });
}

Outcome World::release(Handle client, const Link &link) {
    return call(fmt::format("release({},{})", recorder.name(client), text(link)),
                [&](const Call &call) { manager->release(call, client, link); });
}

Outcome World::add(Handle client, const Key &key, const Link &link, std::uint32_t flags) {
    return add(client, membership(key, link, flags));
}

Outcome World::add(Handle client, const Membership &membership) {
    return call(fmt::format("add({},{})", recorder.name(client), text(membership.link)),
                [&](const Call &call) { manager->add(call, client, membership); });
}

Outcome World::remove(Handle client, const Key &key, const Link &link, std::uint32_t flags) {
    return remove(client, membership(key, link, flags));
}

Outcome World::remove(Handle client, const Membership &membership) {
    return call(fmt::format("remove({},{})", recorder.name(client), text(membership.link)),
                [&](const Call &call) { manager->remove(call, client, membership); });
}

Outcome World::update(Handle client, const mgm::IpAddress &group, const Link &link, FilterMode mode,
                      std::vector<mgm::IpAddress> sources) {
    const MembershipUpdate update{
        .group = group, .link = link, .mode = mode, .sources = std::move(sources)};
    return call(fmt::format("update({},{})", recorder.name(client), text(link)),
                [&](const Call &call) { manager->update(call, client, update); });
}

Outcome World::add_static(Handle client, const StaticRoute &route) {
    return call("add a static route",
                [&](const Call &call) { manager->add_route(call, client, route); });
}

Outcome World::change_static(Handle client, const StaticRoute &route) {
    return call("change a static route",
                [&](const Call &call) { manager->change_route(call, client, route); });
}

Outcome World::remove_static(Handle client, const StaticRoute &route) {
    return call("remove a static route", [&](const Call &call) {
        manager->remove_route(call, client, route.vrf, route.source, route.group);
    });
}

Outcome World::start_enumeration(Handle client, EnumerationKind kind) {
    return call(fmt::format("start_enumeration({})", recorder.name(client)),
                [&](const Call &call) { manager->start_enumeration(call, client, kind); });
}

Outcome World::reconciled(Handle client) {
    return call(fmt::format("reconciled({})", recorder.name(client)),
                [&](const Call &call) { manager->reconciled(call, client); });
}

Status World::set_upstream(Handle client, const Key &key, const mgm::IpAddress &upstream) {
    Status status{};
    event("set_upstream", [&] {
        status = manager->set_upstream(Call{.id = {}, .now = now, .inside = inside}, client, key,
                                       upstream);
    });
    return status;
}

// --- events

void World::event(const std::string &what, const std::function<void()> &body) {
    nothing_unlisted(what);
    body();
    settle();
}

void World::client_ended(Handle client) {
    event("client_ended", [&] { manager->client_ended(client, now); });
}

void World::data(const mgm::IpAddress &source, const mgm::IpAddress &group, const Link &on) {
    const Arrival arrival{.key = sg(source, group), .interface = on.interface, .header = kHeader};
    event("data", [&] { manager->new_source(arrival, now); });
}

void World::data_on_wrong_interface(const mgm::IpAddress &source, const mgm::IpAddress &group,
                                    const Link &on) {
    const Arrival arrival{.key = sg(source, group), .interface = on.interface, .header = kHeader};
    event("wrong interface", [&] { manager->wrong_interface(arrival, now); });
}

void World::interface_removed(const Link &link) {
    event("interface_removed", [&] { manager->interface_removed({}, link.interface, now); });
}

RibRoute World::route(const std::string &prefix, const Link &towards,
                      const std::string &neighbor) const {
    RibRoute route{.vrf = {},
                   .prefix = test::prefix(prefix),
                   .interface = towards.interface,
                   .neighbor = std::nullopt,
                   .protocol = RouteProtocol::kLocal,
                   .preference = 0};
    if (!neighbor.empty()) {
        route.neighbor = ip(neighbor);
        route.protocol = RouteProtocol::kStatic;
        route.preference = 7;
    }
    return route;
}

void World::add_route(const std::string &prefix, const Link &towards, const std::string &neighbor) {
    EXPECT_TRUE(rib.add(route(prefix, towards, neighbor)));
    event("route", [&] { manager->route_changed({}, test::prefix(prefix), now); });
}

void World::remove_route(const std::string &prefix, const Link &towards,
                         const std::string &neighbor) {
    EXPECT_TRUE(rib.remove(route(prefix, towards, neighbor)));
    event("route", [&] { manager->route_changed({}, test::prefix(prefix), now); });
}

void World::move_route(const std::string &prefix, const Link &from, const Link &to) {
    EXPECT_TRUE(rib.remove(route(prefix, from, "")));
    add_route(prefix, to);
}

void World::pass(Time time) {
    const Time end = now + time;
    nothing_unlisted("time passes");
    for (int turns = 0; manager->next_timer() && *manager->next_timer() <= end; ++turns) {
        if (turns == 1000) {
            ADD_FAILURE() << "a timer is due again and again";
            break;
        }
        now = std::max(now, *manager->next_timer());
        manager->advance(now);
        settle();
    }
    now = end;
    manager->advance(now);
    settle();
}

void World::jump(Time time) {
    now += time;
    event("time jumps", [&] { manager->advance(now); });
}

// --- scene

void World::given_client(Client &client) {
    EXPECT_EQ(register_client(client), kOk);
    forget();
}

void World::given_owner(Handle client, const Link &link) {
    EXPECT_EQ(take(client, link), kOk);
    forget();
}

void World::given_member(Handle client, const Key &key, const Link &link, std::uint32_t flags) {
    EXPECT_EQ(add(client, key, link, flags), kOk);
    forget();
}

void World::given_static(Handle client, const StaticRoute &route) {
    EXPECT_EQ(add_static(client, route), kOk);
    forget();
}

void World::given_entry(const mgm::IpAddress &source, const mgm::IpAddress &group, const Link &on) {
    data(source, group, on);
    EXPECT_TRUE(is_shown(source, group)) << text(sg(source, group));
    forget();
}

void World::forget() {
    recorder.records.clear();
    recorder.history.clear();
    recorder.events.clear();
}

} // namespace control::manager::test
