// SPDX-License-Identifier: BSD-3-Clause
// Clients that are held when they die (8.17).
#pragma once

#include "manager_harness.hpp"

namespace control::manager::test {

/// A and I are held for a minute, B and C are not.
class ManagerHoldTest : public ::testing::Test, public World {
protected:
    using Kind = CallbackKind;
    explicit ManagerHoldTest(const Options &options = {}) : World(options, Scene::kEmpty) {
        A.registration.hold = std::chrono::seconds(60);
        I.registration.hold = std::chrono::seconds(60);
        for (Client *client : {&A, &B, &C, &I})
            given_client(*client);
        given_owner(A, if1);
        given_owner(B, if2);
        given_owner(C, if3);
    }
    void TearDown() override { finish(); }

    void given_held(const Client &client) {
        client_ended(client);
        forget();
    }
    /// The client comes back; what it is told then is to be expected.
    void comes_back(Client &client) { EXPECT_EQ(register_client(client), kOk); }
    void comes_back_and_keeps_still(Client &client, Kind kind) {
        nobody_answers = true;
        comes_back(client);
        nobody_answers = false;
        keeps_still(client, kind);
    }
    void silently(const Outcome &outcome) {
        EXPECT_EQ(outcome, kOk);
        forget();
    }
};

} // namespace control::manager::test
