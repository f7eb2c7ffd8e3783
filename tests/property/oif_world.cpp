// SPDX-License-Identifier: BSD-3-Clause
#include "oif_world.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace mgm_test {
namespace {

using dataplane::Burst;

constexpr IfIndex kArrival{4711};
/// More than there are slots for: one takes the place of another.
constexpr std::array kOutgoing{IfIndex{3}, IfIndex{17}, IfIndex{99}, IfIndex{8}};
constexpr std::uint32_t kSlots = 4;

Geometry geometry() {
    Geometry geometry;
    geometry.interfaces = kSlots;
    geometry.neighbors = 4000; // places wait for workers, not for a test
    geometry.vrfs = 1;
    geometry.ipv4_entries = 5;
    geometry.ipv6_entries = 5;
    geometry.ipv4_ranges = 1;
    geometry.ipv6_ranges = 1;
    geometry.block_units = 1024;
    geometry.workers = OifWorld::kWorkers;
    return geometry;
}

RouteKey key_of(std::size_t entry) {
    RouteKey key;
    const bool is_ipv4 = entry % 2 == 0;
    const std::string last = std::to_string(7 + entry);
    key.source = IpAddress::parse(is_ipv4 ? "192.0.2." + last : "2001:db8::" + last).value();
    key.group = IpPrefix::parse(is_ipv4 ? "233.252.0." + last : "ff3e::" + last).value();
    return key;
}

/// Two next hops on the second one, so that an interface can be two oifs.
std::optional<IpAddress> next_hop(unsigned which) {
    if (which == 0)
        return std::nullopt;
    return IpAddress::parse(which == 1 ? "fe80::2" : "fe80::3").value();
}

InterfaceSpec spec_of(IfIndex index) {
    InterfaceSpec spec;
    spec.index = index;
    spec.name = "if" + std::to_string(static_cast<std::uint32_t>(index));
    spec.port = spec.name;
    return spec;
}

void require(bool done, const char *what) {
    if (!done)
        throw std::logic_error(what);
}

constexpr std::array kLosses{Verdict::kTtlThreshold, Verdict::kMtu,        Verdict::kMtuPtb,
                             Verdict::kIifInOif,     Verdict::kNoMbuf,     Verdict::kTxFull,
                             Verdict::kOifDown,      Verdict::kBoundaryOut};

void note_loss(OifSums &sums, Verdict reason) {
    if (reason == Verdict::kTtlThreshold)
        ++sums.ttl_too_low;
    else if (reason == Verdict::kMtu || reason == Verdict::kMtuPtb)
        ++sums.too_big;
    else if (reason != Verdict::kIifInOif)
        ++sums.discarded;
}

} // namespace

OifWorld::OifWorld()
    : segment_(geometry()), tables_(segment_.tables()), grace_(kWorkers), writer_(tables_, grace_) {
    require(writer_.upsert_interface(spec_of(kArrival)).has_value(), "no arrival interface");
    for (const IfIndex index : kOutgoing)
        interfaces_[index] = false;
    for (std::uint32_t dice = 0; dice < kSlots - 1; ++dice)
        toggle_interface(dice);
    for (std::uint32_t w = 0; w < kWorkers; ++w) {
        workers_[w] = std::make_unique<OifWorker>(w, tables_);
        grace_.online(w);
    }
}

void OifWorld::step(unsigned what, std::uint32_t dice) {
    const std::size_t entry = dice % kEntries;
    OifWorker &worker = *workers_[dice / kEntries % kWorkers];
    const std::uint32_t rest = dice / (kEntries * kWorkers);
    switch (what % 12) {
    case 0:
        return toggle_interface(dice);
    case 1:
        return remove(entry);
    case 2:
        return check();
    case 3:
        if (worker.packets.empty())
            grace_.quiescent(worker.context.worker);
        (void)writer_.reclaim();
        return;
    case 4:
    case 5:
    case 6:
        return begin_burst(worker, rest);
    case 7:
    case 8:
        return end_burst(worker, rest);
    default:
        return set_olist(entry, rest);
    }
}

std::vector<OifSpec> OifWorld::oifs_of(std::uint32_t members) const {
    std::vector<OifSpec> oifs;
    for (std::size_t i = 0; i < kOutgoing.size(); ++i)
        for (unsigned hop = 0; hop < (i == 1 ? 3U : 1U); ++hop, members >>= 1U)
            if ((members & 1U) != 0 && interfaces_.at(kOutgoing[i]))
                oifs.push_back(
                    {kOutgoing[i], static_cast<std::uint16_t>(members >> 7U & 3U), next_hop(hop)});
    return oifs;
}

void OifWorld::set_olist(std::size_t entry, std::uint32_t members) {
    NaiveEntry &naive = naive_[entry];
    const std::vector<OifSpec> oifs = oifs_of(members);
    require(writer_.upsert(key_of(entry), {{kArrival}, oifs}).has_value(), "refused");
    if (!naive.exists) {
        const unsigned life = naive.life + 1;
        naive = NaiveEntry{};
        naive.life = life;
        naive.exists = true;
    }
    naive.olist.clear();
    for (const OifSpec &oif : oifs)
        naive.olist.push_back({oif.interface, oif.next_hop});
    std::sort(naive.olist.begin(), naive.olist.end());
}

void OifWorld::remove(std::size_t entry) {
    if (!naive_[entry].exists)
        return;
    require(writer_.remove(key_of(entry)).has_value(), "not removed");
    naive_[entry].exists = false;
}

/// An interface leaves all olists and the tables, or comes back; its slot may be another's then.
void OifWorld::toggle_interface(std::uint32_t dice) {
    const IfIndex index = kOutgoing[dice % kOutgoing.size()];
    bool &is_there = interfaces_[index];
    if (!is_there && tables_.geometry().interfaces - 1 ==
                         std::count_if(interfaces_.begin(), interfaces_.end(),
                                       [](const auto &one) { return one.second; }))
        return;
    if (!is_there) {
        if (workers_[0] != nullptr)
            end_all(); // else a slot that was left may still wait for them
        is_there = writer_.upsert_interface(spec_of(index)).has_value();
        require(is_there, "no slot");
        return;
    }
    is_there = false;
    for (std::size_t entry = 0; entry < kEntries; ++entry) {
        NaiveEntry &naive = naive_[entry];
        std::erase_if(naive.olist, [&](const OifKey &oif) { return oif.interface == index; });
        RouteAction action{{kArrival}, {}};
        for (const OifKey &oif : naive.olist)
            action.oifs.push_back({oif.interface, 0, oif.next_hop});
        if (naive.exists)
            require(writer_.upsert(key_of(entry), action).has_value(), "refused");
    }
    require(writer_.remove_interface(index).has_value(), "still used");
}

// --- packets

void OifWorld::begin_burst(OifWorker &worker, std::uint32_t dice) {
    if (!worker.packets.empty())
        return;
    Burst &burst = worker.burst;
    burst.size = 0;
    for (std::size_t entry = 0; entry < kEntries; ++entry) {
        const unsigned count = dice >> (2 * entry) & 3U;
        for (unsigned k = 0; naive_[entry].exists && k < count; ++k) {
            const unsigned i = burst.size++;
            const RouteKey key = key_of(entry);
            burst.verdicts[i] = Verdict::kForwarded;
            burst.headers[i].family = key.group.family();
            burst.headers[i].packet_octets = 100;
            if (key.group.family() == Family::kIpv4)
                burst.ipv4_flows[i] = {key.source->v4(), key.group.address.v4(), 0};
            else
                burst.ipv6_flows[i] = {key.source->v6(), key.group.address.v6(), 0};
            worker.packets.push_back({entry, naive_[entry].life, {}});
        }
    }
    require(dataplane::lookup(worker.context, burst) == 0, "an entry was not found");
    for (unsigned i = 0; i < burst.size; ++i)
        worker.packets[i].olist = olist_of(*burst.sets[i]);
}

/// In the set's order, by names that outlive slots.
std::vector<OifKey> OifWorld::olist_of(const ForwardSet &set) const {
    std::vector<OifKey> olist;
    for (const Oif *oif = set.oifs(); oif != set.oifs() + set.oif_count; ++oif) {
        OifKey key{writer_.index_of(oif->slot).value(), std::nullopt};
        if (oif->neighbor != kGroupMac)
            key.next_hop = IpAddress(tables_.neighbor_link(oif->neighbor).address);
        olist.push_back(key);
    }
    return olist;
}

void OifWorld::end_burst(OifWorker &worker, std::uint32_t dice) {
    for (unsigned i = 0; i < worker.packets.size(); ++i)
        end_packet(worker, i, dice * 2654435761U + i * 40503U);
    worker.packets.clear();
    grace_.quiescent(worker.context.worker);
}

void OifWorld::end_packet(OifWorker &worker, unsigned i, std::uint32_t dice) {
    const OifWorker::Packet &packet = worker.packets[i];
    NaiveEntry ended; // it has: nobody asks
    NaiveEntry &naive = naive_[packet.entry].exists && naive_[packet.entry].life == packet.life
                            ? naive_[packet.entry]
                            : ended;
    Burst &burst = worker.burst;
    burst.reset_outcomes();
    const ForwardSet &set = *burst.sets[i];
    require(set.oif_count == packet.olist.size(), "another olist than when it was looked up");
    for (std::uint32_t k = 0; k < set.oif_count; ++k, dice = dice * 1664525U + 1013904223U) {
        const Oif &oif = set.oifs()[k];
        const Verdict reason = kLosses[dice >> 24U & 7U];
        const bool is_sent = (dice >> 20U & 7U) < 3;
        const OifKey &name = packet.olist[k];
        if (is_sent)
            ++burst.copies_sent[i];
        else
            dataplane::lose_copy(worker.context, burst, i, oif.slot, oif.neighbor, reason);
        if (is_sent)
            ++naive.given[name].packets;
        else
            note_loss(naive.given[name], reason);
    }
    dataplane::conclude(worker.context, burst, i, worker.context.counters(kNoSlot));
    const bool counts = burst.copies_sent[i] != 0 || set.oif_count == 0;
    naive.packets += counts ? 1 : 0;
    naive.dropped += set.oif_count == 0 ? 1 : 0;
}

// --- what it should be

void OifWorld::end_all() {
    for (const auto &worker : workers_)
        end_burst(*worker, 0x9e3779b9U);
    (void)writer_.reclaim();
}

void OifWorld::check() {
    for (const auto &worker : workers_)
        end_burst(*worker, 0x51ed270bU);
    for (std::size_t entry = 0; entry < kEntries; ++entry)
        compare(entry);
    RC_ASSERT(writer_.reclaim() == 0U);
    for (std::size_t entry = 0; entry < kEntries; ++entry)
        compare(entry);
}

void OifWorld::compare(std::size_t entry) const {
    const NaiveEntry &naive = naive_[entry];
    const std::optional<EntryReport> report = writer_.report(key_of(entry));
    RC_ASSERT(report.has_value() == naive.exists);
    if (!naive.exists)
        return;
    RC_ASSERT(report->sums.packets == naive.packets);
    RC_ASSERT(report->dropped == naive.dropped);
    RC_ASSERT(report->oifs.size() == naive.olist.size());
    for (std::size_t i = 0; i < naive.olist.size(); ++i) {
        const auto &[key, sums] = report->oifs[i];
        RC_ASSERT(key == naive.olist[i]);
        const auto given = naive.given.find(key);
        const OifSums expected = given == naive.given.end() ? OifSums{} : given->second;
        RC_ASSERT(sums.packets == expected.packets);
        RC_ASSERT(sums.ttl_too_low == expected.ttl_too_low);
        RC_ASSERT(sums.too_big == expected.too_big);
        RC_ASSERT(sums.discarded == expected.discarded);
    }
}

} // namespace mgm_test
