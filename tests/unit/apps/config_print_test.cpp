// SPDX-License-Identifier: BSD-3-Clause
// --print-config: what it prints is the same configuration.
#include "tests/unit/apps/config_text.hpp"

#include <rapidcheck/gtest.h>

namespace {

using config_text::good;
using testing::HasSubstr;

void expect_same_routes(const apps::Config &a, const apps::Config &b) {
    EXPECT_EQ(a.state, b.state);
    EXPECT_EQ(a.routes_files, b.routes_files);
    EXPECT_EQ(a.inline_routes, b.inline_routes);
    EXPECT_EQ(a.ports, b.ports);
    EXPECT_EQ(a.protocols, b.protocols);
}

void expect_same(const apps::Config &a, const apps::Config &b) {
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.idle, b.idle);
    EXPECT_EQ(a.socket_path, b.socket_path);
    EXPECT_EQ(a.router_mac, b.router_mac);
    EXPECT_EQ(a.eal_args, b.eal_args);
    EXPECT_EQ(a.geometry, b.geometry);
    EXPECT_EQ(a.mbufs, b.mbufs);
    EXPECT_EQ(a.rx_descriptors, b.rx_descriptors);
    EXPECT_EQ(a.tx_descriptors, b.tx_descriptors);
    EXPECT_EQ(a.policy, b.policy);
    EXPECT_EQ(a.manager, b.manager);
    expect_same_routes(a, b);
}

TEST(ConfigPrint, ParsesBackToTheSameConfiguration) {
    const apps::Config config = good(config_text::with(R"([[interface]]
name = "p4.10"
index = 4000000000
port = "net_tap0,iface=t4"
vlan = 4094
vrf = 63
mtu = 9600
mac = "02:00:00:00:00:09"
ttl_threshold = 256
boundaries = ["239.255.0.0/16", "ff18::/16"]
scope_boundary = 5
[eal]
args = ["--no-huge", "-m", "333", "--log-level=quote\"back\\slash"]
[forwarding]
allow_reserved_sources = true
allow_link_local_sources = true
strict_group_mac = true
process_hop_by_hop = false
icmpv6_errors_per_second = 0
[capacity]
olist_mib = 3
mbufs = 16000
)"));

    expect_same(config, good(apps::to_toml(config)));
}

TEST(ConfigPrint, SpellsOutEveryDefault) {
    const std::string text = apps::to_toml(good(std::string(config_text::kGood)));

    for (const char *line : {"workers = 1\n", "idle = \"adaptive\"\n", "ipv4_entries = 65536\n",
                             "olist_mib = 16\n", "mtu = 1500\n", "ttl_threshold = 1\n",
                             "process_hop_by_hop = true\n", "icmpv6_errors_per_second = 100\n"})
        EXPECT_THAT(text, HasSubstr(line));
}

TEST(ConfigPrint, NamesRoutesFilesInsteadOfCopyingThem) {
    const config_text::Folder folder;
    (void)folder.write("many.txt", "* 239.7.7.7 p1 p2,p3\n");
    const std::string path =
        folder.write("c.toml", "routes_file = \"many.txt\"\n" + std::string(config_text::kGood));
    const mgm::Result<apps::Config> config = apps::load_config(path);
    ASSERT_TRUE(config) << config.error().what;

    expect_same(*config, good(apps::to_toml(*config)));
    EXPECT_EQ(config->state.routes.size(), 2U);
    EXPECT_EQ(config->inline_routes, 1U);
}

RC_GTEST_PROP(ConfigPrint, ParsesBackWhateverTheRoutes, ()) {
    const auto count = *rc::gen::inRange(0, 40);
    std::string text(config_text::kGood);
    for (int i = 0; i < count; ++i) {
        const auto threshold = *rc::gen::inRange(0, 257);
        const auto oifs = *rc::gen::element<std::string>("[]", "['p2']", "['p3', 'p2']");
        const bool is_ipv6 = *rc::gen::arbitrary<bool>();
        text += is_ipv6 ? fmt::format("[[route]]\ngroup = 'ff0e::{:x}'\n", i)
                        : fmt::format("[[route]]\nsource = '192.0.2.{}{}'\ngroup = '239.9.{}.7'\n",
                                      4 * i, *rc::gen::element<std::string>("", "/30"), i);
        text += *rc::gen::element<std::string>("", "per_source = true\n", "per_source = false\n");
        text += fmt::format(
            "{}oifs = {}\n", oifs == "[]" || *rc::gen::arbitrary<bool>() ? "iifs = ['p1']\n" : "",
            *rc::gen::arbitrary<bool>()
                ? oifs
                : fmt::format("[{{interface = 'p2', ttl_threshold = {}}}]", threshold));
    }
    const apps::Config config = good(text);

    expect_same(config, good(apps::to_toml(config)));
}

/// Any change of one octet gives a configuration or mistakes with a place, never anything else.
RC_GTEST_PROP(ConfigFile_S6, SurvivesAnyChangedOctet, ()) {
    std::string text(config_text::kGood);
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::arbitrary<char>();

    const mgm::Result<apps::Config> config = apps::parse_config(text, "t.toml");
    if (!config)
        RC_ASSERT(config.error().what.starts_with("t.toml:"));
}

} // namespace
