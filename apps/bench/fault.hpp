// SPDX-License-Identifier: BSD-3-Clause
// A wire that spoils one frame on purpose, so that it can be seen that a checker sees it.
//
// Thread: the one that sends.
#pragma once

#include "apps/bench/stamp.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace bench {

enum class Fault : std::uint8_t { kNone, kCorrupt, kDrop, kDuplicate, kReorder };
std::string_view to_string(Fault fault);

class FaultyWire {
public:
    using Receiver = std::function<void(FrameOctets)>;

    /// Spoils the frame number `at`, counted from 0, in the way that `random` chooses.
    FaultyWire(Fault fault, std::uint64_t at, std::uint64_t random, mgm::Family family,
               Receiver receiver);

    void pass(FrameOctets frame);
    /// Nothing follows. What still waits for its successor goes on.
    void end();
    /// False, too, when no frame came after the one that should have been overtaken.
    [[nodiscard]] bool has_happened() const noexcept { return has_happened_; }

private:
    void spoil(FrameOctets frame);

    Fault fault_;
    std::uint64_t at_;
    std::uint64_t random_;
    mgm::Family family_;
    Receiver receiver_;
    std::uint64_t passed_ = 0;
    bool has_happened_ = false;
    std::vector<std::uint8_t> held_; ///< waits for the next of its flow
};

} // namespace bench
