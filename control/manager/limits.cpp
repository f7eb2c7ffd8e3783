// SPDX-License-Identifier: BSD-3-Clause
#include "control/manager/limits.hpp"

namespace control::manager {

Refusal CreationLimits::ask(const Arrival &arrival, Time now) {
    const Refusal refusal = judge(arrival, now);
    if (refusal != Refusal::kNone)
        ++refusals_[static_cast<std::size_t>(refusal)];
    return refusal;
}

/// The rate comes last: who is refused for another reason has not used it up.
Refusal CreationLimits::judge(const Arrival &arrival, Time now) {
    if (is_suppressing_)
        return Refusal::kSuppressed;
    if (waiting_ >= options_.max_uninitialised)
        return Refusal::kWaiting;
    const auto source = sources_.find({.vrf = arrival.key.vrf, .address = arrival.key.source});
    if (source != sources_.end() && source->second >= options_.max_uninitialised_of_source)
        return Refusal::kWaitingOfSource;
    Interface &interface = interfaces_[arrival.interface];
    if (interface.waiting >= options_.max_uninitialised_of_interface)
        return Refusal::kWaitingOfInterface;
    if (interface.upcalls == 0 || now - interface.second >= std::chrono::seconds(1)) {
        interface.second = now;
        interface.upcalls = 0;
    }
    if (interface.upcalls >= options_.upcalls_per_second)
        return Refusal::kRate;
    ++interface.upcalls;
    return Refusal::kNone;
}

void CreationLimits::begins(mgm::IfIndex interface, const Key &key) {
    Interface &of_interface = interfaces_[interface];
    ++sources_[{.vrf = key.vrf, .address = key.source}];
    ++of_interface.waiting;
    ++waiting_;
}

void CreationLimits::ends(mgm::IfIndex interface, const Key &key) noexcept {
    --waiting_;
    --interfaces_.find(interface)->second.waiting;
    const auto source = sources_.find({.vrf = key.vrf, .address = key.source});
    if (--source->second == 0)
        sources_.erase(source);
}

bool CreationLimits::entries_are(std::size_t count) noexcept {
    if (options_.suppress_entries == 0)
        return false;
    const bool was = is_suppressing_;
    if (count >= options_.suppress_entries)
        is_suppressing_ = true;
    else if (count <= options_.reuse_entries)
        is_suppressing_ = false;
    return is_suppressing_ != was;
}

} // namespace control::manager
