// SPDX-License-Identifier: BSD-3-Clause
// What the segment holds as messages of mgm.v1, a page at a time. For the service, and for mgmctl
// when it reads an attached segment itself.
//
// Reads: the segment, which the writer may change meanwhile.  Thread: any.
#pragma once

#include "control/report.hpp"
#include "mgm/result.hpp"
#include "mgm/segment_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <mgm.pb.h>

namespace control::rpc {

/// The lines of a text, without empty ones.
std::vector<std::string_view> lines_of(std::string_view text);

/// What a segment says about itself when there is no control thread to ask.
ControlReport report_of(const mgm::SegmentReader &segment);

/// 4 or 16 octets, network byte order.
std::string octets_of(const mgm::IpAddress &address);
std::optional<mgm::IpAddress> address_of(std::string_view octets);

void fill_status(const mgm::SegmentReader &segment, const ControlReport &report,
                 mgm::v1::GetStatusResponse &response);
void fill_workers(const mgm::SegmentReader &segment, mgm::v1::ShowWorkersResponse &response);

void fill_interface_totals(const mgm::SegmentReader &segment, mgm::IfSlot slot,
                           mgm::v1::InterfaceTotals &totals);

class InterfacePages {
public:
    using Ports = std::unordered_map<mgm::IfIndex, InterfacePorts::Status>;

    /// All interfaces, or the one called `name`.
    InterfacePages(mgm::SegmentReader segment, Ports ports, std::string name)
        : segment_(std::move(segment)), ports_(std::move(ports)), name_(std::move(name)) {}
    /// False: there was nothing left.
    bool operator()(mgm::v1::ShowInterfacesResponse &page);

private:
    mgm::SegmentReader segment_;
    Ports ports_;
    std::string name_;
    std::uint32_t slot_ = 1;
};

/// What an entry must match; absent: anything.
struct RouteFilter {
    std::optional<mgm::IpPrefix> group; ///< the entry's group is inside
    std::optional<mgm::IpAddress> source;
    std::optional<std::uint32_t> vrf;
    std::optional<mgm::Family> family;
};

/// kInvalidArgument: an address that is none.
mgm::Result<RouteFilter> route_filter(const mgm::v1::ShowRoutesRequest &request);

class RoutePages {
public:
    RoutePages(mgm::SegmentReader segment, RouteFilter filter)
        : segment_(std::move(segment)), filter_(filter) {}
    /// At most a thousand entries. False: there was nothing left.
    bool operator()(mgm::v1::ShowRoutesResponse &page);

private:
    /// False: the family has no more.
    template <mgm::Family F>
    bool fill(mgm::v1::ShowRoutesResponse &page);
    template <mgm::Family F>
    void add(mgm::MfeIndex index, mgm::v1::ShowRoutesResponse &page);
    void add_oif(const mgm::Oif &oif, mgm::v1::Oif &to);
    std::uint32_t index_of(mgm::IfSlot slot);

    mgm::SegmentReader segment_;
    RouteFilter filter_;
    mgm::Family family_ = mgm::Family::kIpv4;
    std::uint32_t next_ = 1; ///< cursor: position in the family's entries
    std::unordered_map<mgm::IfSlot, std::uint32_t> indices_; ///< IfIndex by slot, for this page
};

class CounterPages {
public:
    CounterPages(mgm::SegmentReader segment, bool with_interfaces)
        : segment_(std::move(segment)), with_interfaces_(with_interfaces) {}
    /// The first page has the totals. False: there was nothing left.
    bool operator()(mgm::v1::ShowCountersResponse &page);

private:
    mgm::SegmentReader segment_;
    bool with_interfaces_;
    bool has_totals_ = false;
    std::uint32_t slot_ = 0;
};

} // namespace control::rpc
