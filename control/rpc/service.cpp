// SPDX-License-Identifier: BSD-3-Clause
#include "control/rpc/service.hpp"

#include "control/rpc/page_stream.hpp"
#include "control/rpc/segment_pages.hpp"
#include "control/rpc/trace_stream.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <string_view>
#include <utility>

namespace control::rpc {

namespace {

const grpc::Status kStopping(grpc::StatusCode::UNAVAILABLE, "mgmd is stopping");

/// Ends a call exactly once: with what the control thread said, or, when that dropped the question
/// because it stops, with UNAVAILABLE.
template <class End>
class Pending {
public:
    explicit Pending(End end) : end_(std::move(end)) {}
    ~Pending() {
        if (!is_answered_)
            end_(kStopping);
    }
    Pending(const Pending &) = delete;
    Pending &operator=(const Pending &) = delete;

    void answer() noexcept { is_answered_ = true; }

private:
    End end_;
    bool is_answered_ = false;
};

template <class End>
std::shared_ptr<Pending<End>> pending(End end) {
    return std::make_shared<Pending<End>>(std::move(end));
}

} // namespace

Service::Service(Backend backend) : backend_(std::move(backend)) {}

grpc::ServerUnaryReactor *Service::GetStatus(grpc::CallbackServerContext *context,
                                             const mgm::v1::GetStatusRequest * /*request*/,
                                             mgm::v1::GetStatusResponse *response) {
    grpc::ServerUnaryReactor *reactor = context->DefaultReactor();
    auto call = pending([reactor](const grpc::Status &status) { reactor->Finish(status); });
    backend_.report([this, call, reactor, response](const ControlReport &report) {
        fill_status(backend_.segment, report, *response);
        call->answer();
        reactor->Finish(grpc::Status::OK);
    });
    return reactor;
}

grpc::ServerUnaryReactor *Service::Reload(grpc::CallbackServerContext *context,
                                          const mgm::v1::ReloadRequest * /*request*/,
                                          mgm::v1::ReloadResponse *response) {
    grpc::ServerUnaryReactor *reactor = context->DefaultReactor();
    auto call = pending([reactor](const grpc::Status &status) { reactor->Finish(status); });
    backend_.reload([call, reactor, response](const mgm::Result<void> &outcome) {
        call->answer();
        response->set_applied(outcome.has_value());
        if (!outcome)
            for (const std::string_view line : lines_of(outcome.error().what))
                response->add_mistakes(std::string(line));
        reactor->Finish(grpc::Status::OK);
    });
    return reactor;
}

grpc::ServerWriteReactor<mgm::v1::ShowInterfacesResponse> *
Service::ShowInterfaces(grpc::CallbackServerContext * /*context*/,
                        const mgm::v1::ShowInterfacesRequest *request) {
    auto *stream = new PageStream<mgm::v1::ShowInterfacesResponse>;
    auto call = pending([stream](const grpc::Status &status) { stream->refuse(status); });
    backend_.report([this, call, stream, name = request->name()](ControlReport report) {
        call->answer();
        stream->start(InterfacePages(backend_.segment, std::move(report.ports), name));
    });
    return stream;
}

grpc::ServerWriteReactor<mgm::v1::ShowRoutesResponse> *
Service::ShowRoutes(grpc::CallbackServerContext * /*context*/,
                    const mgm::v1::ShowRoutesRequest *request) {
    auto *stream = new PageStream<mgm::v1::ShowRoutesResponse>;
    const mgm::Result<RouteFilter> filter = route_filter(*request);
    if (!filter)
        stream->refuse(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, filter.error().what));
    else
        stream->start(RoutePages(backend_.segment, *filter));
    return stream;
}

grpc::ServerWriteReactor<mgm::v1::ShowCountersResponse> *
Service::ShowCounters(grpc::CallbackServerContext * /*context*/,
                      const mgm::v1::ShowCountersRequest *request) {
    auto *stream = new PageStream<mgm::v1::ShowCountersResponse>;
    stream->start(CounterPages(backend_.segment, request->per_interface()));
    return stream;
}

grpc::ServerUnaryReactor *Service::ShowWorkers(grpc::CallbackServerContext *context,
                                               const mgm::v1::ShowWorkersRequest * /*request*/,
                                               mgm::v1::ShowWorkersResponse *response) {
    fill_workers(backend_.segment, *response);
    grpc::ServerUnaryReactor *reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
}

grpc::ServerWriteReactor<mgm::v1::TraceResponse> *
Service::Trace(grpc::CallbackServerContext * /*context*/, const mgm::v1::TraceRequest *request) {
    auto *stream = new TraceStream;
    const mgm::Result<mgm::TraceRequest> wanted = trace_request(*request);
    if (!wanted) {
        stream->on_interrupt([] {});
        stream->end(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, wanted.error().what));
        return stream;
    }
    std::shared_ptr<TraceSink> sink = stream->make_sink(backend_.segment);
    stream->on_interrupt(
        [this, weak = std::weak_ptr<TraceSink>(sink)] { backend_.cancel_trace(weak); });
    backend_.trace(*wanted, std::move(sink));
    return stream;
}

} // namespace control::rpc
