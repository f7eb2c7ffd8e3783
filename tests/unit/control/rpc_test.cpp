// SPDX-License-Identifier: BSD-3-Clause
// The gRPC service over a real socket, with friendly and hostile clients.
#include "apps/mgmctl_source.hpp"
#include "control/control_thread.hpp"
#include "control/descriptor.hpp"
#include "control_fixture.hpp"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include <mgm.grpc.pb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace control {
namespace {

using test::eventually;
using test::route;
using test::three_interfaces;
using ::testing::HasSubstr;

/// A folder of this test only, gone with it.
class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / "mgm-control-XXXXXX") {
        std::string name = path_.string();
        if (::mkdtemp(name.data()) != nullptr)
            path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    [[nodiscard]] std::string socket() const { return path_ / "mgm.sock"; }

private:
    std::filesystem::path path_;
};

Descriptor connect_to(const std::string &path) {
    Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    return fd;
}

class RpcTest : public ::testing::Test {
protected:
    void start(const mgm::DesiredState &state, const mgm::Geometry &geometry) {
        tables_ = std::make_unique<test::Tables>(geometry);
        ControlConfig config;
        config.writer = &tables_->writer;
        config.port_events = &events_;
        config.instance = "lab";
        config.version = "0.1.0";
        config.config_file = "/etc/mgm/lab.toml";
        config.socket_path = folder_.socket();
        config.mbuf_usage = [] { return MbufUsage{.used = 31, .capacity = 8191}; };
        config.load = [this] { return next_; };
        control_ = std::make_unique<ControlThread>(std::move(config));
        const mgm::Result<void> opened = control_->open();
        ASSERT_TRUE(opened) << opened.error().what;
        const mgm::Result<void> applied = control_->apply(state);
        ASSERT_TRUE(applied) << applied.error().what;
        thread_ = std::thread([this] { control_->run(); });
        auto source = apps::connect(folder_.socket());
        ASSERT_TRUE(source) << source.error().what;
        source_ = std::move(*source);
    }
    void start() { start(three_interfaces(), test::small_geometry()); }
    void TearDown() override {
        if (!thread_.joinable())
            return;
        control_->stop();
        thread_.join();
    }
    std::vector<mgm::v1::Route> all_routes(const mgm::v1::ShowRoutesRequest &request) {
        std::vector<mgm::v1::Route> all;
        const auto done = source_->routes(request, [&](const mgm::v1::ShowRoutesResponse &page) {
            all.insert(all.end(), page.routes().begin(), page.routes().end());
            return true;
        });
        EXPECT_TRUE(done) << done.error().what;
        return all;
    }
    std::unique_ptr<mgm::v1::Mgm::Stub> stub() const {
        return mgm::v1::Mgm::NewStub(
            grpc::CreateChannel("unix:" + folder_.socket(), grpc::InsecureChannelCredentials()));
    }

    Folder folder_;
    std::unique_ptr<test::Tables> tables_;
    mgm::PortEventQueue events_;
    mgm::Result<mgm::DesiredState> next_ = three_interfaces();
    std::unique_ptr<ControlThread> control_;
    std::thread thread_;
    std::unique_ptr<apps::Source> source_;
};

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

TEST_F(RpcTest, MakesTheSocketForOwnerAndGroupAndRemovesIt) {
    start();
    struct stat status {};
    ASSERT_EQ(::stat(folder_.socket().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0660U);

    TearDown();
    control_.reset();

    EXPECT_FALSE(std::filesystem::exists(folder_.socket()));
}

TEST_F(RpcTest, ReplacesTheSocketOfADeadPredecessor) {
    {
        const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        folder_.socket().copy(address.sun_path, sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address),
                  0);
    }
    ASSERT_TRUE(std::filesystem::exists(folder_.socket()));
    EXPECT_THAT(apps::connect(folder_.socket()).error().what, HasSubstr("has died"));

    start();

    EXPECT_TRUE(source_->status());
}

TEST_F(RpcTest, RefusesTheSocketOfALiveDaemon) {
    start();
    ControlConfig config;
    config.writer = &tables_->writer;
    config.port_events = &events_;
    config.socket_path = folder_.socket();
    ControlThread second(std::move(config));

    const mgm::Result<void> opened = second.open();

    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, mgm::Errc::kExists);
    EXPECT_TRUE(source_->status()); // and the first goes on
}

TEST_F(RpcTest, DoesNotRemoveAFileThatIsNoSocket) {
    std::FILE *file = std::fopen(folder_.socket().c_str(), "w");
    std::fclose(file);
    tables_ = std::make_unique<test::Tables>();
    ControlConfig config;
    config.writer = &tables_->writer;
    config.port_events = &events_;
    config.socket_path = folder_.socket();
    ControlThread control(std::move(config));

    EXPECT_EQ(control.open().error().code, mgm::Errc::kExists);
    EXPECT_TRUE(std::filesystem::exists(folder_.socket()));
}

TEST_F(RpcTest, SaysWhatToDoWhenThereIsNoDaemon) {
    EXPECT_THAT(apps::connect(folder_.socket()).error().what, HasSubstr("start mgmd"));
}

TEST_F(RpcTest, SurvivesGarbageOnTheSocket_S6) {
    start();
    const std::string garbage = "GET / HTTP/1.1\r\n\r\n" + std::string(4096, '\xff');
    for (int i = 0; i < 37; ++i) {
        const Descriptor fd = connect_to(folder_.socket());
        ::send(fd.get(), garbage.data() + i, garbage.size() - static_cast<std::size_t>(i),
               MSG_NOSIGNAL);
    }
    // A right preface, then frames that are none.
    const Descriptor fd = connect_to(folder_.socket());
    const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(512, '\x7f');
    ::send(fd.get(), preface.data(), preface.size(), MSG_NOSIGNAL);

    EXPECT_TRUE(source_->status());
}

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
    std::vector<std::thread> clients;
    for (int i = 0; i < 100; ++i)
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
