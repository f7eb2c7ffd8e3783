// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/checker.hpp"

#include <functional>
#include <string_view>

namespace bench {

SequenceCheck::Arrival SequenceCheck::note(std::uint32_t flow, std::uint32_t sequence) {
    std::uint32_t &expected = expected_[flow];
    if (sequence >= expected) {
        if (sequence > expected)
            missing_[{flow, expected}] = sequence;
        expected = sequence + 1;
        return Arrival::kInOrder;
    }
    auto gap = missing_.upper_bound({flow, sequence});
    if (gap == missing_.begin())
        return Arrival::kDuplicate;
    --gap;
    const auto [key, end] = *gap;
    if (key.first != flow || sequence >= end)
        return Arrival::kDuplicate;
    missing_.erase(gap);
    if (key.second < sequence)
        missing_[key] = sequence;
    if (sequence + 1 < end)
        missing_[{flow, sequence + 1}] = end;
    return Arrival::kReordered;
}

std::uint64_t SequenceCheck::lost(std::uint32_t flow, std::uint32_t sent) const {
    const std::uint32_t expected = expected_[flow];
    std::uint64_t lost = sent > expected ? sent - expected : 0;
    for (auto gap = missing_.lower_bound({flow, 0});
         gap != missing_.end() && gap->first.first == flow; ++gap)
        lost += gap->second - gap->first.second;
    return lost;
}

Delivery Delivery::of(const Scenario &scenario) {
    return {scenario.fan_out, scenario.olists, scenario.ports(),
            static_cast<std::uint32_t>(scenario.entries()), scenario.updates_per_second != 0};
}

Delivery::Role Delivery::role(std::uint32_t flow, std::uint16_t port) const noexcept {
    if (flow >= flows)
        return Role::kNever;
    const unsigned distance = (port + ports - first_port(flow)) % ports;
    if (odd_change && flow % 2 == 1 && (distance == 0 || distance == fan_out))
        return Role::kEither;
    return distance < fan_out ? Role::kAlways : Role::kNever;
}

Checker::Checker(const Delivery &delivery, mgm::Family family, std::vector<mgm::MacAddress> macs)
    : delivery_(delivery),
      family_(family),
      macs_(std::move(macs)),
      ports_(macs_.size(), SequenceCheck(delivery.flows)),
      either_(delivery.odd_change ? delivery.flows : 0),
      faults_(macs_.size()) {}

void Checker::check(std::uint16_t port, FrameOctets frame) {
    Faults &faults = faults_[port];
    ++faults.frames;
    // Not a CRC: frames hold one, and sums of CRCs cancel.
    digest_ += std::hash<std::string_view>()(
                   {reinterpret_cast<const char *>(frame.data()), frame.size()}) *
               (2UL * port + 1);
    const std::optional<Stamp> stamp = read_checked_stamp(frame, family_);
    const bool is_whole = is_intact(frame, family_, macs_[port]);
    faults.corrupted += is_whole ? 0 : 1;
    if (!stamp)
        return; // nobody knows which it was: it is also lost
    const Delivery::Role role = delivery_.role(stamp->flow, port);
    // What is spoilt is believed only when it says what it should: else nobody knows either.
    if (!is_whole &&
        (role == Delivery::Role::kNever || ports_[port].expected(stamp->flow) != stamp->sequence))
        return;
    if (role != Delivery::Role::kNever)
        note(port, *stamp, role);
    else
        ++faults.misdirected;
}

void Checker::note(std::uint16_t port, const Stamp &stamp, Delivery::Role role) {
    using Arrival = SequenceCheck::Arrival;
    Faults &faults = faults_[port];
    Arrival arrival = ports_[port].note(stamp.flow, stamp.sequence);
    // Two ports are not in order with each other: each for itself is.
    if (role == Delivery::Role::kEither &&
        either_.note(stamp.flow, stamp.sequence) == Arrival::kDuplicate)
        arrival = Arrival::kDuplicate;
    faults.duplicated += arrival == Arrival::kDuplicate ? 1 : 0;
    faults.reordered += arrival == Arrival::kReordered ? 1 : 0;
}

std::vector<Faults> Checker::finish(const std::vector<std::uint32_t> &sent) {
    for (std::uint32_t flow = 0; flow < delivery_.flows; ++flow) {
        for (std::size_t port = 0; port < ports_.size(); ++port)
            if (delivery_.role(flow, static_cast<std::uint16_t>(port)) == Delivery::Role::kAlways)
                faults_[port].lost += ports_[port].lost(flow, sent[flow]);
        if (delivery_.odd_change && flow % 2 == 1)
            faults_[delivery_.first_port(flow)].lost += either_.lost(flow, sent[flow]);
    }
    return faults_;
}

} // namespace bench
