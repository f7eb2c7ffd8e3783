// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmctl_source.hpp"
#include "control/descriptor.hpp"

#include <grpcpp/create_channel.h>

#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

#include <mgm.grpc.pb.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace apps {

namespace {

using mgm::Errc;

// A page or an answer takes milliseconds; a reload of a million routes some seconds.
constexpr std::chrono::seconds kAnswerLimit{10};
constexpr std::chrono::seconds kReloadLimit{120};

mgm::Result<void> check(const grpc::Status &status, std::string_view what) {
    switch (status.error_code()) {
    case grpc::StatusCode::OK:
        return {};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
        return mgm::fail(Errc::kUnavailable,
                         "{}: mgmd takes connections but does not answer; is it stopped, or still "
                         "starting?",
                         what);
    case grpc::StatusCode::UNAVAILABLE:
        return mgm::fail(Errc::kUnavailable, "{}: the connection to mgmd broke: {}", what,
                         status.error_message());
    case grpc::StatusCode::UNIMPLEMENTED:
        return mgm::fail(Errc::kVersionMismatch,
                         "{}: this mgmd does not know the call; it and mgmctl are of different "
                         "versions",
                         what);
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
        return mgm::fail(Errc::kInvalidArgument, "{}", status.error_message());
    default:
        return mgm::fail(Errc::kInternal, "{}: {} (gRPC code {})", what, status.error_message(),
                         static_cast<int>(status.error_code()));
    }
}

class GrpcSource final : public Source {
public:
    explicit GrpcSource(const std::string &socket_path)
        : stub_(mgm::v1::Mgm::NewStub(
              grpc::CreateChannel("unix:" + socket_path, grpc::InsecureChannelCredentials()))) {}

    mgm::Result<mgm::v1::GetStatusResponse> status() override {
        mgm::v1::GetStatusResponse response;
        grpc::ClientContext context;
        limit(context, kAnswerLimit);
        return check(stub_->GetStatus(&context, {}, &response), "status").map([&] {
            return std::move(response);
        });
    }

    mgm::Result<std::vector<mgm::v1::Interface>> interfaces(const std::string &name) override {
        mgm::v1::ShowInterfacesRequest request;
        request.set_name(name);
        std::vector<mgm::v1::Interface> all;
        grpc::ClientContext context;
        limit(context, kAnswerLimit);
        const auto reader = stub_->ShowInterfaces(&context, request);
        for (mgm::v1::ShowInterfacesResponse page; reader->Read(&page);)
            all.insert(all.end(), page.interfaces().begin(), page.interfaces().end());
        return check(reader->Finish(), "interfaces").map([&] { return std::move(all); });
    }

    mgm::Result<void> routes(const mgm::v1::ShowRoutesRequest &request,
                             const RoutePage &page) override {
        // No limit: whoever pipes a long list into a pager takes the time that he takes.
        grpc::ClientContext context;
        return check(read_while(context, *stub_->ShowRoutes(&context, request), page), "routes");
    }

    mgm::Result<Counters> counters(bool per_interface) override {
        mgm::v1::ShowCountersRequest request;
        request.set_per_interface(per_interface);
        Counters all;
        grpc::ClientContext context;
        limit(context, kAnswerLimit);
        const auto reader = stub_->ShowCounters(&context, request);
        for (mgm::v1::ShowCountersResponse page; reader->Read(&page);) {
            if (page.has_totals())
                all.totals = page.totals();
            all.interfaces.insert(all.interfaces.end(), page.interfaces().begin(),
                                  page.interfaces().end());
        }
        return check(reader->Finish(), "counters").map([&] { return std::move(all); });
    }

    mgm::Result<std::vector<mgm::v1::Worker>> workers() override {
        mgm::v1::ShowWorkersResponse response;
        grpc::ClientContext context;
        limit(context, kAnswerLimit);
        return check(stub_->ShowWorkers(&context, {}, &response), "workers").map([&] {
            return std::vector<mgm::v1::Worker>(response.workers().begin(),
                                                response.workers().end());
        });
    }

    mgm::Result<mgm::v1::ReloadResponse> reload() override {
        mgm::v1::ReloadResponse response;
        grpc::ClientContext context;
        limit(context, kReloadLimit);
        return check(stub_->Reload(&context, {}, &response), "reload").map([&] {
            return std::move(response);
        });
    }

    mgm::Result<void>
    trace(const mgm::v1::TraceRequest &request,
          const std::function<bool(const mgm::v1::TraceResponse &)> &packet) override {
        grpc::ClientContext context; // no limit: the packets come when they come
        return check(read_while(context, *stub_->Trace(&context, request), packet), "trace");
    }

private:
    /// Reads until the end or until `take` wants no more, which is no error.
    template <class Response, class Take>
    static grpc::Status read_while(grpc::ClientContext &context,
                                   grpc::ClientReader<Response> &reader, const Take &take) {
        bool is_wanted = true;
        for (Response response; is_wanted && reader.Read(&response);)
            is_wanted = take(response);
        if (!is_wanted)
            context.TryCancel();
        const grpc::Status status = reader.Finish();
        return is_wanted ? status : grpc::Status::OK;
    }

    static void limit(grpc::ClientContext &context, std::chrono::seconds seconds) {
        context.set_deadline(std::chrono::system_clock::now() + seconds);
    }

    std::unique_ptr<mgm::v1::Mgm::Stub> stub_;
};

/// gRPC would say "failed to connect to all addresses" for each of these.
mgm::Result<void> knock(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return mgm::fail(Errc::kInvalidArgument, "socket '{}': no path of a unix socket", path);
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const control::Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(probe.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return {};
    if (errno == EACCES || errno == EPERM)
        return mgm::fail(Errc::kUnavailable,
                         "socket {}: permission denied; run mgmctl as root or as a member of the "
                         "socket's group",
                         path);
    if (errno == ECONNREFUSED)
        return mgm::fail(Errc::kUnavailable,
                         "socket {}: mgmd has died and left it behind; start mgmd again, or look "
                         "at its tables with: mgmctl dump --attach",
                         path);
    return mgm::fail(Errc::kUnavailable,
                     "socket {}: {}; start mgmd, or name the right one with --instance or --socket",
                     path, std::generic_category().message(errno));
}

} // namespace

mgm::Result<std::unique_ptr<Source>> connect(const std::string &socket_path) {
    if (mgm::Result<void> answered = knock(socket_path); !answered)
        return tl::unexpected<mgm::Error>(std::move(answered.error()));
    return std::make_unique<GrpcSource>(socket_path);
}

} // namespace apps
