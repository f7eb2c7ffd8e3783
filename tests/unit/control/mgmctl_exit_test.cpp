// SPDX-License-Identifier: BSD-3-Clause
// mgmctl's exit codes, as a script sees them: the program itself, against daemons that are not
// there or of another version.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>

#include <cstdio>
#include <memory>
#include <string>

#include <mgm.grpc.pb.h>
#include <sys/wait.h>
#include <unistd.h>

namespace control {
namespace {

using ::testing::HasSubstr;

struct Ended {
    int status = -1;
    std::string output; ///< both streams
};

class MgmctlExit : public ::testing::Test {
protected:
    [[nodiscard]] Ended mgmctl(const std::string &arguments) const {
        Ended ended;
        const std::string command =
            fmt::format("'{}' --socket '{}' {} 2>&1", MGMCTL, socket_, arguments);
        std::FILE *pipe = ::popen(command.c_str(), "r");
        if (pipe == nullptr)
            return ended;
        for (int letter = std::fgetc(pipe); letter != EOF; letter = std::fgetc(pipe))
            ended.output += static_cast<char>(letter);
        const int status = ::pclose(pipe);
        ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return ended;
    }
    ~MgmctlExit() override { ::unlink(socket_.c_str()); }

    const std::string socket_ = fmt::format("{}mgm-exit-{}.sock", ::testing::TempDir(), ::getpid());
};

/// What protoc generates answers every call with UNIMPLEMENTED, as a daemon does that is older than
/// the call.
TEST_F(MgmctlExit, Is4WhenMgmdDoesNotKnowTheCall) {
    mgm::v1::Mgm::Service knows_nothing;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + socket_, grpc::InsecureServerCredentials());
    builder.RegisterService(&knows_nothing);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    ASSERT_NE(server, nullptr);

    for (const char *arguments :
         {"show status", "show interfaces", "show routes", "show counters", "show workers",
          "show counters --watch 1", "dump", "reload", "trace --group 239.255.3.7"}) {
        const Ended ended = mgmctl(arguments);
        EXPECT_EQ(ended.status, 4) << arguments << ": " << ended.output;
        EXPECT_THAT(ended.output, HasSubstr("it and mgmctl are of different versions"));
    }
}

TEST_F(MgmctlExit, Is3WhenThereIsNoMgmd) {
    const Ended ended = mgmctl("show status");
    EXPECT_EQ(ended.status, 3) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr(socket_));
}

TEST_F(MgmctlExit, Is2WhenTheOptionsMakeNoSense) {
    for (const char *arguments :
         {"show", "show nonsense", "trace", "trace --group 239.255.3.300", "show routes -4 -6"})
        EXPECT_EQ(mgmctl(arguments).status, 2) << arguments;
}

} // namespace
} // namespace control
