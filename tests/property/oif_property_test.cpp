// SPDX-License-Identifier: BSD-3-Clause
// Olists change while two workers have packets of the olist before in their hands, copies are lost,
// interfaces come and go: what each oif was given is exact whenever no packet is on its way.
#include "oif_world.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace mgm_test {
namespace {

using Steps = std::vector<std::pair<std::uint8_t, std::uint32_t>>;

RC_GTEST_PROP(OifCounts, AreExactWhileNoPacketIsOnItsWay, (const Steps &steps)) {
    OifWorld world;
    for (const auto &[what, dice] : steps)
        world.step(what, dice);
    world.check();
}

} // namespace
} // namespace mgm_test
