// SPDX-License-Identifier: BSD-3-Clause
// Stage 2, the short way: recognises, for a whole burst at once, the frames that every check of
// parse.hpp lets through. What it does not recognise goes the long way, which alone says why a
// frame is refused; so all that matters here is that nothing is accepted which the long way would
// not accept, with the same columns.
//
// Ordinary: untagged, in one piece to the end of the IP header, to the group's own MAC; IPv4
// without options or IPv6 without extension headers in front; no octets behind the packet; an
// arrival interface that is up and has no boundaries. Reads: burst.mbufs, own addresses.  Writes:
// what parse.hpp writes.  Thread: one worker.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/ipv4_header.hpp"
#include "dataplane/ordinary_ipv4.hpp"
#include "dataplane/ordinary_ipv6.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace dataplane {

class OrdinaryFrames {
public:
    /// Of one burst: frames of one port.
    OrdinaryFrames(const Context &context, std::uint16_t port_id) noexcept
        : tables_(context.tables),
          slot_(context.tables.slot_of(port_id, 0)),
          arrival_(slot_ == mgm::kNoSlot ? nullptr : context.tables.interface(slot_)) {
        if (arrival_ == nullptr || arrival_->state != mgm::LinkState::kUp)
            return;
        ipv4_ = {mac_word(arrival_->mac), {}};
        ipv6_ = {mac_word(arrival_->mac)};
        takes_ipv4_ = arrival_->ipv4_boundary_count == 0;
        const std::span nets(arrival_->ipv4_addresses(), arrival_->ipv4_count);
        has_few_nets_ = nets.size() <= ipv4_.broadcasts.size();
        for (std::size_t k = 0; k < nets.size() && has_few_nets_; ++k)
            ipv4_.broadcasts[k] = broadcast_of(nets[k]).value_or(mgm::Ipv4Address{});
        takes_ipv6_ = arrival_->ipv6_boundary_count == 0 && arrival_->scope_boundary < 3;
    }

    /// Writes the columns that are the same for all of them; a frame that goes the long way gets
    /// its own.
    void expect_them(Burst &burst) const noexcept {
        burst.iifs.fill(slot_);
        burst.arrivals.fill(arrival_);
        burst.verdicts.fill(mgm::Verdict::kForwarded);
    }

    /// Writes the columns of the ordinary frames of family F among the packets `asked`, which are
    /// bits; returns which these are.
    template <mgm::Family F>
    [[nodiscard]] std::uint32_t accept(Burst &burst, std::uint32_t asked) const noexcept {
        if (!takes<F>()) [[unlikely]]
            return 0;
        const Frames<F> frames(burst, arrival<F>());
        const mgm::OwnAddresses *own = tables_.own_addresses<F>();
        const std::uint32_t vrf = arrival_->vrf;
        std::uint32_t accepted = 0;
        for (; asked != 0; asked &= asked - 1) {
            const auto i = static_cast<unsigned>(std::countr_zero(asked));
            if (!frames.is_ordinary(i) || tables_.is_own_address<F>(own, vrf, frames.source(i)) ||
                is_rare_broadcast(frames.source(i))) [[unlikely]]
                continue;
            frames.write(burst, i, vrf);
            accepted |= std::uint32_t{1} << i;
        }
        return accepted;
    }

private:
    template <mgm::Family F>
    using Frames = std::conditional_t<F == mgm::Family::kIpv4, OrdinaryIpv4, OrdinaryIpv6>;

    template <mgm::Family F>
    [[nodiscard]] bool takes() const noexcept {
        return F == mgm::Family::kIpv4 ? takes_ipv4_ : takes_ipv6_;
    }
    template <mgm::Family F>
    [[nodiscard]] const auto &arrival() const noexcept {
        if constexpr (F == mgm::Family::kIpv4)
            return ipv4_;
        else
            return ipv6_;
    }
    /// Of an interface with more networks than OrdinaryIpv4::Arrival has room for.
    [[nodiscard]] bool is_rare_broadcast(mgm::Ipv4Address source) const noexcept {
        return !has_few_nets_ && is_subnet_broadcast(*arrival_, source);
    }
    [[nodiscard]] static bool is_rare_broadcast(const mgm::Ipv6Address & /*source*/) noexcept {
        return false;
    }

    mgm::Tables tables_;
    mgm::IfSlot slot_;
    const mgm::InterfaceRecord *arrival_;
    OrdinaryIpv4::Arrival ipv4_;
    OrdinaryIpv6::Arrival ipv6_;
    bool has_few_nets_ = true;
    bool takes_ipv4_ = false;
    bool takes_ipv6_ = false;
};

} // namespace dataplane
