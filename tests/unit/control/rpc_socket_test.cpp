// SPDX-License-Identifier: BSD-3-Clause
// The socket of the gRPC service: whose it is, whose it was, who talks to it.
#include "rpc_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <unistd.h>

namespace control {
namespace {

using ::testing::HasSubstr;

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

} // namespace
} // namespace control
