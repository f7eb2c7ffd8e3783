// SPDX-License-Identifier: BSD-3-Clause
// Once for each key in an interval, over a bounded number of keys. When too many keys are within
// their interval at once, some are refused rather than any told twice.
//
// Thread: one worker.  Cost: one cache line.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace dataplane {

class IntervalLimit {
public:
    enum class Answer : std::uint8_t {
        kYes,     ///< the interval since the key's last time is over, or there was none
        kTooSoon, ///< within it
        kNoRoom,  ///< not known: the places of this key belong to others within theirs
    };

    /// Remembers up to `keys`. `interval`: ticks of the clock that the calls are given.
    IntervalLimit(std::uint32_t keys, std::uint64_t interval)
        : sets_(keys / kWays + 1), interval_(interval) {}

    /// `key`: a hash, equal only for what is to count as the same; nobody outside may be able to
    /// pick its value.
    [[nodiscard]] Answer ask(std::uint64_t key, std::uint64_t now) const noexcept {
        bool has_room = false;
        for (const Mark &mark : set_of(key)) {
            const bool is_over = is_free(mark, now);
            if (mark.key == key)
                return is_over ? Answer::kYes : Answer::kTooSoon;
            has_room |= is_over;
        }
        return has_room ? Answer::kYes : Answer::kNoRoom;
    }
    /// After kYes: the key's interval begins.
    void note(std::uint64_t key, std::uint64_t now) noexcept {
        Set &set = sets_[index_of(key)];
        Mark *place = nullptr;
        for (Mark &mark : set) {
            if (mark.key == key || (place == nullptr && is_free(mark, now)))
                place = &mark;
            if (mark.key == key)
                break;
        }
        if (place != nullptr)
            *place = {key, now, true};
    }

private:
    static constexpr std::uint32_t kWays = 4;
    struct Mark {
        std::uint64_t key = 0;
        std::uint64_t since = 0;
        bool is_used = false;
    };
    using Set = std::array<Mark, kWays>;

    [[nodiscard]] bool is_free(const Mark &mark, std::uint64_t now) const noexcept {
        return !mark.is_used || (now >= mark.since && now - mark.since >= interval_);
    }
    [[nodiscard]] std::size_t index_of(std::uint64_t key) const noexcept {
        return static_cast<std::size_t>(((key >> 32U) * sets_.size()) >> 32U);
    }
    [[nodiscard]] const Set &set_of(std::uint64_t key) const noexcept {
        return sets_[index_of(key)];
    }

    std::vector<Set> sets_;
    std::uint64_t interval_;
};

} // namespace dataplane
