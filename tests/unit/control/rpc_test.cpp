// SPDX-License-Identifier: BSD-3-Clause
// What the gRPC service answers, over a real socket.
#include "rpc_fixture.hpp"

namespace control {
namespace {

TEST_F(RpcTest, ShowsInterfacesAsConfigured) {
    start();

    const auto interfaces = source_->interfaces("").value();

    ASSERT_EQ(interfaces.size(), 3U);
    EXPECT_EQ(interfaces[2].index(), 37U);
    EXPECT_EQ(interfaces[2].name(), "p37");
    EXPECT_EQ(interfaces[2].port(), "net_null37");
    EXPECT_EQ(interfaces[2].state(), mgm::v1::LINK_STATE_PENDING);
    EXPECT_EQ(source_->interfaces("p7").value().size(), 1U);
    EXPECT_TRUE(source_->interfaces("p8").value().empty());
}

TEST_F(RpcTest, SumsTheCountersOfAllWorkers) {
    start();
    const mgm::Tables tables = tables_->segment.tables();
    const mgm::IfSlot slot = *tables_->writer.slot_of(mgm::IfIndex{7});
    for (const std::uint32_t worker : {0U, 1U}) {
        mgm::InterfaceCounters &counters = tables.interface_counters(worker, slot);
        counters.in_frames.add(31);
        counters.verdicts[static_cast<std::size_t>(mgm::Verdict::kForwarded)].add(30);
        counters.verdicts[static_cast<std::size_t>(mgm::Verdict::kTtl)].add(1);
        counters.copies_wanted.add(63);
        counters.copies_sent.add(61);
    }

    const apps::Counters counters = source_->counters(true).value();

    EXPECT_EQ(counters.totals.received(), 62U);
    ASSERT_EQ(counters.totals.identities_size(), 2);
    EXPECT_TRUE(counters.totals.identities(0).exact());
    EXPECT_FALSE(counters.totals.identities(1).exact());
    EXPECT_EQ(counters.totals.identities(1).left(), 126U);
    EXPECT_EQ(counters.totals.identities(1).right(), 122U);
    ASSERT_EQ(counters.interfaces.size(), 4U); // row 0 and three interfaces
    EXPECT_EQ(counters.interfaces[2].verdicts_size(), 2);
}

TEST_F(RpcTest, ShowsWorkersAndStatus) {
    start();
    tables_->segment.tables().worker_status(1).loops.add(33);

    EXPECT_EQ(source_->workers().value().at(1).loops(), 33U);
    const mgm::v1::GetStatusResponse status = source_->status().value();
    EXPECT_EQ(status.instance(), "lab");
    EXPECT_EQ(status.config_file(), "/etc/mgm/lab.toml");
    EXPECT_EQ(status.usage(0).name(), "ipv4_entries");
    EXPECT_EQ(status.usage(0).used(), 2U);
    EXPECT_EQ(status.usage(0).capacity(), 64U);
    const mgm::v1::Usage &mbufs = *status.usage().rbegin();
    EXPECT_EQ(mbufs.name(), "mbufs");
    EXPECT_EQ(mbufs.used(), 31U);
    EXPECT_EQ(mbufs.capacity(), 8191U);
}

TEST_F(RpcTest, FiltersRoutesByGroupSourceFamilyAndVrf) {
    start();
    mgm::v1::ShowRoutesRequest request;
    EXPECT_EQ(all_routes(request).size(), 3U);

    request.set_family(6);
    ASSERT_EQ(all_routes(request).size(), 1U);
    EXPECT_EQ(all_routes(request)[0].iifs(0), 37U);

    request.Clear();
    request.mutable_group()->set_address(std::string("\xe1\x00\x00\x00", 4)); // 225.0.0.0
    request.mutable_group()->set_length(8);
    ASSERT_EQ(all_routes(request).size(), 1U);
    EXPECT_EQ(all_routes(request)[0].group().length(), 16U);

    request.Clear();
    request.set_source(std::string("\x0a\x09\x08\x07", 4));
    EXPECT_EQ(all_routes(request).size(), 1U);

    request.Clear();
    request.set_vrf(3);
    EXPECT_TRUE(all_routes(request).empty());
}

TEST_F(RpcTest, RefusesAFilterThatIsNoAddress) {
    start();
    mgm::v1::ShowRoutesRequest request;
    request.set_source("12345");

    const auto done = source_->routes(request, [](const auto & /*page*/) { return true; });

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, mgm::Errc::kInvalidArgument);
}

TEST_F(RpcTest, AnswersAReloadWithEveryMistake) {
    start();
    EXPECT_TRUE(source_->reload().value().applied());
    next_ = mgm::fail(mgm::Errc::kInvalidArgument, "lab.toml:3: no port\nlab.toml:9: group twice");

    const mgm::v1::ReloadResponse response = source_->reload().value();

    EXPECT_FALSE(response.applied());
    ASSERT_EQ(response.mistakes_size(), 2);
    EXPECT_EQ(response.mistakes(1), "lab.toml:9: group twice");
    EXPECT_EQ(source_->status().value().failed_reloads(), 1U);
}

} // namespace
} // namespace control
