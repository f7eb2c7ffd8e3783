// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/client/scene.hpp"

#include "tests/unit/client/c_program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>

namespace client_tests {

using ::testing::ElementsAreArray;

namespace {

constexpr std::array kLinks{kIf1, kIf2, kIf3, kIf4, kIf5};

} // namespace

DWORD be(const char *address) {
    return inet_addr(address);
}

std::string dotted(DWORD address) {
    return mgm::to_string(mgm::Ipv4Address{address});
}

std::string name_of(DWORD address, DWORD mask) {
    EXPECT_EQ(mask, address == 0 ? 0 : kHost) << dotted(address);
    for (const auto &[word, name] :
         {std::pair(kG, "G"), {kG2, "G2"}, {kS, "S"}, {kS2, "S2"}, {kLost, "Lost"}, {0U, "*"}})
        if (word == address)
            return name;
    return dotted(address);
}

std::string name_of_link(DWORD interface, DWORD next_hop) {
    const auto *const found = std::ranges::find(kLinks, interface);
    const std::string name = found == kLinks.end()
                                 ? fmt::format("if#{}", interface)
                                 : fmt::format("if{}", found - kLinks.begin() + 1);
    return next_hop == 0 ? name : name + "/" + dotted(next_hop);
}

control::manager::Options Scene::patient() {
    constexpr std::chrono::hours kLong(1);
    Options options;
    options.callback_deadline = kLong;
    options.no_route_timeout = kLong;
    options.igmp_regrace = kLong;
    options.igmp_regrace_limit = kLong;
    options.wrong_if_interval = kLong;
    return options;
}

Scene::Scene(const Options &options) : router(options) {
    control::bind_c_api(&router.transport());
}

Scene::~Scene() {
    router.stop();
    control::bind_c_api(nullptr);
}

void Scene::SetUp() {
    add_route("10.0.0.0/24", kIf1);
    add_route("10.0.2.0/24", kIf2);
    for (Program *program : {&A, &B, &C, &I})
        ASSERT_EQ(program->open(), NO_ERROR) << program->name;
    ASSERT_EQ(take(A, kIf1), NO_ERROR);
    ASSERT_EQ(take(B, kIf2), NO_ERROR);
    ASSERT_EQ(take(C, kIf3), NO_ERROR);
}

void Scene::TearDown() {
    for (Program *program : all_programs())
        program->let_go();
    expect({});
}

DWORD Scene::take(HANDLE client, DWORD interface, DWORD next_hop) {
    return MgmTakeInterfaceOwnership(client, interface, next_hop);
}

DWORD Scene::release(HANDLE client, DWORD interface, DWORD next_hop) {
    return MgmReleaseInterfaceOwnership(client, interface, next_hop);
}

DWORD Scene::add(HANDLE client, Flow flow, DWORD interface, DWORD flags) {
    return MgmAddGroupMembershipEntry(client, flow.source, flow.source == 0 ? 0 : kHost, flow.group,
                                      flow.group == 0 ? 0 : kHost, interface, 0, flags);
}

DWORD Scene::remove(HANDLE client, Flow flow, DWORD interface, DWORD flags) {
    return MgmDeleteGroupMembershipEntry(client, flow.source, flow.source == 0 ? 0 : kHost,
                                         flow.group, flow.group == 0 ? 0 : kHost, interface, 0,
                                         flags);
}

void Scene::add_route(const std::string &prefix, DWORD interface) {
    router.run([&](control::manager::Manager &manager) {
        const mgm::IpPrefix parsed = *mgm::IpPrefix::parse(prefix);
        ASSERT_TRUE(router.rib.add({.vrf = {},
                                    .prefix = parsed,
                                    .interface = mgm::IfIndex{interface},
                                    .neighbor = std::nullopt,
                                    .protocol = control::RouteProtocol::kLocal,
                                    .preference = 0}));
        manager.route_changed({}, parsed, control::LocalTransport::now());
    });
}

void Scene::data(DWORD source, DWORD group, DWORD interface) {
    router.new_source(dotted(source), dotted(group), interface);
}

void Scene::data_on_wrong_interface(DWORD source, DWORD group, DWORD interface) {
    router.wrong_interface(dotted(source), dotted(group), interface);
}

void Scene::expect(const std::vector<Told> &told, const char *file, int line) {
    const ::testing::ScopedTrace trace(file, line, "expected here");
    EXPECT_EQ(MgmExtFlush(), NO_ERROR);
    for (Program *program : all_programs()) {
        const auto wanted =
            std::ranges::find(told, program, [](const Told &each) { return &each.client; });
        EXPECT_THAT(
            program->take_told(),
            ElementsAreArray(wanted == told.end() ? std::vector<std::string>() : wanted->callbacks))
            << program->name;
    }
}

void Scene::forget() {
    EXPECT_EQ(MgmExtFlush(), NO_ERROR);
    for (Program *program : all_programs())
        (void)program->take_told();
}

std::string Scene::owner(DWORD interface, DWORD next_hop) {
    DWORD protocol = 0, component = 0;
    const DWORD status = MgmGetProtocolOnInterface(interface, next_hop, &protocol, &component);
    if (status == ERROR_NOT_FOUND)
        return "nobody";
    EXPECT_EQ(status, NO_ERROR);
    for (const Program *program : all_programs())
        if (program->protocol == protocol && program->component == component)
            return program->name;
    return fmt::format("{}/{}", protocol, component);
}

std::vector<std::string> Scene::groups(HANDLE client, MGM_ENUM_TYPES kind) {
    HANDLE enumeration = nullptr;
    EXPECT_EQ(MgmGroupEnumerationStart(client, kind, &enumeration), NO_ERROR);
    std::vector<std::string> found;
    std::array<SOURCE_GROUP_ENTRY, 2> records{};
    DWORD size = sizeof records, count = 0, status = ERROR_MORE_DATA;
    while (status == ERROR_MORE_DATA) {
        status = MgmGroupEnumerationGetNext(enumeration, &size,
                                            reinterpret_cast<PBYTE>(records.data()), &count);
        for (DWORD i = 0; i < count; ++i)
            found.push_back(fmt::format(
                "({},{})", name_of(records.at(i).dwSourceAddr, records.at(i).dwSourceMask),
                name_of(records.at(i).dwGroupAddr, records.at(i).dwGroupMask)));
    }
    EXPECT_EQ(status, ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(MgmGroupEnumerationEnd(enumeration), NO_ERROR);
    std::ranges::sort(found);
    return found;
}

namespace {

/// MgmGetMfe into `buffer`, which is made as large as it asks for.
DWORD get_all(DWORD source, DWORD group, std::vector<DWORD> &buffer) {
    MIB_IPMCAST_MFE which{};
    which.dwSource = source;
    which.dwGroup = group;
    DWORD size = 0;
    DWORD status = MgmGetMfe(&which, &size, nullptr);
    while (status == ERROR_INSUFFICIENT_BUFFER) { // it may grow in between
        buffer.resize(std::max<std::size_t>(size, sizeof(MIB_IPMCAST_MFE)) / sizeof(DWORD));
        size = static_cast<DWORD>(buffer.size() * sizeof(DWORD));
        status = MgmGetMfe(&which, &size, reinterpret_cast<PBYTE>(buffer.data()));
    }
    return status;
}

} // namespace

std::string Scene::forwarding(DWORD source, DWORD group) {
    std::vector<DWORD> buffer;
    const DWORD status = get_all(source, group, buffer);
    if (status == ERROR_NOT_FOUND)
        return "no entry";
    EXPECT_EQ(status, NO_ERROR);
    const auto *mfe = reinterpret_cast<const MIB_IPMCAST_MFE *>(buffer.data());
    std::vector<std::string> names;
    std::set<std::uint32_t> oifs;
    for (DWORD i = 0; i < mfe->ulNumOutIf; ++i) {
        const MIB_IPMCAST_OIF &oif = mfe->rgmioOutInfo[i];
        names.push_back(name_of_link(oif.dwOutIfIndex, oif.dwNextHopAddr));
        oifs.insert(oif.dwOutIfIndex);
    }
    EXPECT_EQ(router.oifs(fmt::format("({},{})", dotted(source), dotted(group))), oifs);
    return fmt::format("{} -> {}", name_of_link(mfe->dwInIfIndex),
                       names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ",")));
}

DWORD Scene::get(DWORD source, DWORD group, MIB_IPMCAST_MFE &mfe) {
    std::vector<DWORD> buffer;
    const DWORD status = get_all(source, group, buffer);
    if (status == NO_ERROR)
        std::memcpy(&mfe, buffer.data(), sizeof mfe);
    return status;
}

bool Scene::has_lost(DWORD source, DWORD group, DWORD interface) {
    bool has_lost = false;
    router.run([&](control::manager::Manager &) {
        has_lost = router.plane.lost.erase(
                       fmt::format("({},{}) {}", dotted(source), dotted(group), interface)) != 0;
    });
    return has_lost;
}

} // namespace client_tests
