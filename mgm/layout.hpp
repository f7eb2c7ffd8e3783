// SPDX-License-Identifier: BSD-3-Clause
// The shared segment, octet by octet: a contract between the daemon and every process that
// attaches. Change anything here and kLayoutVersion moves.
//
//   +--------------------+  offset 0
//   | SegmentHeader      |  magic, version, state, geometry, offsets of all that follows
//   +--------------------+
//   | interface roots    |  atomic BlockRef by IfSlot           -> InterfaceRecord in a block
//   | port roots         |  by DPDK port id                     -> untagged IfSlot, VLAN map block
//   | own address roots  |  by family                           -> OwnAddresses block
//   | neighbors          |  atomic MAC by NeighborSlot
//   | neighbor links     |  IPv6 neighbors by (interface, address): NeighborLink by NeighborSlot
//   | neighbor chains    |  atomic NeighborSlot by hash           -> first NeighborLink
//   | interface bases    |  InterfaceCounters by IfSlot: what the slot's former interfaces counted
//   | vrf roots          |  by family and vrf                   -> first RangeNode
//   +--------------------+
//   | IPv4: buckets, entries (Mfe), range nodes
//   | IPv6: buckets, entries (Mfe), range nodes
//   +--------------------+
//   | blocks             |  64-octet units, variable length: forward sets, interface records, VLAN
//   maps, own addresses; behind them, half as many units, replication programs
//   +--------------------+
//   | per worker: WorkerStatus, interface counters, IPv4 and IPv6 entry counters, oif counters
//   +--------------------+
//
// Everything is found by index or offset, never by pointer: an attached process may map the segment
// anywhere. Who writes: the control thread all but the worker parts, each worker its own part.
// Memory orders: README.md.
#pragma once

#include "mgm/counters.hpp"
#include "mgm/flow_key.hpp"
#include "mgm/types.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace mgm {

inline constexpr std::uint64_t kSegmentMagic = 0x6d67'6d74'6162'6c65; // "mgmtable"
inline constexpr std::uint32_t kLayoutVersion = 8;
inline constexpr unsigned kMaxPorts = 32; ///< RTE_MAX_ETHPORTS of Debian's DPDK

/// Index of a 64-octet unit in the block area; 0 is "none".
enum class BlockRef : std::uint32_t {};
inline constexpr BlockRef kNoBlock{0};

/// Position in the neighbor table; 0 is "the group's own MAC".
enum class NeighborSlot : std::uint32_t {};
inline constexpr NeighborSlot kGroupMac{0};

/// Position of an entry in its family's entry array; counters use the same index. 0 is never an
/// entry.
enum class MfeIndex : std::uint32_t {};
inline constexpr MfeIndex kNoMfe{0};

/// Life of the segment, for processes that attach.
enum class SegmentState : std::uint32_t { kBuilding = 1, kReady = 2, kStopped = 3 };

// --- blocks --------------------------------------------------------------------------------------

enum class BlockKind : std::uint32_t {
    kFree = 0,
    kForwardSet = 1,
    kInterface = 2,
    kVlanMap = 3,
    kOwnAddresses = 4,
    kReplicationProgram = 5,
};

/// First octets of every block. A block's contents, but for a forward set's `program`, never change
/// between publication and the end of the grace period after it was retired; `generation` moves at
/// both ends, so that an attached process, which takes no part in grace periods, notices that a
/// copy it made is not one.
struct BlockHeader {
    std::atomic<std::uint32_t> generation; ///< odd: being written or free
    std::uint32_t units;                   ///< length in 64-octet units
    BlockKind kind;
};

/// One outgoing interface of a forward set.
struct Oif {
    IfSlot slot;
    NeighborSlot neighbor;       ///< kGroupMac, or the next hop whose MAC the copy gets
    std::uint16_t ttl_threshold; ///< of this (entry, oif); the interface has its own
    std::uint16_t reserved;
};
static_assert(sizeof(Oif) == 12 && std::is_trivially_copyable_v<Oif>);

/// The accepted iifs and the olist, immutable and shared by every MFE that wants exactly these;
/// only `program` is replaced, when an interface of the olist changes. Followed in memory by
/// `oif_count` Oif, then `iif_count` IfSlot in rising order.
struct ForwardSet {
    BlockHeader header;
    IfSlot
        only_iif; ///< the single accepted iif (one compare), kNoSlot when there are none or several
    std::uint32_t iif_count;
    std::uint32_t oif_count;
    /// BlockRef of a ReplicationProgram; 0: each copy is made on its own.
    std::atomic<std::uint32_t> program;

    [[nodiscard]] const Oif *oifs() const noexcept {
        return reinterpret_cast<const Oif *>(this + 1);
    }
    [[nodiscard]] const IfSlot *iifs() const noexcept {
        return reinterpret_cast<const IfSlot *>(oifs() + oif_count);
    }
};
static_assert(sizeof(ForwardSet) == 28);

/// An address of an interface with its network, or a boundary range.
struct Ipv4Net {
    std::uint32_t address_be;
    std::uint32_t mask_be;
};
struct Ipv6Net {
    Ipv6Address address;
    std::uint32_t length = 0;
};

enum class LinkState : std::uint8_t { kPending = 0, kDown = 1, kUp = 2 };

inline constexpr std::uint16_t kNoPort = 0xffff;
inline constexpr std::size_t kInterfaceNameOctets = 32; ///< with the terminating NUL

/// All that a worker needs of an interface, replaced as a whole when anything changes.
/// Followed in memory by ipv4_count Ipv4Net addresses, ipv4_boundary_count Ipv4Net, ipv6_count
/// Ipv6Net addresses, ipv6_boundary_count Ipv6Net.
struct InterfaceRecord {
    BlockHeader header;
    IfIndex index;
    std::uint16_t port_id; ///< DPDK port, kNoPort while pending
    std::uint16_t vlan;    ///< 0 = untagged
    std::uint16_t vrf;
    std::uint16_t mtu;           ///< octets of an IP packet
    std::uint16_t ttl_threshold; ///< 0..256
    LinkState state;
    std::uint8_t scope_boundary; ///< IPv6 scopes <= this neither enter nor leave
    MacAddress mac;
    std::uint8_t takes_segments; ///< 1: the port sends frames of several mbufs
    std::uint8_t reserved;
    std::uint16_t ipv4_count;
    std::uint16_t ipv4_boundary_count;
    std::uint16_t ipv6_count;
    std::uint16_t ipv6_boundary_count;
    std::array<char, kInterfaceNameOctets> name;

    [[nodiscard]] const Ipv4Net *ipv4_addresses() const noexcept {
        return reinterpret_cast<const Ipv4Net *>(this + 1);
    }
    [[nodiscard]] const Ipv4Net *ipv4_boundaries() const noexcept {
        return ipv4_addresses() + ipv4_count;
    }
    [[nodiscard]] const Ipv6Net *ipv6_addresses() const noexcept {
        return reinterpret_cast<const Ipv6Net *>(ipv4_boundaries() + ipv4_boundary_count);
    }
    [[nodiscard]] const Ipv6Net *ipv6_boundaries() const noexcept {
        return ipv6_addresses() + ipv6_count;
    }
};

/// VLAN id to interface for one port: roots, each replaced by one store, so not immutable as other
/// blocks are.
struct VlanMap {
    BlockHeader header;
    std::array<std::atomic<std::uint32_t>, 4096> slots; ///< IfSlot, 0 = none
};

/// Our own addresses of one family as an open-addressing set with linear probing, at most a quarter
/// full. Followed in memory by `mask + 1` elements of FlowKey<F> of which only `source` and `vrf`
/// are used; a zero source is an empty place.
struct OwnAddresses {
    BlockHeader header;
    std::uint32_t count;
    std::uint32_t mask;
    /// An address whose bit (filter_bit()) is clear is in no vrf's set: nearly every packet's
    /// source ends here.
    std::array<std::uint32_t, 16> filter;
};
[[nodiscard]] constexpr std::uint32_t filter_bit(std::uint32_t word) noexcept {
    return word * 0x9e37'79b1U >> 23U;
}
[[nodiscard]] constexpr std::uint32_t filter_bit(Ipv4Address address) noexcept {
    return filter_bit(address.be);
}
[[nodiscard]] inline std::uint32_t filter_bit(const Ipv6Address &address) noexcept {
    std::uint32_t word = 0; // of the interface identifier, which tells hosts apart
    std::memcpy(&word, &address.octets[12], sizeof word);
    return filter_bit(word);
}

struct PortRoot {
    std::atomic<std::uint32_t> untagged; ///< IfSlot of the untagged interface, 0 = none
    std::atomic<std::uint32_t> vlan_map; ///< BlockRef of a VlanMap, 0 = no VLAN interfaces
};

/// What an IPv6 neighbor is found by. The neighbors whose (interface, address) have the same hash
/// are a chain. Interface and address are written before the link is published and stay until a
/// grace period after it was taken out.
struct NeighborLink {
    Ipv6Address address;
    IfSlot interface;
    std::atomic<std::uint32_t> next; ///< NeighborSlot, 0 = the chain ends
};
static_assert(sizeof(NeighborLink) == 24);

// --- entries -------------------------------------------------------------------------------------

// In Mfe::forward_set beside the reference: how a packet counts.
inline constexpr std::uint32_t kTellsApart = 1U << 31U; ///< for each of its oifs (OifCounters)
inline constexpr std::uint32_t kSecondBank = 1U << 30U; ///< else in EntryCounters::packets[1]
[[nodiscard]] constexpr BlockRef forward_set_in(std::uint32_t word) noexcept {
    return BlockRef{word & ~(kTellsApart | kSecondBank)};
}

/// Multicast forwarding entry. While workers may hold it, only `forward_set` changes, and
/// `generation` when it is removed. The key is written before the entry is published and stays
/// until a grace period after it was removed.
template <Family F>
struct alignas(F == Family::kIpv4 ? 32 : 64) Mfe {
    /// For attached processes, and for the names of rows (oif_counters.hpp). 0: never used; odd:
    /// being written, retired or free; else live.
    std::atomic<std::uint32_t> generation;
    std::atomic<std::uint32_t> forward_set; ///< BlockRef of a ForwardSet, and how to count
    FlowKey<F> key; ///< zero source: (*,G) or, with group_length short, (*,G/len)
    std::uint8_t group_length = 0;
    std::array<std::uint8_t, 3> reserved{};
    std::uint64_t created_seconds = 0; ///< CLOCK_REALTIME
};
static_assert(sizeof(Mfe<Family::kIpv4>) == 32);
static_assert(sizeof(Mfe<Family::kIpv6>) == 64);

/// One cache line of the exact-match hash. A slot is 0 when empty, else tag << 32 | MfeIndex.
/// Entries never move between slots, so a reader cannot miss one that stays.
struct alignas(kLine) Bucket {
    static constexpr std::size_t kSlots = 8;
    std::array<std::atomic<std::uint64_t>, kSlots> slots;
};
static_assert(sizeof(Bucket) == kLine);

/// One octet of a group in the tree of (*,G/len) entries: low 32 bits MfeIndex of the longest range
/// that ends in this node and covers the octet value, high 32 bits the next node. 0 = nothing.
/// Node 0 is never used.
struct RangeNode {
    std::array<std::atomic<std::uint64_t>, 256> slots;
};

/// The octet of a group that the root node stands for: that of an IPv6 group is always ff.
template <Family F>
inline constexpr std::size_t kFirstRangeOctet = F == Family::kIpv4 ? 0 : 1;

static_assert(std::atomic<std::uint32_t>::is_always_lock_free, "shared between processes");
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "shared between processes");

// --- header --------------------------------------------------------------------------------------

/// How much of everything, fixed at start from the configuration.
struct Geometry {
    std::uint32_t interfaces = 1024; ///< IfSlot 1..interfaces
    std::uint32_t neighbors = 4096;
    std::uint32_t vrfs = 64; ///< vrf 0..vrfs-1
    std::uint32_t ipv4_entries = 65536;
    std::uint32_t ipv6_entries = 16384;
    std::uint32_t ipv4_ranges = 256; ///< (*,G/len) entries; they count as entries too
    std::uint32_t ipv6_ranges = 256;
    std::uint32_t block_units =
        262144; ///< 64-octet units: 16 MiB; programs have half as many besides
    std::uint32_t workers = 1;
    friend constexpr bool operator==(const Geometry &, const Geometry &) = default;
};

/// Of replication programs, which are dispensable.
[[nodiscard]] constexpr std::uint32_t program_units(const Geometry &geometry) noexcept {
    return geometry.block_units / 2;
}
/// Sets, records and maps, then programs: they take nothing from the others.
[[nodiscard]] constexpr std::uint32_t all_block_units(const Geometry &geometry) noexcept {
    return geometry.block_units + program_units(geometry);
}

/// Where one family's table lies. Offsets from the segment's first octet.
struct FamilyLayout {
    std::uint64_t buckets = 0;
    std::uint64_t entries = 0;
    std::uint64_t range_nodes = 0;
    std::uint64_t vrf_roots =
        0; ///< atomic<uint32_t> by vrf: index of the first RangeNode, 0 = none
    std::uint32_t bucket_count = 0;
    std::uint32_t entry_count =
        0; ///< positions, the unused 0 and the reserve for retired ones included
    std::uint32_t range_node_count = 0;
    std::uint32_t reserved = 0;
    friend constexpr bool operator==(const FamilyLayout &, const FamilyLayout &) = default;
};

struct WorkerLayout {
    std::uint64_t status = 0;
    std::uint64_t interface_counters = 0; ///< InterfaceCounters by IfSlot, row 0 included
    std::uint64_t ipv4_counters = 0;      ///< EntryCounters by MfeIndex
    std::uint64_t ipv6_counters = 0;
    std::uint64_t ipv4_different_in_if = 0; ///< Counter by MfeIndex
    std::uint64_t ipv6_different_in_if = 0;
    std::uint64_t oif_counters = 0; ///< OifCounters, a hash of SegmentLayout::oif_counter_rows
    friend constexpr bool operator==(const WorkerLayout &, const WorkerLayout &) = default;
};

inline constexpr std::uint32_t kMaxWorkers = 128;

struct SegmentLayout {
    std::uint64_t total_octets = 0;
    std::uint64_t interface_roots = 0;
    std::uint64_t port_roots = 0;
    std::uint64_t own_address_roots = 0;
    std::uint64_t neighbors = 0;
    std::uint64_t neighbor_links = 0;
    std::uint64_t neighbor_chains = 0; ///< as many as there may be neighbors
    std::uint64_t interface_bases = 0;
    std::uint64_t blocks = 0;
    FamilyLayout ipv4;
    FamilyLayout ipv6;
    std::uint64_t workers = 0;          ///< WorkerLayout by worker index
    std::uint32_t oif_counter_rows = 0; ///< of each worker, a power of two
    std::uint32_t reserved = 0;
    friend constexpr bool operator==(const SegmentLayout &, const SegmentLayout &) = default;
};

struct alignas(kLine) SegmentHeader {
    std::uint64_t magic;
    std::uint32_t layout_version;
    std::atomic<std::uint32_t>
        state;                   ///< SegmentState; release by the creator, acquire by who attaches
    std::uint64_t header_octets; ///< sizeof(SegmentHeader) of the creator
    Geometry geometry;
    SegmentLayout layout;
    std::array<std::uint64_t, 2>
        salt; ///< of the hash: chosen at start, so that nobody outside can pick a bucket
    std::uint32_t pid;
    std::uint32_t reserved;
    std::uint64_t started_seconds; ///< CLOCK_REALTIME
    std::atomic<std::uint64_t> reloads;
    std::array<char, 32> instance;
};
static_assert(std::is_standard_layout_v<SegmentHeader>);

} // namespace mgm
