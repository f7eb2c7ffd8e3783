// SPDX-License-Identifier: BSD-3-Clause
// What happens to the manager in a trial, as values that rapidcheck can shrink. Their numbers are
// hints: what is sensible is made of them when their turn comes, so that a sequence stays one
// whatever is taken out of it.
#pragma once

#include <rapidcheck.h>

#include <array>
#include <cstdint>
#include <iosfwd>
#include <vector>

namespace mgm_test {

enum class Act : std::uint8_t {
    kReply, ///< the simplest
    kTake,
    kAdd,
    kNewSource,
    kRemove,
    kRelease,
    kUpdate,
    kRoute,
    kAdvance,
    kWrongInterface,
    kRegister,
    kDeregister,
    kDie,
    kRemoveInterface,
    kEnumerate,
    kAddRoute,
    kChangeRoute,
    kRemoveRoute,
    kReconciled,
};

struct Command {
    Act act{};
    std::uint8_t client = 0;
    std::uint8_t link = 0;
    std::uint8_t key = 0;
    std::uint8_t option = 0;
    std::uint8_t more = 0;   ///< rare things: a stranger as the caller, calls inside callbacks …
    std::uint8_t memory = 0; ///< which allocation fails, 0 = none
};

struct Sequence {
    bool is_busy = false; ///< entries always have traffic
    std::vector<Command> commands;
};

// NOLINTNEXTLINE(readability-identifier-naming): rapidcheck's name
void showValue(const Command &command, std::ostream &out);
// NOLINTNEXTLINE(readability-identifier-naming): rapidcheck's name
void showValue(const Sequence &sequence, std::ostream &out);

/// `fails`: with allocations that fail.
[[nodiscard]] rc::Gen<Sequence> any_sequence(bool fails);

} // namespace mgm_test
