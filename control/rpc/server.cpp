// SPDX-License-Identifier: BSD-3-Clause
#include "control/rpc/server.hpp"

#include "control/rpc/service.hpp"
#include "control/rpc/socket_file.hpp"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include <sys/stat.h>

namespace control::rpc {

namespace {

// Requests are small: what is longer is no request of ours.
constexpr int kLongestRequest = 64 * 1024;
constexpr int kStreamsPerClient = 64;

/// A file that is created meanwhile is open to owner and group only.
class OwnerAndGroupOnly {
public:
    OwnerAndGroupOnly() noexcept : before_(::umask(0117)) {}
    ~OwnerAndGroupOnly() { ::umask(before_); }
    OwnerAndGroupOnly(const OwnerAndGroupOnly &) = delete;
    OwnerAndGroupOnly &operator=(const OwnerAndGroupOnly &) = delete;

private:
    mode_t before_;
};

class GrpcServer final : public Server {
public:
    GrpcServer(SocketFile file, Backend backend)
        : file_(std::move(file)), service_(std::move(backend)) {}

    mgm::Result<void> listen() {
        grpc::ServerBuilder builder;
        builder.SetMaxReceiveMessageSize(kLongestRequest);
        builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerClient);
        builder.AddListeningPort("unix:" + file_.path(), grpc::InsecureServerCredentials());
        builder.RegisterService(&service_);
        {
            const OwnerAndGroupOnly mode;
            server_ = builder.BuildAndStart();
        }
        if (server_ == nullptr)
            return mgm::fail(mgm::Errc::kUnavailable,
                             "socket {}: cannot listen there; check that its folder is writable",
                             file_.path());
        file_.adopt();
        return {};
    }

    ~GrpcServer() override {
        if (server_ == nullptr)
            return;
        // At once: a reader that does not read would keep us for ever.
        server_->Shutdown(std::chrono::system_clock::now());
        server_->Wait();
    }

    GrpcServer(const GrpcServer &) = delete;
    GrpcServer &operator=(const GrpcServer &) = delete;

private:
    SocketFile file_;
    Service service_;
    std::unique_ptr<grpc::Server> server_; ///< goes before the service it serves
};

} // namespace

mgm::Result<std::unique_ptr<Server>> Server::open(const std::string &socket_path, Backend backend) {
    mgm::Result<SocketFile> file = SocketFile::claim(socket_path);
    if (!file)
        return tl::unexpected<mgm::Error>(std::move(file.error()));
    auto server = std::make_unique<GrpcServer>(std::move(*file), std::move(backend));
    if (mgm::Result<void> listening = server->listen(); !listening)
        return tl::unexpected<mgm::Error>(std::move(listening.error()));
    return server;
}

} // namespace control::rpc
