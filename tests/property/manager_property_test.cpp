// SPDX-License-Identifier: BSD-3-Clause
// mgm-spec T30 and T28: whatever happens in whatever order, clients have been told what INV-1,
// INV-2 and INV-3 say, entries send to what 8.13 says, and calls end once and as they should.
#include "manager_commands.hpp"
#include "manager_trial.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace mgm_test {
namespace {

std::string failure_of(const Sequence &sequence, bool keeps_log, std::uint32_t bound) {
    ManagerTrial trial(sequence.is_busy, keeps_log, bound);
    for (const Command &command : sequence.commands)
        trial.apply(command);
    trial.finish();
    return trial.failure();
}

void behaves_as_the_naive_manager(bool fails, std::uint32_t bound = 0) {
    const Sequence sequence = *any_sequence(fails);
    if (!failure_of(sequence, false, bound).empty())
        RC_FAIL(failure_of(sequence, true, bound));
}

RC_GTEST_PROP(Manager_T30, DoesAsANaiveManagerDoes, ()) {
    behaves_as_the_naive_manager(false);
}

RC_GTEST_PROP(Manager_T28, ChangesNothingInACallThatFindsNoMemoryAndNeverFailsToGiveBack, ()) {
    behaves_as_the_naive_manager(true);
}

RC_GTEST_PROP(Manager_R8_18, TellsWhoHasRoomExactlyWhatHolds, ()) {
    const auto bound = *rc::gen::inRange<std::uint32_t>(1, 5);
    behaves_as_the_naive_manager(false, bound);
}

} // namespace
} // namespace mgm_test
