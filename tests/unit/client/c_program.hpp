// SPDX-License-Identifier: BSD-3-Clause
// A C program's view of a router: clients of mgm.h whose functions write down what they are called
// with.
#pragma once

#include "control/client/include/mgm.h"
#include "control/client/include/mgm_ext.h"
#include "control/client/include/routprot.h"
#include "tests/unit/client/router.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace client_tests {

inline constexpr DWORD kHost = 0xffffffff;
inline constexpr DWORD kIn = 31, kOut = 32, kVetoed = 33;

DWORD word(const char *text); ///< network byte order
/// "*" for 0/0; any mask but the right one fails the test.
std::string text(DWORD be, DWORD mask);
DWORD on_join(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, BOOL is_update);
DWORD on_igmp(DWORD index, DWORD next_hop);

class CApi : public ::testing::Test {
protected:
    CApi();
    ~CApi() override;
    CApi(const CApi &) = delete;
    CApi &operator=(const CApi &) = delete;

    HANDLE open(DWORD protocol, DWORD component = 1);
    static DWORD join(HANDLE client, DWORD source, DWORD group, DWORD index);
    /// What the functions were called with since the last time.
    static std::vector<std::string> flushed();
    void add_route();
    /// An owner of kIn, a second client with kOut and kVetoed; `sources` entries (10.0.0.5+i,
    /// 239.1.1.1).
    void add_entries(unsigned sources);

    Router router;
    ROUTING_PROTOCOL_CONFIG config{};
    HANDLE upstream = nullptr;
    HANDLE downstream = nullptr;
};

} // namespace client_tests
