// SPDX-License-Identifier: BSD-3-Clause
#include "control/rpc/trace_stream.hpp"

#include "control/rpc/segment_pages.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace control::rpc {

namespace {

std::string address_octets(const mgm::TraceRecord &record,
                           const std::array<std::uint8_t, 16> &octets) {
    const std::size_t size = record.family == mgm::Family::kIpv4 ? 4 : octets.size();
    return {reinterpret_cast<const char *>(octets.data()), size};
}

class Sink final : public TraceSink {
public:
    Sink(TraceStream *stream, mgm::SegmentReader segment)
        : stream_(stream), segment_(std::move(segment)) {}
    ~Sink() override {
        if (stream_ != nullptr)
            stream_->end(grpc::Status(grpc::StatusCode::UNAVAILABLE, "mgmd is stopping"));
    }
    Sink(const Sink &) = delete;
    Sink &operator=(const Sink &) = delete;

    void packet(const mgm::TraceRecord &record) override {
        mgm::v1::TraceResponse packet;
        packet.set_worker(record.worker);
        packet.set_vrf(record.vrf);
        packet.set_source(address_octets(record, record.source));
        packet.set_group(address_octets(record, record.group));
        if (const auto iif = segment_.interface(record.iif)) {
            packet.set_iif(static_cast<std::uint32_t>(iif->index));
            packet.set_iif_name(iif->name);
        }
        packet.set_ttl(record.ttl);
        packet.set_length(record.length);
        packet.set_verdict(std::string(mgm::name_of(record.verdict)));
        packet.set_copies_wanted(record.oifs_wanted);
        packet.set_copies_sent(record.oifs_sent);
        stream_->add(std::move(packet));
    }

    void end(const mgm::Result<void> &outcome) override {
        std::exchange(stream_, nullptr)
            ->end(outcome
                      ? grpc::Status::OK
                      : grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, outcome.error().what));
    }

private:
    TraceStream *stream_; ///< lives until end()
    mgm::SegmentReader segment_;
};

} // namespace

mgm::Result<mgm::TraceRequest> trace_request(const mgm::v1::TraceRequest &request) {
    const std::optional<mgm::IpAddress> group = address_of(request.group());
    if (!group)
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "trace: group: {} octets are no address; want 4 or 16",
                         request.group().size());
    if (request.count() == 0 || request.count() > Tracer::kMostPackets)
        return mgm::fail(mgm::Errc::kInvalidArgument, "trace: count: {} is not in 1..{}",
                         request.count(), Tracer::kMostPackets);
    mgm::TraceRequest wanted;
    wanted.family = group->family();
    wanted.any_group = false;
    wanted.count = request.count();
    wanted.group = group->octets();
    if (request.source().empty())
        return wanted;
    const std::optional<mgm::IpAddress> source = address_of(request.source());
    if (!source || source->family() != group->family())
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "trace: source: {} octets are no address of the group's family",
                         request.source().size());
    wanted.any_source = false;
    wanted.source = source->octets();
    return wanted;
}

std::shared_ptr<TraceSink> TraceStream::make_sink(const mgm::SegmentReader &segment) {
    return std::make_shared<Sink>(this, segment);
}

void TraceStream::add(mgm::v1::TraceResponse packet) {
    const std::lock_guard lock(mutex_);
    packets_.push_back(std::move(packet));
    send_next();
}

void TraceStream::end(const grpc::Status &status) {
    bool is_through = false;
    {
        const std::lock_guard lock(mutex_);
        has_ended_ = true;
        status_ = status;
        is_through = !is_writing_;
    }
    if (is_through)
        Finish(status);
}

void TraceStream::send_next() {
    if (is_writing_ || packets_.empty())
        return;
    is_writing_ = true;
    StartWrite(&packets_.front());
}

void TraceStream::OnWriteDone(bool ok) {
    bool is_through = false;
    {
        const std::lock_guard lock(mutex_);
        is_writing_ = false;
        if (ok)
            packets_.pop_front();
        else
            packets_.clear(); // the client is gone; OnCancel() makes the end come
        send_next();
        is_through = has_ended_ && !is_writing_;
    }
    // Outside of the lock: OnDone() may delete us before Finish() returns.
    if (is_through)
        Finish(status_);
}

void TraceStream::OnCancel() {
    interrupted_();
}

} // namespace control::rpc
