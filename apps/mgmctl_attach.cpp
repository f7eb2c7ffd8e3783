// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmctl_attach.hpp"

#include "control/rpc/segment_pages.hpp"

#include <algorithm>
#include <utility>

namespace apps {

namespace {

class SegmentSource final : public Source {
public:
    explicit SegmentSource(mgm::SegmentReader segment) : segment_(std::move(segment)) {}

    mgm::Result<mgm::v1::GetStatusResponse> status() override {
        mgm::v1::GetStatusResponse response;
        control::rpc::fill_status(segment_, control::rpc::report_of(segment_), response);
        // Only the writer knows the rest: its books are not in the segment.
        auto &usage = *response.mutable_usage();
        const auto is_unknown = [](const mgm::v1::Usage &item) {
            return item.name() == "forward_sets" || item.name() == "neighbors" ||
                   item.name() == "block_units";
        };
        usage.erase(std::remove_if(usage.begin(), usage.end(), is_unknown), usage.end());
        return response;
    }

    mgm::Result<std::vector<mgm::v1::Interface>> interfaces(const std::string &name) override {
        control::rpc::InterfacePages pages(segment_, {}, name);
        std::vector<mgm::v1::Interface> all;
        for (mgm::v1::ShowInterfacesResponse page; pages(page); page.Clear())
            all.insert(all.end(), page.interfaces().begin(), page.interfaces().end());
        return all;
    }

    mgm::Result<void> routes(const mgm::v1::ShowRoutesRequest &request,
                             const RoutePage &page) override {
        const mgm::Result<control::rpc::RouteFilter> filter = control::rpc::route_filter(request);
        if (!filter)
            return tl::unexpected<mgm::Error>(filter.error());
        control::rpc::RoutePages pages(segment_, *filter);
        for (mgm::v1::ShowRoutesResponse response; pages(response) && page(response);)
            response.Clear();
        return {};
    }

    mgm::Result<Counters> counters(bool per_interface) override {
        control::rpc::CounterPages pages(segment_, per_interface);
        Counters all;
        for (mgm::v1::ShowCountersResponse page; pages(page); page.Clear()) {
            if (page.has_totals())
                all.totals = page.totals();
            all.interfaces.insert(all.interfaces.end(), page.interfaces().begin(),
                                  page.interfaces().end());
        }
        return all;
    }

    mgm::Result<std::vector<mgm::v1::Worker>> workers() override {
        mgm::v1::ShowWorkersResponse response;
        control::rpc::fill_workers(segment_, response);
        return std::vector<mgm::v1::Worker>(response.workers().begin(), response.workers().end());
    }

    mgm::Result<mgm::v1::ReloadResponse> reload() override {
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "reload: an attached segment only reads; leave out --attach");
    }

    mgm::Result<void>
    trace(const mgm::v1::TraceRequest & /*request*/,
          const std::function<bool(const mgm::v1::TraceResponse &)> & /*packet*/) override {
        return mgm::fail(mgm::Errc::kInvalidArgument, "trace: an attached segment only reads");
    }

private:
    mgm::SegmentReader segment_;
};

} // namespace

std::unique_ptr<Source> read_segment(mgm::SegmentReader segment) {
    return std::make_unique<SegmentSource>(std::move(segment));
}

} // namespace apps
