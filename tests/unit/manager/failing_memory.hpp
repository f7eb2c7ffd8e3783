// SPDX-License-Identifier: BSD-3-Clause
// Memory that runs out when the test wants it to, and knows what was not given back.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <new>
#include <optional>

namespace control::manager::test {

class FailingMemory final : public std::pmr::memory_resource {
public:
    enum class Failure { kOnce, kFromThenOn };

    /// The nth allocation from now on fails; 1 is the next one.
    void fail_at(unsigned nth, Failure failure) {
        countdown_ = nth;
        failure_ = failure;
        has_failed_ = false;
    }
    void recover() { countdown_.reset(); }
    [[nodiscard]] bool has_failed() const { return has_failed_; }
    [[nodiscard]] std::size_t octets_in_use() const { return octets_in_use_; }

private:
    void *do_allocate(std::size_t octets, std::size_t alignment) override {
        if (countdown_ && --*countdown_ == 0) {
            has_failed_ = true;
            if (failure_ == Failure::kFromThenOn)
                countdown_ = 1;
            else
                countdown_.reset();
            throw std::bad_alloc();
        }
        void *memory = upstream_->allocate(octets, alignment);
        octets_in_use_ += octets;
        return memory;
    }
    void do_deallocate(void *memory, std::size_t octets, std::size_t alignment) override {
        octets_in_use_ -= octets;
        std::memset(memory, 0xdd, octets); // nothing may be read there any more
        upstream_->deallocate(memory, octets, alignment);
    }
    [[nodiscard]] bool do_is_equal(const memory_resource &other) const noexcept override {
        return this == &other;
    }

    std::pmr::memory_resource *upstream_ = std::pmr::new_delete_resource();
    std::optional<unsigned> countdown_;
    Failure failure_ = Failure::kOnce;
    bool has_failed_ = false;
    std::size_t octets_in_use_ = 0;
};

} // namespace control::manager::test
