// SPDX-License-Identifier: BSD-3-Clause
// A bounded way from one worker to another: one producer, one consumer, nobody waits. The consumer
// looks at what comes next, does its work, and only then takes it out, so an empty lane means that
// the work is done.
//
// Thread: push() the producer's, peek() and release() the consumer's, the counts anybody's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

struct rte_ring;

namespace dataplane {

inline constexpr std::size_t kLaneLine = 64; ///< octets of a cache line

class Lane {
public:
    /// For elements of `octets` (8 or 16), `elements` of them. Nullptr: no memory.
    static std::unique_ptr<Lane> make(unsigned octets, std::uint32_t elements) noexcept;
    Lane(const Lane &) = delete;
    Lane &operator=(const Lane &) = delete;

    /// Returns how many of the `count` elements found room: the first ones.
    unsigned push(const void *elements, unsigned count) noexcept;
    /// Elements that push() would take now; more may be by then. Thread: the producer's.
    [[nodiscard]] unsigned room() const noexcept;
    /// Copies up to `count` of the oldest elements. They stay until release(), which must follow if
    /// there were any.
    unsigned peek(void *elements, unsigned count) noexcept;
    /// The first `count` of what peek() gave are done with; the rest comes again.
    void release(unsigned count) noexcept;

    /// Elements that were ever pushed.
    [[nodiscard]] std::uint64_t pushed() const noexcept {
        return pushed_.value.load(
            std::memory_order_acquire); // pairs with push(): for those who compare
    }
    /// Elements that are done with: what the consumer did with them has happened.
    [[nodiscard]] std::uint64_t released() const noexcept {
        return released_.value.load(std::memory_order_acquire); // pairs with release()
    }
    [[nodiscard]] bool is_empty() const noexcept { return released() == pushed(); }

private:
    struct Free {
        void operator()(rte_ring *ring) const noexcept;
    };
    Lane(rte_ring *ring, unsigned octets) noexcept : ring_(ring), octets_(octets) {}

    /// Alone in its line: each end writes its own.
    struct alignas(kLaneLine) Count {
        std::atomic<std::uint64_t> value{0};
    };
    std::unique_ptr<rte_ring, Free> ring_;
    unsigned octets_;
    Count pushed_;   ///< the producer's
    Count released_; ///< the consumer's
};

} // namespace dataplane
