// SPDX-License-Identifier: BSD-3-Clause
// A trace as a stream: the control thread adds packets, gRPC's threads send them. Deletes itself
// when gRPC is through with it.
#pragma once

#include "control/tracer.hpp"
#include "mgm/segment_reader.hpp"

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include <mgm.pb.h>

namespace control::rpc {

/// Group and source, and how many. kInvalidArgument: no group, another family, count 0 or too
/// large.
mgm::Result<mgm::TraceRequest> trace_request(const mgm::v1::TraceRequest &request);

class TraceStream final : public grpc::ServerWriteReactor<mgm::v1::TraceResponse> {
public:
    /// What the control thread holds of it. Ends the stream when it is destroyed.
    std::shared_ptr<TraceSink> make_sink(const mgm::SegmentReader &segment);
    /// `interrupted` is called when the client goes before the end. Set before the first packet.
    void on_interrupt(std::function<void()> interrupted) { interrupted_ = std::move(interrupted); }

    void add(mgm::v1::TraceResponse packet);
    /// Exactly once, after the last packet.
    void end(const grpc::Status &status);

    void OnWriteDone(bool ok) override;
    void OnCancel() override;
    void OnDone() override { delete this; }

private:
    /// Under the lock.
    void send_next();

    std::function<void()> interrupted_;
    std::mutex mutex_; ///< guards what follows: control thread and gRPC's threads
    std::deque<mgm::v1::TraceResponse> packets_; ///< the first is on its way while is_writing_
    bool is_writing_ = false;
    bool has_ended_ = false;
    grpc::Status status_;
};

} // namespace control::rpc
