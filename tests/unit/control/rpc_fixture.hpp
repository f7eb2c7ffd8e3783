// SPDX-License-Identifier: BSD-3-Clause
// A control thread with its gRPC service on a real socket, and a client of it.
#pragma once

#include "apps/mgmctl_source.hpp"
#include "control/control_thread.hpp"
#include "control/descriptor.hpp"
#include "control_fixture.hpp"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <mgm.grpc.pb.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace control {

using test::route;
using test::three_interfaces;

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

inline Descriptor connect_to(const std::string &path) {
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
    [[nodiscard]] std::unique_ptr<mgm::v1::Mgm::Stub> stub() const {
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

} // namespace control
