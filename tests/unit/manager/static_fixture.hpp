// SPDX-License-Identifier: BSD-3-Clause
// The scene of mgm-spec 5, with the STATIC client K (8.1).
#pragma once

#include "manager_harness.hpp"

namespace control::manager::test {

class StaticRouteTest : public ManagerTest {
protected:
    void SetUp() override { given_client(K); }
    Client K = configuration("K");
    /// (S,G)
    static StaticRoute exact(const std::vector<Link> &iifs, const std::vector<Link> &oifs) {
        return static_route("10.0.0.5", "239.1.1.1", iifs, oifs);
    }
};

} // namespace control::manager::test
