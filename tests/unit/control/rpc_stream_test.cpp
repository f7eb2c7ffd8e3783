// SPDX-License-Identifier: BSD-3-Clause
// Long answers of the gRPC service and many clients at once: some that leave, some that do not
// read.
#include "rpc_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

namespace control {
namespace {

/// So many routes that a stream has many pages.
mgm::DesiredState many_routes(unsigned count) {
    mgm::DesiredState state = three_interfaces();
    for (unsigned i = 0; i < count; ++i)
        state.routes.push_back(
            route("10.1.1.1", fmt::format("239.1.{}.{}", i / 256, i % 256), {3}, {7, 37}));
    return state;
}
mgm::Geometry large_geometry() {
    mgm::Geometry geometry = test::small_geometry();
    geometry.ipv4_entries = 65536;
    return geometry;
}

TEST_F(RpcTest, StreamsEveryRouteOnce) {
    start(many_routes(31001), large_geometry());

    const std::vector<mgm::v1::Route> routes = all_routes({});

    EXPECT_EQ(routes.size(), 31004U);
    std::vector<std::string> keys;
    keys.reserve(routes.size());
    for (const mgm::v1::Route &each : routes)
        keys.push_back(each.source() + each.group().address());
    std::sort(keys.begin(), keys.end());
    EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

TEST_F(RpcTest, GoesOnWhenClientsLeaveInTheMiddleOfAStream_S6) {
    start(many_routes(31001), large_geometry());
    for (int i = 0; i < 31; ++i) {
        unsigned pages = 0;
        EXPECT_TRUE(source_->routes({}, [&](const auto & /*page*/) { return ++pages < 2; }));
    }

    EXPECT_EQ(all_routes({}).size(), 31004U);
}

TEST_F(RpcTest, DoesNotWaitForAReaderThatDoesNotRead_S6) {
    mgm::DesiredState state = many_routes(31001);
    for (std::uint32_t i = 0; i < 35; ++i)
        state.interfaces.push_back(
            test::interface(100 + i, "net_null100", static_cast<std::uint16_t>(i + 1)));
    for (mgm::RouteSpec &each : state.routes) // long olists: more than a connection buffers
        for (std::uint32_t i = 0; i < 35; ++i)
            each.action.oifs.push_back(
                {.interface = mgm::IfIndex{100 + i}, .next_hop = std::nullopt});
    start(state, large_geometry());
    const auto slow = stub();
    grpc::ClientContext context;
    const auto reader = slow->ShowRoutes(&context, {});
    mgm::v1::ShowRoutesResponse page;
    ASSERT_TRUE(reader->Read(&page)); // and then never again

    EXPECT_TRUE(source_->status());
    EXPECT_EQ(all_routes({}).size(), 31004U);
    TearDown();
    control_.reset(); // ends though the stream has not

    while (reader->Read(&page)) {
    }
    EXPECT_FALSE(reader->Finish().ok());
}

TEST_F(RpcTest, ServesAHundredClientsAtOnce) {
    start();
    std::atomic<unsigned> answers{0};
    constexpr unsigned kClients = 100;
    std::vector<std::thread> clients;
    clients.reserve(kClients);
    for (unsigned i = 0; i < kClients; ++i)
        clients.emplace_back([&] {
            const auto source = apps::connect(folder_.socket());
            answers +=
                source && (*source)->status() && (*source)->interfaces("").value().size() == 3 ? 1
                                                                                               : 0;
        });
    for (std::thread &client : clients)
        client.join();

    EXPECT_EQ(answers, 100U);
}

TEST_F(RpcTest, EndsCallsThatWaitForAControlThreadThatStopped) {
    start();
    TearDown(); // the socket is still open, nobody runs commands any more

    const auto status = source_->status();

    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, mgm::Errc::kUnavailable);
}

TEST_F(RpcTest, ReadsRoutesWhileTheyChange) {
    start(many_routes(2000), large_geometry());
    std::atomic<bool> stop{false};
    std::thread changer([&] {
        for (unsigned i = 0; !stop; ++i) {
            next_ = many_routes(i % 2 == 0 ? 1500 : 2000);
            EXPECT_TRUE(source_->reload());
        }
    });

    unsigned torn = 0;
    for (int i = 0; i < 31; ++i)
        for (const mgm::v1::Route &each : all_routes({}))
            torn += !each.changing() && each.source() == std::string("\x0a\x01\x01\x01", 4) &&
                    (each.iifs_size() != 1 || each.oifs_size() != 2);
    EXPECT_EQ(torn, 0U);
    stop = true;
    changer.join();
}

} // namespace
} // namespace control
