// SPDX-License-Identifier: BSD-3-Clause
// A server-streamed list: one page at a time, the next one when the client's side took the last.
// Deletes itself when gRPC is through with it.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <utility>

namespace control::rpc {

template <class Response>
class PageStream final : public grpc::ServerWriteReactor<Response> {
public:
    /// Fills the (cleared) page; false: there was nothing left. Runs on a gRPC thread.
    using NextPage = std::function<bool(Response &)>;

    /// Any thread, once. The pages are made on gRPC's threads, not on the caller's.
    void start(NextPage next) {
        next_ = std::move(next);
        this->StartSendInitialMetadata();
    }
    /// Instead of start().
    void refuse(const grpc::Status &status) { this->Finish(status); }

    void OnSendInitialMetadataDone(bool ok) override { write_next(ok); }
    void OnWriteDone(bool ok) override { write_next(ok); }
    void OnDone() override { delete this; }

private:
    void write_next(bool is_connected) {
        page_.Clear();
        if (!is_connected)
            this->Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client went away"));
        else if (next_(page_))
            this->StartWrite(&page_);
        else
            this->Finish(grpc::Status::OK);
    }

    NextPage next_;
    Response page_;
};

} // namespace control::rpc
