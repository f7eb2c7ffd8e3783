// SPDX-License-Identifier: BSD-3-Clause
// Seeds of config_fuzz beside apps/examples: what those do not have, and what is easily read wrong.
#pragma once

#include <array>
#include <string_view>

namespace fuzz {

using namespace std::string_view_literals;

inline constexpr char kConfigSeed = 't'; ///< first octet of an input: a TOML file
inline constexpr char kRoutesSeed = 'r'; ///< a routes file of config_fuzz's own router

struct TextSeed {
    std::string_view name;
    std::string_view text;
};

inline constexpr std::array<TextSeed, 13> kConfigSeeds{{
    {"all_keys", R"([mgmd]
name = "edge-7"
workers = 2
idle = "poll"
socket = "/run/mgm/e.sock"
router_mac = "02:00:00:00:00:09"
[eal]
args = ["--no-huge", "-m", "333", "--log-level=quote\"back\\slash\u007f\u0001"]
[capacity]
interfaces = 7
neighbors = 9
vrfs = 3
ipv4_entries = 33
ipv6_entries = 31
ipv4_ranges = 3
ipv6_ranges = 5
olist_mib = 3
mbufs = 16000
rx_descriptors = 64
tx_descriptors = 128
[forwarding]
allow_reserved_sources = true
allow_link_local_sources = true
strict_group_mac = true
process_hop_by_hop = false
icmpv6_errors_per_second = 0
[[interface]]
name = "p1"
index = 37
port = "net_tap0,iface=t1"
vlan = 4094
vrf = 2
addresses = ["198.51.100.1/31", "fe80::1/10", "2001:db8:1::1/64"]
mtu = 9600
mac = "02:00:00:00:00:0a"
ttl_threshold = 256
boundaries = ["239.255.0.0/16", "ff18::/16", "ff00::/8"]
scope_boundary = 14
[[interface]]
name = "p2"
index = 4294967295
port = "0000:03:00.0"
vrf = 2
mtu = 1280
[[neighbor]]
interface = "p2"
address = "fe80::7"
mac = "02:00:00:00:03:02"
[[route]]
source = "198.51.100.9"
group = "239.7.7.7"
iifs = ["p1", "p2"]
oifs = ["p1", {interface = "p2", ttl_threshold = 16, next_hop = "198.51.100.34"}, "p2"]
[[route]]
group = "ff0e::/16"
iifs = ["p1"]
oifs = [{interface = "p2", next_hop = "fe80::7"}]
)"sv},
    {"rules", R"([[interface]]
name = "p1"
index = 1
port = "net_null0"
[[interface]]
name = "p2"
index = 2
port = "net_null1"
[[route]]
source = "10.0.0.0/8"
group = "232.0.0.0/8"
oifs = ["p2"]
[[route]]
source = "2001:db8::/32"
group = "ff00::/8"
iifs = ["p1", "p2"]
oifs = ["p2"]
per_source = true
)"sv},
    {"every_group", R"([[interface]]
name = "p1"
index = 1
port = "net_null0"
[[route]]
group = "224.0.0.0/4"
iifs = ["p1"]
oifs = []
[[route]]
group = "ff00::/8"
iifs = ["p1"]
oifs = []
)"sv},
    {"most_buffers", R"(mgmd = {workers = 128}
capacity = {rx_descriptors = 32768, tx_descriptors = 32768}
[[interface]]
name = "p1"
index = 1
port = "net_null0"
[[interface]]
name = "p2"
index = 2
port = "net_null1"
[[interface]]
name = "p3"
index = 3
port = "net_null2"
)"sv},
    {"wrong_types", R"(mgmd = [1]
eal = 1979-05-27
capacity = "x"
[forwarding]
strict_group_mac = 1.5
[interface]
[[neighbor]]
address = [["a", 1], {}]
[route]
oifs = 07:32:00
)"sv},
    {"wrong_values", R"([mgmd]
name = "a b"
socket = "relative"
router_mac = "01:00:5e:00:00:01"
[eal]
args = ["", "--file-prefix=x", "a\u0000b", 7]
[[interface]]
name = "p 1"
index = 0
port = ",iface=r1"
addresses = ["198.51.100.0/28", "127.0.0.1/8", "::ffff:192.0.2.1/96", "198.51.100.15/28"]
boundaries = ["239.1.2.3/16", "10.0.0.0/8"]
mtu = 67
[[neighbor]]
interface = "p9"
address = "224.0.0.1"
mac = "00:00:00:00:00:00"
[[route]]
source = "198.51.100.0/24"
group = "232.1.1.1"
iifs = []
oifs = [{}, 7, {interface = "p1", next_hop = "", ttl_threshold = 257}]
)"sv},
    {"duplicates", R"([[interface]]
name = "p1"
index = 1
port = "net_null0"
addresses = ["198.51.100.1/28"]
[[interface]]
name = "p1"
index = 1
port = "net_null0,copy=1"
addresses = ["198.51.100.1/28"]
mac = "02:00:00:00:00:01"
[[route]]
group = "239.7.7.7"
iifs = ["p1"]
oifs = []
[[route]]
group = "239.7.7.7/32"
iifs = ["p1", "p1"]
oifs = ["p1", "p1"]
)"sv},
    {"control_characters", "\"key\\nof two\\u001b[31m lines\" = 1\nroutes_file = \"a\\nb\"\n"sv},
    {"routes_files",
     "routes_file = [\"a\", \"../b\", \".\", \"\", \"c\\u0000d\"]\nmembership = 1\n"sv},
    {"not_toml", "[mgmd]\r\nname = \"x\rworkers = 1_\n[mgmd]\n"sv},
    {"byte_order_mark", "\xef\xbb\xbf[mgmd]\nname = '\xff\xc3'\n"sv},
    {"dotted",
     "interface.name.x = 1\nmgmd.\"na\".'me' = 2\nmgmd.name.a.a.a.a.a.a.a = {a.a.a = []}\n"sv},
    {"blank", " \t\r\n\r\n"sv},
}};

inline constexpr std::array<TextSeed, 6> kRoutesSeeds{{
    {"routes",
     "# routes\n\n198.51.100.9 239.7.0.1 p1 p3   # one\r\n\t*  225.0.0.0/8  p1,p2  p3,p2\n"
     "2001:db8:1::9 ff3e::8000:1 p1 -\n* ff00::/8 p3 -\n* 224.0.0.0/4 far -"sv},
    {"routes_rules", "198.51.100.9 224.0.0.0/4 far -\n198.51.100.0/24 239.7.0.4 - p1,p2\n"sv},
    {"routes_wrong",
     "* 239.7.0.2 p1\n* 239.7.0.3 p1 p2 p3\n198.51.100.0/24 239.7.0.4 p1 p2\n"
     "* 239.7.0.5 p1 p2,p9\n* 239.7.0.6 p1 p2,,p3\n* 232.7.0.7 p1 p2\n"
     "* 224.0.0.8 p1 p2\n* 239.7.0.9 p1 p1\n* 239.7.0.2 p1 p3\n* 239.7.0.2 p1 p3\n"
     "* 10.1.2.3 p1 p3\nx 239.7.0.9 p1 far\n* ff0e::1 p1 p2\n* 239.0.0.9 p1,far -\n"sv},
    {"routes_octets", "\x1b[2J * p1\0p2 \x7f\n* 239.7.0.1 p\x1b p\xff\n* 239.7.0.1\0 p1 p2"sv},
    {"routes_blank", "\n \n#\n"sv},
    {"routes_none", ""sv},
}};

} // namespace fuzz
