// SPDX-License-Identifier: BSD-3-Clause
// What clients whose queues are full (mgm-spec 8.18) have not been told: a list of the keys and
// entries that it is about. The list runs through these themselves and has a bit for each client,
// so that room for an alert is there as soon as there is something to alert about (8.9), and a
// client that is blocked for ever costs a bit per key. Private to the folder.
#pragma once

#include <cstdint>

namespace control::manager {

/// A key or an entry.
struct Untold {
    enum class About : std::uint8_t { kKey, kEntry };
    explicit Untold(About what) : about(what) {}

    About about;
    std::uint64_t clients = 0; ///< Client::bit of those to be told something; 0: not in the list
    Untold *previous = nullptr;
    Untold *next = nullptr;
};

class Backlog {
public:
    [[nodiscard]] Untold *first() const noexcept { return first_; }
    [[nodiscard]] Untold *last() const noexcept { return last_; }

    void append(Untold &untold) noexcept {
        untold.previous = last_;
        untold.next = nullptr;
        (last_ == nullptr ? first_ : last_->next) = &untold;
        last_ = &untold;
    }
    void remove(Untold &untold) noexcept {
        (untold.previous == nullptr ? first_ : untold.previous->next) = untold.next;
        (untold.next == nullptr ? last_ : untold.next->previous) = untold.previous;
        untold.previous = untold.next = nullptr;
    }

private:
    Untold *first_ = nullptr;
    Untold *last_ = nullptr;
};

} // namespace control::manager
