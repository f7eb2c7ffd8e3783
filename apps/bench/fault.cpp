// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/fault.hpp"

#include <utility>

namespace bench {

std::string_view to_string(Fault fault) {
    switch (fault) {
    case Fault::kNone:
        return "none";
    case Fault::kCorrupt:
        return "corrupt";
    case Fault::kDrop:
        return "drop";
    case Fault::kDuplicate:
        return "duplicate";
    case Fault::kReorder:
        return "reorder";
    }
    return "?";
}

FaultyWire::FaultyWire(Fault fault, std::uint64_t at, std::uint64_t random, mgm::Family family,
                       Receiver receiver)
    : fault_(fault), at_(at), random_(random), family_(family), receiver_(std::move(receiver)) {}

void FaultyWire::pass(FrameOctets frame) {
    if (fault_ != Fault::kNone && passed_++ == at_) {
        spoil(frame);
        return;
    }
    receiver_(frame);
    if (held_.empty())
        return;
    const auto late = read_checked_stamp(held_, family_), now = read_checked_stamp(frame, family_);
    if (!late || !now || late->flow != now->flow)
        return;
    has_happened_ = true;
    receiver_(std::exchange(held_, {}));
}

void FaultyWire::spoil(FrameOctets frame) {
    has_happened_ = fault_ != Fault::kReorder;
    if (fault_ == Fault::kDrop)
        return;
    if (fault_ == Fault::kDuplicate) {
        receiver_(frame);
        receiver_(frame);
        return;
    }
    std::vector<std::uint8_t> copy(frame.begin(), frame.end());
    if (fault_ == Fault::kReorder) {
        held_ = std::move(copy);
        return;
    }
    // Any octet but those that say which packet it is: then it would be lost as well.
    const std::size_t identity = stamp_offset(family_);
    std::size_t octet = random_ % (copy.size() - kStampIdentity);
    octet += octet < identity ? 0 : kStampIdentity;
    copy[octet] ^= static_cast<std::uint8_t>(1U << (random_ >> 32U) % 8);
    receiver_(copy);
}

void FaultyWire::end() {
    if (!held_.empty())
        receiver_(std::exchange(held_, {}));
}

} // namespace bench
