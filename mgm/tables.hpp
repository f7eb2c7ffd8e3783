// SPDX-License-Identifier: BSD-3-Clause
// The readers' side of the shared segment: a view that turns indices into references. Holds no
// state of its own, may be copied, works on any mapping (a memzone, an attached memzone, plain
// memory in unit tests).
//
// Thread: any worker between two of its quiescent points; an attached process only through
// mgm/attach.hpp.
#pragma once

#include "mgm/flow_hash.hpp"
#include "mgm/layout.hpp"
#include "mgm/replication_program.hpp"

#include <optional>

namespace mgm {

/// The octets of an address in network order.
[[nodiscard]] inline const std::uint8_t *octets_of(const Ipv4Address &address) noexcept {
    return reinterpret_cast<const std::uint8_t *>(&address.be);
}
[[nodiscard]] inline const std::uint8_t *octets_of(const Ipv6Address &address) noexcept {
    return address.octets.data();
}

class Tables {
public:
    explicit Tables(std::byte *base) noexcept
        : base_(base), header_(reinterpret_cast<SegmentHeader *>(base)) {}

    [[nodiscard]] SegmentHeader &header() const noexcept { return *header_; }
    [[nodiscard]] const Geometry &geometry() const noexcept { return header_->geometry; }
    [[nodiscard]] std::byte *base() const noexcept { return base_; }

    template <Family F>
    [[nodiscard]] const FamilyLayout &layout() const noexcept {
        return F == Family::kIpv4 ? header_->layout.ipv4 : header_->layout.ipv6;
    }
    template <class T>
    [[nodiscard]] T *at(std::uint64_t offset) const noexcept {
        return reinterpret_cast<T *>(base_ + offset);
    }
    template <Family F>
    [[nodiscard]] Mfe<F> &mfe(MfeIndex index) const noexcept {
        return at<Mfe<F>>(layout<F>().entries)[static_cast<std::uint32_t>(index)];
    }
    template <class T>
    [[nodiscard]] T &block(BlockRef ref) const noexcept {
        return *at<T>(header_->layout.blocks + static_cast<std::uint64_t>(ref) * kLine);
    }

    /// The forward set that `mfe` has now. Valid until the caller's next quiescent point.
    template <Family F>
    [[nodiscard]] const ForwardSet &forward_set(const Mfe<F> &mfe) const noexcept {
        // acquire: pairs with the release store in EntryWriter::swap_set(); the set's contents are
        // visible before the reference that leads to them.
        return block<ForwardSet>(forward_set_in(mfe.forward_set.load(std::memory_order_acquire)));
    }
    /// What a worker does with a packet of the entry, read at once.
    struct Action {
        const ForwardSet *set;
        std::uint32_t counting; ///< kTellsApart, kSecondBank
    };
    template <Family F>
    [[nodiscard]] Action action(const Mfe<F> &mfe) const noexcept {
        return action(mfe, blocks());
    }
    /// The same for who asks often: `blocks` as blocks() gave it.
    template <Family F>
    [[nodiscard]] static Action action(const Mfe<F> &mfe, const std::byte *blocks) noexcept {
        const std::uint32_t word = mfe.forward_set.load(std::memory_order_acquire); // as above
        const auto offset = static_cast<std::uint64_t>(forward_set_in(word)) * kLine;
        return {reinterpret_cast<const ForwardSet *>(blocks + offset),
                word & (kTellsApart | kSecondBank)};
    }
    [[nodiscard]] const std::byte *blocks() const noexcept {
        return base_ + header_->layout.blocks;
    }
    /// How the copies of the set's olist are made; nullptr: each on its own.
    [[nodiscard]] const ReplicationProgram *program(const ForwardSet &set) const noexcept {
        // acquire: the program's contents are visible; pairs with
        // ForwardSetStore::replace_program()
        const std::uint32_t ref = set.program.load(std::memory_order_acquire);
        return ref == 0 ? nullptr : &block<ReplicationProgram>(BlockRef{ref});
    }
    /// Nullptr when the slot is unused.
    [[nodiscard]] const InterfaceRecord *interface(IfSlot slot) const noexcept {
        const std::uint32_t ref =
            at<std::atomic<std::uint32_t>>(
                header_->layout.interface_roots)[static_cast<std::uint32_t>(slot)]
                .load(std::memory_order_acquire); // pairs with InterfaceWriter::publish()
        return ref == 0 ? nullptr : &block<InterfaceRecord>(BlockRef{ref});
    }
    [[nodiscard]] PortRoot &port_root(std::uint16_t port_id) const noexcept {
        return at<PortRoot>(header_->layout.port_roots)[port_id];
    }
    /// The interface that frames of this port with this VLAN id (0 = untagged or priority-tagged)
    /// arrive on.
    [[nodiscard]] IfSlot slot_of(std::uint16_t port_id, std::uint16_t vlan) const noexcept {
        const PortRoot &root = port_root(port_id);
        if (vlan == 0)
            // acquire: pairs with PortRootWriter::set(); the interface's record is published before
            // its port leads to it
            return IfSlot{root.untagged.load(std::memory_order_acquire)};
        const std::uint32_t map = root.vlan_map.load(std::memory_order_acquire); // as above
        return map == 0 ? kNoSlot
                        : IfSlot{block<VlanMap>(BlockRef{map})
                                     .slots[vlan & 0xfffU]
                                     .load(std::memory_order_acquire)}; // as above
    }
    /// The router's own addresses; nullptr: none.
    template <Family F>
    [[nodiscard]] const OwnAddresses *own_addresses() const noexcept {
        const std::uint32_t ref =
            own_address_root<F>().load(std::memory_order_acquire); // pairs with
                                                                   // OwnAddressWriter::publish()
        return ref == 0 ? nullptr : &block<OwnAddresses>(BlockRef{ref});
    }
    /// True when `address` is one of the router's own in `vrf`, on any interface.
    template <Family F>
    [[nodiscard]] bool is_own_address(std::uint32_t vrf, const Address<F> &address) const noexcept {
        return is_own_address<F>(own_addresses<F>(), vrf, address);
    }
    /// The same for who asks often: `own` as own_addresses() gave it.
    template <Family F>
    [[nodiscard]] bool is_own_address(const OwnAddresses *own, std::uint32_t vrf,
                                      const Address<F> &address) const noexcept {
        if (own == nullptr)
            return false;
        const std::uint32_t bit = filter_bit(address);
        if ((own->filter[bit / 32] >> bit % 32 & 1U) == 0) [[likely]]
            return false;
        const auto *places = reinterpret_cast<const FlowKey<F> *>(own + 1);
        const FlowKey<F> wanted{address, {}, vrf};
        auto place = static_cast<std::uint32_t>(hash_of(wanted, header_->salt)) & own->mask;
        for (; places[place].source != Address<F>{}; place = (place + 1) & own->mask)
            if (places[place] == wanted)
                return true;
        return false; // there is always an empty place: the set is a quarter full at most
    }
    template <Family F>
    [[nodiscard]] std::atomic<std::uint32_t> &own_address_root() const noexcept {
        return at<std::atomic<std::uint32_t>>(
            header_->layout.own_address_roots)[F == Family::kIpv4 ? 0 : 1];
    }

    /// The next hop's MAC; nullopt while it is not known.
    [[nodiscard]] std::optional<MacAddress> neighbor_mac(NeighborSlot slot) const noexcept {
        const std::uint64_t word =
            at<std::atomic<std::uint64_t>>(
                header_->layout.neighbors)[static_cast<std::uint32_t>(slot)]
                .load(std::memory_order_relaxed); // relaxed: the word is the whole value
        return mac_of(word);
    }
    /// The same by the neighbor's address; nullopt also when there is no such neighbor.
    [[nodiscard]] std::optional<MacAddress>
    neighbor_mac(IfSlot interface, const Ipv6Address &address) const noexcept {
        // acquire, both: pairs with NeighborWriter::link() and unlink(); the link is written before
        // whatever leads to it
        std::uint32_t slot = neighbor_chain(interface, address).load(std::memory_order_acquire);
        while (slot != 0) {
            const NeighborLink &link = neighbor_link(NeighborSlot{slot});
            if (link.interface == interface && link.address == address)
                return neighbor_mac(NeighborSlot{slot});
            slot = link.next.load(std::memory_order_acquire);
        }
        return std::nullopt;
    }
    [[nodiscard]] NeighborLink &neighbor_link(NeighborSlot slot) const noexcept {
        return at<NeighborLink>(header_->layout.neighbor_links)[static_cast<std::uint32_t>(slot)];
    }
    /// Where the chain begins that this neighbor belongs to.
    [[nodiscard]] std::atomic<std::uint32_t> &
    neighbor_chain(IfSlot interface, const Ipv6Address &address) const noexcept {
        const FlowKey<Family::kIpv6> key{address, {}, static_cast<std::uint32_t>(interface)};
        const HashPlace place = place_of(hash_of(key, header_->salt), geometry().neighbors);
        return at<std::atomic<std::uint32_t>>(header_->layout.neighbor_chains)[place.first];
    }
    /// What a word of the neighbor table says.
    [[nodiscard]] static std::optional<MacAddress> mac_of(std::uint64_t word) noexcept {
        if ((word & kNeighborKnown) == 0)
            return std::nullopt;
        MacAddress mac;
        for (std::size_t i = 0; i < mac.octets.size(); ++i)
            mac.octets[i] = static_cast<std::uint8_t>(word >> (8 * i));
        return mac;
    }
    static constexpr std::uint64_t kNeighborKnown = std::uint64_t{1} << 63;

    // --- counters; `worker` < geometry().workers
    // -------------------------------------------------------------
    [[nodiscard]] const WorkerLayout &worker(std::uint32_t worker) const noexcept {
        return at<WorkerLayout>(header_->layout.workers)[worker];
    }
    [[nodiscard]] WorkerStatus &worker_status(std::uint32_t w) const noexcept {
        return *at<WorkerStatus>(worker(w).status);
    }
    [[nodiscard]] InterfaceCounters &interface_counters(std::uint32_t w,
                                                        IfSlot slot) const noexcept {
        return at<InterfaceCounters>(
            worker(w).interface_counters)[static_cast<std::uint32_t>(slot)];
    }
    /// What all workers had counted in this row when the slot was last left.
    [[nodiscard]] InterfaceCounters &interface_base(IfSlot slot) const noexcept {
        return at<InterfaceCounters>(
            header_->layout.interface_bases)[static_cast<std::uint32_t>(slot)];
    }
    template <Family F>
    [[nodiscard]] EntryCounters &entry_counters(std::uint32_t w, MfeIndex index) const noexcept {
        return at<EntryCounters>(F == Family::kIpv4
                                     ? worker(w).ipv4_counters
                                     : worker(w).ipv6_counters)[static_cast<std::uint32_t>(index)];
    }
    [[nodiscard]] OifCounters *oif_counters(std::uint32_t w) const noexcept {
        return at<OifCounters>(worker(w).oif_counters);
    }
    template <Family F>
    [[nodiscard]] Counter &different_in_if(std::uint32_t w, MfeIndex index) const noexcept {
        return at<Counter>(F == Family::kIpv4
                               ? worker(w).ipv4_different_in_if
                               : worker(w).ipv6_different_in_if)[static_cast<std::uint32_t>(index)];
    }

private:
    std::byte *base_;
    SegmentHeader *header_;
};

/// RPF: does the set accept packets that arrive on `iif`? One compare in the common case.
[[nodiscard]] inline bool accepts(const ForwardSet &set, IfSlot iif) noexcept {
    if (set.only_iif == iif)
        return true;
    if (set.iif_count <= 1)
        return false;
    const IfSlot *first = set.iifs();
    std::uint32_t count = set.iif_count;
    while (count > 1) { // branch-free halving over the sorted iifs
        const std::uint32_t half = count / 2;
        first += first[half - 1] < iif ? half : 0;
        count -= half;
    }
    return *first == iif;
}

} // namespace mgm
