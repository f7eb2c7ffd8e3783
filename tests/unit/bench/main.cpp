// SPDX-License-Identifier: BSD-3-Clause
// One EAL for all tests of this folder.
#include "support/eal_environment.hpp"

int main(int argc, char **argv) {
    ::testing::InitGoogleTest(&argc, argv);
    support::start_eal();
    return RUN_ALL_TESTS();
}
