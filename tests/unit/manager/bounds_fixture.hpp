// SPDX-License-Identifier: BSD-3-Clause
// Clients that do not keep up (8.18).
#pragma once

#include "manager_harness.hpp"

namespace control::manager::test {

/// Two callbacks may be outstanding. Those that keep_still() names answer when the test says so.
class ManagerBoundsTest : public ::testing::Test, public World {
protected:
    using Kind = CallbackKind;
    ManagerBoundsTest() : World({.max_undelivered = 2}) {}
    void TearDown() override { finish(); }

    const mgm::IpAddress X = ip("239.7.7.1"); // what fills queues
    const mgm::IpAddress Y = ip("239.7.7.2");

    void keep_still(Handle client) {
        for (const Kind kind : {Kind::kJoinAlert, Kind::kPruneAlert, Kind::kLocalJoin,
                                Kind::kLocalLeave, Kind::kLocalUpdate, Kind::kAlertsDropped})
            keeps_still(client, kind);
    }
    void answer_all(Handle client) {
        for (const Kind kind : {Kind::kJoinAlert, Kind::kPruneAlert, Kind::kLocalJoin,
                                Kind::kLocalLeave, Kind::kLocalUpdate, Kind::kAlertsDropped})
            answers_again(client, kind);
    }
    void silently(const Outcome &outcome) {
        EXPECT_EQ(outcome, kOk);
        forget();
    }
    /// Two JOINs, caused by a member on `link`.
    void fill(Handle client, Handle member, const Link &link) {
        keep_still(client);
        given_member(member, any(X), link);
        given_member(member, any(Y), link);
        ASSERT_EQ(manager->queue(client)->undelivered, 2U);
    }
};

} // namespace control::manager::test
