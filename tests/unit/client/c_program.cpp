// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/client/c_program.hpp"

#include <fmt/format.h>

#include <cstring>
#include <mutex>
#include <utility>

#include <arpa/inet.h>

namespace client_tests {

namespace {

/// What the functions of a client were called with: they have no context, so it is global.
std::vector<std::string> told;
std::mutex told_mutex;

void tell(const std::string &line) {
    const std::scoped_lock lock(told_mutex);
    told.push_back(line);
}

} // namespace

DWORD word(const char *text) {
    return inet_addr(text);
}

std::string text(DWORD be, DWORD mask) {
    EXPECT_EQ(mask, be == 0 ? 0 : kHost);
    return be == 0 ? "*" : mgm::to_string(mgm::Ipv4Address{be});
}

DWORD on_join(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, BOOL is_update) {
    tell(fmt::format("JOIN ({},{}) {}", text(source, source_mask), text(group, group_mask),
                     is_update));
    return NO_ERROR;
}

DWORD on_igmp(DWORD index, DWORD) {
    tell(fmt::format("IGMP {}", index));
    return NO_ERROR;
}

namespace {

DWORD on_rpf(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, PDWORD in,
             PDWORD next_hop, PDWORD upstream, DWORD size, PBYTE header, PBYTE route) {
    MGM_EXT_ROUTE found{};
    std::memcpy(&found, route, sizeof found);
    tell(fmt::format("RPF ({},{}) in {}/{} upstream {} header {} {:#x} route {} {}/{}",
                     text(source, source_mask), text(group, group_mask), *in, *next_hop,
                     mgm::to_string(mgm::Ipv4Address{*upstream}), size, header[0], found.dwProtocol,
                     mgm::to_string(mgm::Ipv4Address{found.dwNetwork}),
                     mgm::to_string(mgm::Ipv4Address{found.dwMask})));
    *upstream = word("10.0.0.9");
    return 4711; // ignored
}
DWORD on_creation(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, DWORD in, DWORD,
                  DWORD count, PMGM_IF_ENTRY links) {
    std::string line = fmt::format("CREATION ({},{}) in {}:", text(source, source_mask),
                                   text(group, group_mask), in);
    for (DWORD i = 0; i < count; ++i) {
        line += fmt::format(" {} igmp {} enabled {}", links[i].dwIfIndex, links[i].bIGMP,
                            links[i].bIsEnabled);
        if (links[i].dwIfIndex == 33)
            links[i].bIsEnabled = FALSE;
        links[i].dwIfIndex = 99; // not ours to change
    }
    tell(line);
    return NO_ERROR;
}
DWORD on_prune(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, DWORD index, DWORD,
               BOOL is_delete, PDWORD timeout) {
    tell(fmt::format("PRUNE ({},{}) {} {} {}", text(source, source_mask), text(group, group_mask),
                     index, is_delete, *timeout));
    *timeout = 61;
    return NO_ERROR;
}
DWORD on_local_join(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, DWORD index,
                    DWORD) {
    tell(fmt::format("LOCAL_JOIN ({},{}) {}", text(source, source_mask), text(group, group_mask),
                     index));
    return NO_ERROR;
}

} // namespace

CApi::CApi() {
    told.clear();
    control::bind_c_api(&router.transport());
    config.pfnRpfCallback = on_rpf;
    config.pfnCreationAlertCallback = on_creation;
    config.pfnPruneAlertCallback = on_prune;
    config.pfnJoinAlertCallback = on_join;
    config.pfnLocalJoinCallback = on_local_join;
}

CApi::~CApi() {
    control::bind_c_api(nullptr);
}

HANDLE CApi::open(DWORD protocol, DWORD component) {
    HANDLE handle = nullptr;
    EXPECT_EQ(MgmRegisterMProtocol(&config, protocol, component, &handle), NO_ERROR);
    return handle;
}

DWORD CApi::join(HANDLE client, DWORD source, DWORD group, DWORD index) {
    return MgmAddGroupMembershipEntry(client, source, source == 0 ? 0 : kHost, group,
                                      group == 0 ? 0 : kHost, index, 0, MGM_JOIN_STATE_FLAG);
}

std::vector<std::string> CApi::flushed() {
    EXPECT_EQ(MgmExtFlush(), NO_ERROR);
    const std::scoped_lock lock(told_mutex);
    return std::exchange(told, {});
}

void CApi::add_route() {
    router.run([&](control::manager::Manager &) {
        ASSERT_TRUE(router.rib.add({.vrf = {},
                                    .prefix = *mgm::IpPrefix::parse("10.0.0.0/20"),
                                    .interface = mgm::IfIndex{kIn},
                                    .neighbor = address("10.0.0.1"),
                                    .protocol = control::RouteProtocol::kStatic,
                                    .preference = 7}));
    });
}

void CApi::add_entries(unsigned sources) {
    add_route();
    upstream = open(77);
    downstream = open(78);
    ASSERT_EQ(MgmTakeInterfaceOwnership(upstream, kIn, 0), NO_ERROR);
    ASSERT_EQ(MgmTakeInterfaceOwnership(downstream, kOut, 0), NO_ERROR);
    ASSERT_EQ(MgmTakeInterfaceOwnership(downstream, kVetoed, 0), NO_ERROR);
    ASSERT_EQ(join(downstream, 0, word("239.1.1.1"), kOut), NO_ERROR);
    ASSERT_EQ(join(downstream, 0, word("239.1.1.1"), kVetoed), NO_ERROR);
    (void)flushed();
    for (unsigned i = 0; i < sources; ++i)
        router.new_source(fmt::format("10.0.0.{}", 5 + i), "239.1.1.1", kIn);
}

} // namespace client_tests
