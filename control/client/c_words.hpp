// SPDX-License-Identifier: BSD-3-Clause
// Between mgm.h's words (IPv4, network byte order, masks) and ours. Private to the C API.
#pragma once

#include "control/client/include/mgm.h"
#include "control/client/include/mgm_ext.h"
#include "control/client/transport.hpp"

#include <bit>

namespace control::c_api {

inline constexpr DWORD kHostMask = 0xffff'ffff;

inline mgm::IpAddress to_address(DWORD be) noexcept {
    return mgm::IpAddress(mgm::Ipv4Address{be});
}
inline DWORD to_word(const mgm::IpAddress &address) noexcept {
    return address.v4().be;
}
/// The mask that goes with an address: 0 is a wildcard.
inline DWORD mask_of(const mgm::IpAddress &address) noexcept {
    return manager::is_zero(address) ? 0 : kHostMask;
}
/// A mask that is no host mask becomes a range, which the manager refuses; one that does not fit
/// its address likewise.
inline mgm::IpPrefix to_prefix(DWORD address, DWORD mask) noexcept {
    return {.address = to_address(address),
            .length = static_cast<std::uint8_t>(std::popcount(mask))};
}
inline DWORD length_to_mask(std::uint8_t length) noexcept {
    const DWORD host = length == 0 ? 0 : kHostMask << (32U - length);
    return std::endian::native == std::endian::little ? __builtin_bswap32(host) : host;
}
inline manager::Link to_link(DWORD index, DWORD next_hop) noexcept {
    return {.interface = mgm::IfIndex{index}, .next_hop = to_address(next_hop)};
}
inline DWORD index_of(const manager::Link &link) noexcept {
    return static_cast<DWORD>(link.interface);
}
inline manager::Key to_key(DWORD source, DWORD group) noexcept {
    return {.vrf = {}, .group = to_address(group), .source = to_address(source)};
}
inline DWORD to_status(manager::Status status) noexcept {
    return static_cast<DWORD>(status);
}
inline manager::Handle to_handle(HANDLE handle) noexcept {
    return manager::Handle{std::bit_cast<std::uint64_t>(handle)};
}
inline HANDLE from_handle(manager::Handle handle) noexcept {
    return std::bit_cast<HANDLE>(static_cast<std::uint64_t>(handle));
}

/// A call of mgm.h: while it lives, bind_c_api() does not take the transport away.
class InCall {
public:
    InCall() noexcept;
    ~InCall();
    InCall(const InCall &) = delete;
    InCall &operator=(const InCall &) = delete;

    /// False: mgm.h is bound to nothing.
    explicit operator bool() const noexcept { return transport_ != nullptr; }
    Transport *operator->() const noexcept { return transport_; }

private:
    Transport *transport_;
};

} // namespace control::c_api
