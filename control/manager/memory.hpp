// SPDX-License-Identifier: BSD-3-Clause
// Memory for a state machine half of whose events may not fail (mgm-spec 8.9). Upstream first; when
// it throws, an event that must succeed goes on from a reserve taken at start, any other ends in
// std::bad_alloc.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <memory_resource>
#include <new>

namespace control::manager {

class Memory : public std::pmr::memory_resource {
public:
    static constexpr std::size_t kReserve = 256UL * 1024;

    explicit Memory(std::pmr::memory_resource *upstream)
        : upstream_(upstream),
          buffer_(static_cast<std::byte *>(upstream->allocate(kReserve))),
          arena_(buffer_, kReserve, std::pmr::null_memory_resource()),
          reserve_(&arena_) {}
    ~Memory() override {
        reserve_.release();
        upstream_->deallocate(buffer_, kReserve);
    }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;

    /// While one of these lives, allocations fall back on the reserve.
    class MustSucceed {
    public:
        explicit MustSucceed(Memory &memory) : memory_(memory) { ++memory_.must_succeed_; }
        ~MustSucceed() { --memory_.must_succeed_; }
        MustSucceed(const MustSucceed &) = delete;
        MustSucceed &operator=(const MustSucceed &) = delete;

    private:
        Memory &memory_;
    };

private:
    void *do_allocate(std::size_t size, std::size_t alignment) override {
        try {
            return upstream_->allocate(size, alignment);
        } catch (const std::bad_alloc &) {
            if (must_succeed_ == 0)
                throw;
        }
        return reserve_.allocate(size, alignment);
    }
    void do_deallocate(void *memory, std::size_t size, std::size_t alignment) override {
        if (is_of_reserve(memory))
            reserve_.deallocate(memory, size, alignment);
        else
            upstream_->deallocate(memory, size, alignment);
    }
    [[nodiscard]] bool do_is_equal(const memory_resource &other) const noexcept override {
        return this == &other;
    }
    [[nodiscard]] bool is_of_reserve(const void *memory) const noexcept {
        const auto *octet = static_cast<const std::byte *>(memory);
        return !std::less<>()(octet, buffer_) && std::less<>()(octet, buffer_ + kReserve);
    }

    std::pmr::memory_resource *upstream_;
    std::byte *buffer_;
    std::pmr::monotonic_buffer_resource arena_;
    std::pmr::unsynchronized_pool_resource reserve_;
    unsigned must_succeed_ = 0;
};

} // namespace control::manager
