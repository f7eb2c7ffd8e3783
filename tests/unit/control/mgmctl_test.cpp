// SPDX-License-Identifier: BSD-3-Clause
// What mgmctl prints, from a source that is a few messages in memory.
#include "apps/mgmctl_json.hpp"
#include "apps/mgmctl_show.hpp"
#include "apps/mgmctl_text.hpp"

#include <gmock/gmock.h>

#include <cstdio>
#include <string>

namespace apps {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string v4(std::initializer_list<int> octets) {
    std::string text;
    for (const int octet : octets)
        text += static_cast<char>(octet);
    return text;
}

class FakeSource final : public Source {
public:
    FakeSource() {
        mgm::v1::Interface &p1 = interfaces_.emplace_back();
        p1.set_index(1);
        p1.set_name("p1");
        p1.set_port("net_af_packet0,iface=r1");
        p1.set_state(mgm::v1::LINK_STATE_UP);
        p1.set_mac(v4({2, 0, 0, 0, 3, 2}));
        p1.set_mtu(1500);
        p1.add_addresses()->set_address(v4({198, 51, 100, 1}));
        p1.mutable_addresses(0)->set_length(28);
        p1.mutable_totals()->set_in_frames(1234567);
        mgm::v1::Interface &p37 = interfaces_.emplace_back();
        p37.set_index(37);
        p37.set_name("p37");
        p37.set_vlan(4094);
        p37.set_mac(v4({0, 0, 0, 0, 0, 0}));
        p37.set_mtu(9000);
        p37.set_state(mgm::v1::LINK_STATE_PENDING);
        p37.set_last_failure("no device r9");

        mgm::v1::Route &route = *page_.add_routes();
        route.set_source(v4({10, 9, 8, 7}));
        route.mutable_group()->set_address(v4({239, 255, 3, 7}));
        route.mutable_group()->set_length(32);
        route.add_iifs(1);
        mgm::v1::Oif &oif = *route.add_oifs();
        oif.set_interface(37);
        oif.set_ttl_threshold(16);
        oif.set_has_next_hop(true);
        oif.set_next_hop_mac(v4({2, 0, 0, 0, 3, 2}));
        route.add_oifs()->set_interface(99);
        route.set_packets(31);
        mgm::v1::Route &every = *page_.add_routes();
        every.set_vrf(7);
        every.mutable_group()->set_address(v4({224, 0, 0, 0}));
        every.mutable_group()->set_length(4);

        mgm::v1::NamedCounter &ttl = *counters_.totals.add_verdicts();
        ttl.set_name("ttl");
        ttl.set_text("TTL or hop limit used up");
        ttl.set_value(63);
        counters_.totals.add_verdicts()->set_name("mtu");
        mgm::v1::Identity &identity = *counters_.totals.add_identities();
        identity.set_text("received = all");
        identity.set_left(63);
        identity.set_right(62);
    }

    mgm::Result<mgm::v1::GetStatusResponse> status() override {
        mgm::v1::GetStatusResponse response;
        response.set_instance("lab");
        response.set_uptime_seconds(93784);
        mgm::v1::Usage &usage = *response.add_usage();
        usage.set_name("ipv4_entries");
        usage.set_used(31);
        usage.set_capacity(65536);
        return response;
    }
    mgm::Result<std::vector<mgm::v1::Interface>> interfaces(const std::string &name) override {
        if (name.empty())
            return interfaces_;
        std::vector<mgm::v1::Interface> found;
        for (const auto &interface : interfaces_)
            if (interface.name() == name)
                found.push_back(interface);
        return found;
    }
    mgm::Result<void> routes(const mgm::v1::ShowRoutesRequest & /*request*/,
                             const RoutePage &page) override {
        if (page_.routes_size() != 0)
            page(page_);
        return {};
    }
    mgm::Result<Counters> counters(bool /*per_interface*/) override {
        counters_.totals.set_received(counters_.totals.received() + 1000);
        return counters_;
    }
    mgm::Result<std::vector<mgm::v1::Worker>> workers() override {
        return std::vector<mgm::v1::Worker>{};
    }
    mgm::Result<mgm::v1::ReloadResponse> reload() override {
        mgm::v1::ReloadResponse response;
        response.add_mistakes("lab.toml:7: unknown key");
        return response;
    }

    mgm::Result<void>
    trace(const mgm::v1::TraceRequest & /*request*/,
          const std::function<bool(const mgm::v1::TraceResponse &)> &packet) override {
        mgm::v1::TraceResponse traced;
        traced.set_iif(1);
        traced.set_iif_name("p1");
        traced.set_source(v4({10, 9, 8, 7}));
        traced.set_group(v4({239, 255, 3, 7}));
        traced.set_ttl(63);
        traced.set_length(1500);
        traced.set_verdict("forwarded");
        traced.set_copies_wanted(3);
        traced.set_copies_sent(2);
        packet(traced);
        return {};
    }

    std::vector<mgm::v1::Interface> interfaces_;
    mgm::v1::ShowRoutesResponse page_;
    Counters counters_;
};

class MgmctlTest : public ::testing::Test {
protected:
    using Show = mgm::Result<void> (*)(Source &, const ShowOptions &, Output &);

    std::string print(Show show) {
        char *text = nullptr;
        std::size_t size = 0;
        std::FILE *file = ::open_memstream(&text, &size);
        {
            Output out(file);
            result_ = show(source_, options_, out);
            out.flush();
        }
        std::fclose(file);
        std::string printed(text, size);
        std::free(text);
        return printed;
    }
    Json json(Show show) {
        options_.json = true;
        return Json::parse(print(show));
    }

    FakeSource source_;
    ShowOptions options_;
    mgm::Result<void> result_;
};

TEST_F(MgmctlTest, AlignsInterfacesAndPrintsWhyAPortIsPending) {
    EXPECT_EQ(
        print(show_interfaces),
        "INDEX  NAME  STATE    VLAN   MTU  MAC                IN FRAMES  OUT FRAMES  EVENTS  PORT"
        "                     ADDRESSES\n"
        "    1  p1    up          -  1500  02:00:00:00:03:02    1234567           0       0  "
        "net_af_packet0,iface=r1  198.51.100.1/28\n"
        "   37  p37   pending  4094  9000  00:00:00:00:00:00          0           0       0\n"
        "p37: no device r9\n");
}

TEST_F(MgmctlTest, AlignsRoutesAndNamesWhereTheyGo) {
    EXPECT_EQ(print(show_routes), "ROUTE                   IIFS  PACKETS  OCTETS  WRONG IIF  OIFS\n"
                                  "(10.9.8.7,239.255.3.7)  p1         31       0          0  "
                                  "p37@02:00:00:00:03:02(ttl>16),if99\n"
                                  "(*,*) vrf 7             -           0       0          0  -\n");
}

TEST_F(MgmctlTest, PrintsOnlyCountersThatAreNotZeroUnlessAskedForAll) {
    EXPECT_THAT(print(show_counters), HasSubstr("ttl         63  TTL or hop limit used up\n"));
    EXPECT_THAT(print(show_counters), Not(HasSubstr("mtu")));
    options_.all = true;
    EXPECT_THAT(print(show_counters), HasSubstr("mtu"));
}

TEST_F(MgmctlTest, SaysWhetherTheIdentitiesHold) {
    EXPECT_THAT(print(show_counters), HasSubstr("received = all: 63 != 62, not exact"));
}

TEST_F(MgmctlTest, NamesTheFieldsOfInterfacesInJson) {
    const Json interface = json(show_interfaces)["interfaces"][0];

    EXPECT_EQ(interface["name"], "p1");
    EXPECT_EQ(interface["state"], "up");
    EXPECT_EQ(interface["mac"], "02:00:00:00:03:02");
    EXPECT_EQ(interface["addresses"][0], "198.51.100.1/28");
    for (const char *field :
         {"index", "port", "vlan", "vrf", "mtu", "ttl_threshold", "scope_boundary", "boundaries",
          "port_events", "last_failure", "in_frames", "in_octets", "out_frames", "out_octets",
          "copies_wanted", "copies_sent"})
        EXPECT_TRUE(interface.contains(field)) << field;
}

TEST_F(MgmctlTest, NamesTheFieldsOfRoutesInJson) {
    const Json routes = json(show_routes)["routes"];

    EXPECT_EQ(routes[0]["source"], "10.9.8.7");
    EXPECT_EQ(routes[0]["group"], "239.255.3.7");
    EXPECT_EQ(routes[0]["group_length"], 32);
    EXPECT_EQ(routes[0]["iifs"], Json::array({"p1"}));
    EXPECT_EQ(routes[0]["oifs"][0]["interface"], "p37");
    EXPECT_EQ(routes[0]["oifs"][0]["next_hop_mac"], "02:00:00:00:03:02");
    EXPECT_TRUE(routes[0]["oifs"][1]["next_hop_mac"].is_null());
    EXPECT_TRUE(routes[1]["source"].is_null());
    for (const char *field :
         {"vrf", "packets", "octets", "different_in_if_packets", "created_seconds", "changing"})
        EXPECT_TRUE(routes[0].contains(field)) << field;
}

TEST_F(MgmctlTest, NamesTheFieldsOfCountersInJson) {
    const Json counters = json(show_counters);

    EXPECT_EQ(counters["verdicts"]["ttl"], 63);
    EXPECT_EQ(counters["verdicts"]["mtu"], 0);
    EXPECT_EQ(counters["identities"][0]["exact"], false);
    for (const char *field :
         {"received", "received_octets", "copies_wanted", "copies_sent", "out_frames", "out_octets",
          "held", "copy_drops", "events", "interfaces"})
        EXPECT_TRUE(counters.contains(field)) << field;
}

TEST_F(MgmctlTest, SaysInWordsThatAListIsEmptyButNotInJson) {
    source_.interfaces_.clear();
    source_.page_.Clear();

    EXPECT_EQ(print(show_interfaces), "no interfaces\n");
    EXPECT_EQ(print(show_routes), "no routes\n");
    EXPECT_EQ(print(show_workers), "no workers\n");
    EXPECT_TRUE(json(show_interfaces)["interfaces"].empty());
    EXPECT_TRUE(json(show_routes)["routes"].empty());
    EXPECT_TRUE(json(show_workers)["workers"].empty());
}

TEST_F(MgmctlTest, RefusesAnInterfaceNameThatIsNotThere) {
    options_.name = "p8";
    print(show_interfaces);

    ASSERT_FALSE(result_);
    EXPECT_EQ(result_.error().code, mgm::Errc::kNotFound);
}

TEST_F(MgmctlTest, DumpsEverythingAsOneJsonObject) {
    const Json all = json(dump_all);

    for (const char *part : {"status", "interfaces", "routes", "counters", "workers"})
        EXPECT_TRUE(all.contains(part)) << part;
    EXPECT_EQ(all["routes"].size(), 2U);
    EXPECT_EQ(all["status"]["usage"]["ipv4_entries"]["used"], 31);
}

TEST_F(MgmctlTest, PrintsEveryMistakeOfARefusedReload) {
    print(reload);

    ASSERT_FALSE(result_);
    EXPECT_THAT(result_.error().what, HasSubstr("\n  lab.toml:7: unknown key"));
}

TEST_F(MgmctlTest, PrintsALineForEachTracedPacket) {
    EXPECT_EQ(print(trace),
              "p1 (10.9.8.7,239.255.3.7) ttl 63 length 1500 forwarded copies 2/3 worker 0\n");
    EXPECT_EQ(json(trace)["copies_sent"], 2);
}

TEST_F(MgmctlTest, PrintsRatesByInterval) {
    options_.watch_seconds = 0.05;
    options_.watch_count = 1;
    const Json rates = json(watch_counters);

    EXPECT_GE(rates["seconds"], 0.05);
    ASSERT_EQ(rates["counters"].size(), 1U); // only what moved
    EXPECT_EQ(rates["counters"][0]["name"], "received");
    const double pps = rates["counters"][0]["per_second"];
    EXPECT_NEAR(pps * rates["seconds"].get<double>(), 1000, 0.01);
}

TEST_F(MgmctlTest, SaysThatNothingMoves) {
    options_.watch_seconds = 0.05;
    options_.watch_count = 2;

    EXPECT_EQ(print(watch_routes), "nothing moves\n\nnothing moves\n\n");
}

TEST_F(MgmctlTest, ReportsAFullDiskButNotAClosedPipe) {
    std::FILE *full = std::fopen("/dev/full", "w");
    Output out(full);
    out.write(std::string(100000, 'x'));
    out.flush();
    EXPECT_THAT(out.result().error().what, HasSubstr("No space left"));
    std::fclose(full);
}

TEST_F(MgmctlTest, KeepsControlCharactersOffTheTerminal) {
    source_.interfaces_[0].set_name("p\x1b[2J");

    EXPECT_THAT(print(show_interfaces), HasSubstr("p?[2J"));
}

TEST(Text, WritesNumbersWithThreeDigitsAndAPrefix) {
    EXPECT_EQ(si_text(0), "0");
    EXPECT_EQ(si_text(999), "999");
    EXPECT_EQ(si_text(999.6), "1.00 k");
    EXPECT_EQ(si_text(1254), "1.25 k");
    EXPECT_EQ(si_text(99950), "100 k");
    EXPECT_EQ(si_text(14880952), "14.9 M");
    EXPECT_EQ(si_text(2.5e15), "2500 T");
}

TEST(Text, WritesDurationsWithDays) {
    EXPECT_EQ(duration_text(7), "00:00:07");
    EXPECT_EQ(duration_text(93784), "1 d 02:03:04");
}

} // namespace
} // namespace apps
