// SPDX-License-Identifier: BSD-3-Clause
#include "control/manager/manager.hpp"

#include "control/manager/impl.hpp"

namespace control::manager {

Manager::Manager(const Options &options, const Rib &rib, Effects &effects, ForwardingPlane &plane,
                 std::pmr::memory_resource *memory)
    : impl_(std::make_unique<Impl>(options, rib, effects, plane, memory)) {}
Manager::~Manager() = default;

void Manager::register_client(const Call &call, const Registration &registration) {
    impl_->register_client(call, registration);
    impl_->settle(call.now);
}
void Manager::deregister(const Call &call, Handle client) {
    impl_->deregister(call, client);
    impl_->settle(call.now);
}
void Manager::take(const Call &call, Handle client, const Link &link) {
    impl_->take_or_release(CallKind::kTake, call, client, link);
    impl_->settle(call.now);
}
void Manager::release(const Call &call, Handle client, const Link &link) {
    impl_->take_or_release(CallKind::kRelease, call, client, link);
    impl_->settle(call.now);
}
void Manager::add(const Call &call, Handle client, const Membership &membership) {
    impl_->add_or_remove(CallKind::kAdd, call, client, membership);
    impl_->settle(call.now);
}
void Manager::remove(const Call &call, Handle client, const Membership &membership) {
    impl_->add_or_remove(CallKind::kRemove, call, client, membership);
    impl_->settle(call.now);
}
void Manager::update(const Call &call, Handle client, const MembershipUpdate &update) {
    impl_->update(call, client, update);
    impl_->settle(call.now);
}
void Manager::add_route(const Call &call, Handle client, const StaticRoute &route) {
    impl_->route(Impl::RouteCall::kAdd, call, client, route);
    impl_->settle(call.now);
}
void Manager::change_route(const Call &call, Handle client, const StaticRoute &route) {
    impl_->route(Impl::RouteCall::kChange, call, client, route);
    impl_->settle(call.now);
}
void Manager::remove_route(const Call &call, Handle client, mgm::Vrf vrf,
                           const mgm::IpPrefix &source, const mgm::IpPrefix &group) {
    impl_->route(Impl::RouteCall::kRemove, call, client,
                 {.vrf = vrf,
                  .source = source,
                  .group = group,
                  .iifs = {},
                  .oifs = {},
                  .is_per_source = false});
    impl_->settle(call.now);
}
void Manager::start_enumeration(const Call &call, Handle client, EnumerationKind kind) {
    impl_->start_enumeration(call, client, kind);
}
void Manager::reconciled(const Call &call, Handle client) {
    impl_->reconciled(call, client);
    impl_->settle(call.now);
}
Status Manager::owner_of(mgm::Vrf vrf, const Link &link, Identity &owner) const {
    return impl_->owner_of(vrf, link, owner);
}
Status Manager::next_groups(Handle enumeration, std::span<SourceGroup> records,
                            std::size_t &count) {
    return impl_->next_groups(enumeration, records, count);
}
Status Manager::end_enumeration(Handle enumeration) {
    return impl_->end_enumeration(enumeration);
}
Status Manager::set_upstream(const Call &call, Handle client, const Key &key,
                             const mgm::IpAddress &upstream) {
    return impl_->set_upstream(call, client, key, upstream);
}
std::optional<EntryInfo> Manager::entry(const Key &key, Time now) const {
    return impl_->entry(key, now);
}
std::optional<EntryInfo> Manager::entry_after(const Key &key, Time now) const {
    return impl_->entry_after(key, now);
}
const Refusals &Manager::refusals() const noexcept {
    return impl_->refusals();
}
std::optional<QueueInfo> Manager::queue(Handle client) const {
    return impl_->queue(client);
}
void Manager::returned(Handle client, CallbackId id, const Reply &reply, Time now) {
    impl_->returned(client, id, reply, now);
    impl_->settle(now);
}
void Manager::client_ended(Handle client, Time now) {
    impl_->client_ended(client, now);
    impl_->settle(now);
}
void Manager::new_source(const Arrival &arrival, Time now) {
    impl_->new_source(arrival, now);
    impl_->settle(now);
}
void Manager::wrong_interface(const Arrival &arrival, Time now) {
    impl_->wrong_interface(arrival, now);
}
void Manager::route_changed(mgm::Vrf vrf, const mgm::IpPrefix &prefix, Time now) {
    impl_->route_changed(vrf, prefix, now);
    impl_->settle(now);
}
void Manager::interfaces_changed(std::span<const mgm::IfIndex> interfaces, Time now) {
    impl_->interfaces_changed(interfaces, now);
    impl_->settle(now);
}
void Manager::interface_removed(mgm::Vrf vrf, mgm::IfIndex interface, Time now) {
    impl_->interface_removed(vrf, interface, now);
    impl_->settle(now);
}
void Manager::advance(Time now) {
    impl_->advance(now);
    impl_->settle(now);
}
std::optional<Time> Manager::next_timer() const {
    return impl_->next_timer();
}

} // namespace control::manager
