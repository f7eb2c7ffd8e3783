// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/neighbor_writer.hpp"

namespace mgm {

namespace {

std::uint64_t word_of(const MacAddress &mac) {
    std::uint64_t word = Tables::kNeighborKnown;
    for (std::size_t i = 0; i < mac.octets.size(); ++i)
        word |= std::uint64_t{mac.octets[i]} << (8 * i);
    return word;
}

} // namespace

NeighborWriter::NeighborWriter(Tables tables, RetiredList &retired)
    : tables_(tables), retired_(retired), places_(tables.geometry().neighbors + 1U) {
    for (std::uint32_t slot = tables.geometry().neighbors; slot >= 1; --slot)
        free_.push_back(NeighborSlot{slot});
}

std::atomic<std::uint64_t> &NeighborWriter::word(NeighborSlot slot) const {
    return tables_.at<std::atomic<std::uint64_t>>(
        tables_.header().layout.neighbors)[static_cast<std::uint32_t>(slot)];
}

std::optional<NeighborSlot> NeighborWriter::slot_of(IfSlot interface, const IpAddress &address) {
    const Key key{interface, address};
    if (const auto known = slots_.find(key); known != slots_.end())
        return known->second;
    if (free_.empty())
        retired_.wait_and_reclaim();
    if (free_.empty())
        return std::nullopt;
    const NeighborSlot slot = free_.back();
    free_.pop_back();
    slots_.emplace(key, slot);
    place(slot) = Place{key};
    link(slot, key);
    return slot;
}

void NeighborWriter::link(NeighborSlot slot, const Key &key) {
    const auto &[interface, address] = key;
    if (address.family() != Family::kIpv6)
        return;
    std::atomic<std::uint32_t> &chain = tables_.neighbor_chain(interface, address.v6());
    NeighborLink &made = tables_.neighbor_link(slot);
    made.interface = interface;
    made.address = address.v6();
    // relaxed, both: only we write the chain, and nobody can reach the link yet
    made.next.store(chain.load(std::memory_order_relaxed), std::memory_order_relaxed);
    // release: the link is written before it is found; pairs with Tables::neighbor_mac()
    chain.store(static_cast<std::uint32_t>(slot), std::memory_order_release);
}

void NeighborWriter::unlink(NeighborSlot slot, const Key &key) {
    const auto &[interface, address] = key;
    if (address.family() != Family::kIpv6)
        return;
    std::atomic<std::uint32_t> *before = &tables_.neighbor_chain(interface, address.v6());
    // relaxed, all: only we write the chain
    while (before->load(std::memory_order_relaxed) != static_cast<std::uint32_t>(slot))
        before = &tables_.neighbor_link(NeighborSlot{before->load(std::memory_order_relaxed)}).next;
    // A worker that stands at this link goes on from it until the grace period is over.
    const std::uint32_t next = tables_.neighbor_link(slot).next.load(std::memory_order_relaxed);
    // release: the next link is now found by this store; pairs with Tables::neighbor_mac()
    before->store(next, std::memory_order_release);
}

void NeighborWriter::set_mac(NeighborSlot slot, std::optional<MacAddress> mac) {
    // relaxed: the word is the whole value; pairs with Tables::neighbor_mac()
    word(slot).store(mac ? word_of(*mac) : 0, std::memory_order_relaxed);
    place(slot).known = mac.has_value();
    release_if_idle(slot);
}

void NeighborWriter::add_use(NeighborSlot slot) {
    if (slot != kGroupMac)
        ++place(slot).uses;
}

void NeighborWriter::drop_use(NeighborSlot slot) {
    if (slot == kGroupMac)
        return;
    --place(slot).uses;
    release_if_idle(slot);
}

void NeighborWriter::release_if_idle(NeighborSlot slot) {
    Place &idle = place(slot);
    if (slot == kGroupMac || idle.uses != 0 || idle.known)
        return;
    if (slots_.erase(idle.key) == 0)
        return; // released already
    unlink(slot, idle.key);
    // A worker may still run a retired forward set that names it, or stand at its link.
    retired_.retire([this, slot] { free_.push_back(slot); });
}

void NeighborWriter::remove_interface(IfSlot interface) {
    std::vector<NeighborSlot> going;
    for (auto at = slots_.lower_bound({interface, IpAddress{}});
         at != slots_.end() && at->first.first == interface; ++at)
        going.push_back(at->second);
    for (const NeighborSlot slot : going)
        set_mac(slot, std::nullopt);
}

} // namespace mgm
