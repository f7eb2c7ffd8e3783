// SPDX-License-Identifier: BSD-3-Clause
// Lookup of forwarding entries, the only one there is: (S,G), then (*,G), then the longest
// (*,G/len).
//
// Reads: buckets, entries, range nodes of the shared segment.  Writes: nothing.  Never waits, never
// retries. Thread: any worker between two quiescent points.
// Cost of a hit: one line of the hash (sometimes two) and the entry's own line. Cost of a miss: two
// lines for each of (S,G) and (*,G), then one line for each octet of the group that some range
// shares, whatever the number of prefix lengths.
#pragma once

#include "mgm/address_class.hpp"
#include "mgm/bucket_scan.hpp"
#include "mgm/flow_hash.hpp"
#include "mgm/tables.hpp"

#include <array>

namespace mgm {

/// The most keys that one find_burst() takes.
inline constexpr unsigned kMaxFindBurst = 64;

template <Family F>
class MfeTable {
public:
    explicit MfeTable(Tables tables) noexcept
        : tables_(tables),
          buckets_(tables.at<Bucket>(tables.layout<F>().buckets)),
          entries_(tables.at<Mfe<F>>(tables.layout<F>().entries)),
          bucket_count_(tables.layout<F>().bucket_count),
          salt_(tables.header().salt) {}

    /// The entry for a packet from `key.source` to `key.group`, or kNoMfe.
    /// Order: (S,G), (*,G), longest (*,G/len); an SSM group never matches a wildcard (RFC 4607).
    [[nodiscard]] MfeIndex find(const FlowKey<F> &key) const noexcept {
        const MfeIndex exact = find_exact(key);
        return exact != kNoMfe ? exact : find_wildcard(key);
    }

    /// `find` for `count` keys (at most kMaxFindBurst) with the misses of all of them in flight
    /// together. Returns how many have no entry.
    unsigned find_burst(const FlowKey<F> *keys, unsigned count, MfeIndex *found) const noexcept {
        return find_burst(keys, count, found, [](unsigned, MfeIndex, const Mfe<F> &) {});
    }
    /// The same, and calls `take(i, found[i], entry)` once for each key that has one, as soon as
    /// its line is there.
    template <class Take>
    unsigned find_burst(const FlowKey<F> *keys, unsigned count, MfeIndex *found,
                        Take &&take) const noexcept {
        spot_all(keys, count, found);
        return confirm(keys, count, found, take);
    }

    // --- find_burst() in three steps, each of which waits for what the one before has sent for:
    // who has other work puts it between them.
    /// Step 1: where the keys may lie.
    void aim(const FlowKey<F> *keys, unsigned count, HashPlace *places) const noexcept {
        for (unsigned i = 0; i < count; ++i) {
            places[i] = place_of(hash_of(keys[i], salt_), bucket_count_);
            __builtin_prefetch(&bucket(places[i].first));
        }
    }
    /// Step 2: an entry for each key that may be its own, or kNoMfe.
    void spot(const HashPlace *places, unsigned count, MfeIndex *found) const noexcept {
        // A burst is rarely full.
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read, up to count
        std::array<std::uint8_t, kMaxFindBurst> left;
        unsigned left_count = 0;
        for (unsigned i = 0; i < count; ++i) {
            found[i] = first_tagged(places[i].first, places[i].tag);
            __builtin_prefetch(&mfe(found[i])); // of kNoMfe: a line that is ours, unused
            left[left_count] = static_cast<std::uint8_t>(i);
            left_count += found[i] == kNoMfe ? 1U : 0U;
        }
        if (left_count != 0)
            find_in_second(places, left.data(), left_count, found);
    }
    /// Step 3: as find_burst(), given what spot() found.
    template <class Take>
    unsigned confirm(const FlowKey<F> *keys, unsigned count, MfeIndex *found,
                     Take &&take) const noexcept {
        unsigned misses = confirm_exact(keys, count, found, take);
        if (misses != 0) [[unlikely]]
            misses = find_wildcard_burst(keys, count, found, take);
        return misses;
    }

    /// Exact match only: no fall-back from (S,G) to wildcards. A zero source asks for (*,G).
    [[nodiscard]] MfeIndex find_exact(const FlowKey<F> &key) const noexcept {
        const HashPlace place = place_of(hash_of(key, salt_), bucket_count_);
        const MfeIndex found = find_in(bucket(place.first), place.tag, key);
        return found != kNoMfe ? found : find_in(bucket(place.second), place.tag, key);
    }

private:
    [[nodiscard]] static FlowKey<F> any_source(const FlowKey<F> &key) noexcept {
        return FlowKey<F>{{}, key.group, key.vrf};
    }
    [[nodiscard]] const Bucket &bucket(std::uint32_t index) const noexcept {
        return buckets_[index];
    }
    [[nodiscard]] const Mfe<F> &mfe(MfeIndex index) const noexcept {
        return entries_[static_cast<std::uint32_t>(index)];
    }

    [[nodiscard]] MfeIndex find_in(const Bucket &bucket, std::uint32_t tag,
                                   const FlowKey<F> &key) const noexcept {
        for (const auto &slot : bucket.slots) {
            // acquire: the entry's key and forward set are visible; pairs with
            // EntryWriter::publish_in_hash()
            const std::uint64_t word = slot.load(std::memory_order_acquire);
            if (word >> 32U != tag)
                continue;
            const MfeIndex index{static_cast<std::uint32_t>(word)};
            if (mfe(index).key == key)
                return index;
        }
        return kNoMfe;
    }

    /// The second half of find_burst(): what has not been found yet.
    template <class Take>
    [[gnu::noinline]] unsigned find_wildcard_burst(const FlowKey<F> *keys, unsigned count,
                                                   MfeIndex *found, Take &take) const noexcept {
        std::array<FlowKey<F>, kMaxFindBurst> wildcards;
        std::array<unsigned, kMaxFindBurst> positions{};
        unsigned asked = 0, misses = 0;
        for (unsigned i = 0; i < count; ++i) {
            if (found[i] != kNoMfe)
                continue;
            wildcards[asked] = any_source(keys[i]);
            positions[asked] = i;
            const bool is_source_specific = is_ssm(keys[i].group);
            misses += is_source_specific ? 1U : 0U;
            asked += is_source_specific ? 0U : 1U;
        }
        std::array<MfeIndex, kMaxFindBurst> matches{};
        spot_all(wildcards.data(), asked, matches.data());
        confirm_exact(wildcards.data(), asked, matches.data(),
                      [](unsigned, MfeIndex, const Mfe<F> &) {});
        for (unsigned k = 0; k < asked; ++k) {
            const MfeIndex match = matches[k] != kNoMfe ? matches[k] : find_range(wildcards[k]);
            found[positions[k]] = match;
            if (match != kNoMfe)
                take(positions[k], match, mfe(match));
            else
                ++misses;
        }
        return misses;
    }

    void spot_all(const FlowKey<F> *keys, unsigned count, MfeIndex *found) const noexcept {
        std::array<HashPlace, kMaxFindBurst> places{};
        aim(keys, count, places.data());
        spot(places.data(), count, found);
    }
    /// Returns how many have no exact match.
    template <class Take>
    unsigned confirm_exact(const FlowKey<F> *keys, unsigned count, MfeIndex *found,
                           Take &&take) const noexcept {
        unsigned misses = 0;
        for (unsigned i = 0; i < count; ++i) {
            if (found[i] != kNoMfe && mfe(found[i]).key != keys[i]) [[unlikely]]
                found[i] = find_exact(keys[i]); // another key with our tag stands before it
            if (found[i] != kNoMfe) [[likely]]
                take(i, found[i], mfe(found[i]));
            else
                ++misses;
        }
        return misses;
    }

    /// For the keys numbered `left`: what is not in its first bucket
    /// (EntryWriter::publish_in_hash() puts one in ten into its second), or not there at all.
    void find_in_second(const HashPlace *places, const std::uint8_t *left, unsigned count,
                        MfeIndex *found) const noexcept {
        for (unsigned k = 0; k < count; ++k)
            __builtin_prefetch(&bucket(places[left[k]].second));
        for (unsigned k = 0; k < count; ++k) {
            const HashPlace &place = places[left[k]];
            found[left[k]] = first_tagged(place.second, place.tag);
            __builtin_prefetch(&mfe(found[left[k]]));
        }
    }

    /// The bucket's first entry with the tag, not yet compared.
    [[nodiscard]] MfeIndex first_tagged(std::uint32_t where, std::uint32_t tag) const noexcept {
        const Bucket &here = bucket(where);
        const unsigned slot = slot_tagged(here, tag);
        if (slot == Bucket::kSlots)
            return kNoMfe;
        const std::uint64_t word =
            here.slots[slot].load(std::memory_order_acquire); // as in find_in()
        return word >> 32U == tag ? MfeIndex{static_cast<std::uint32_t>(word)}
                                  : first_left_tagged(here, tag);
    }
    /// The slot that was found has been written meanwhile; another may have the tag, too.
    [[nodiscard, gnu::cold, gnu::noinline]] static MfeIndex
    first_left_tagged(const Bucket &here, std::uint32_t tag) noexcept {
        for (const auto &slot : here.slots) {
            const std::uint64_t word = slot.load(std::memory_order_acquire); // as in find_in()
            if (word >> 32U == tag)
                return MfeIndex{static_cast<std::uint32_t>(word)};
        }
        return kNoMfe;
    }

    [[nodiscard]] MfeIndex find_wildcard(const FlowKey<F> &key) const noexcept {
        if (is_ssm(key.group))
            return kNoMfe;
        const FlowKey<F> wildcard = any_source(key);
        const MfeIndex group = find_exact(wildcard);
        return group != kNoMfe ? group : find_range(wildcard);
    }

    /// Walks down the group's octets; the last range seen is the longest.
    [[nodiscard]] MfeIndex find_range(const FlowKey<F> &key) const noexcept {
        if (key.vrf >= tables_.geometry().vrfs) [[unlikely]]
            return kNoMfe;
        const FamilyLayout &layout = tables_.layout<F>();
        // acquire: the node's slots are visible; pairs with RangeTree::publish_root()
        std::uint32_t node = tables_.at<std::atomic<std::uint32_t>>(layout.vrf_roots)[key.vrf].load(
            std::memory_order_acquire);
        MfeIndex longest = kNoMfe;
        const std::uint8_t *octets = octets_of(key.group);
        for (std::size_t depth = kFirstRangeOctet<F>; node != 0 && depth < sizeof(Address<F>);
             ++depth) {
            // acquire: the entry, and the next node's slots, are visible; pairs with
            // RangeTree::publish_slots()
            const std::uint64_t slot =
                tables_.at<RangeNode>(layout.range_nodes)[node].slots[octets[depth]].load(
                    std::memory_order_acquire);
            const MfeIndex here{static_cast<std::uint32_t>(slot)};
            longest = here != kNoMfe ? here : longest;
            node = static_cast<std::uint32_t>(slot >> 32U);
        }
        return longest;
    }

    Tables tables_;
    // Found once: behind every acquire the compiler would have to look again.
    const Bucket *buckets_;
    const Mfe<F> *entries_;
    std::uint32_t bucket_count_;
    HashSalt salt_;
};

} // namespace mgm
