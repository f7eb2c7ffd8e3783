// SPDX-License-Identifier: BSD-3-Clause
#include "control/client/c_receiver.hpp"

#include "control/client/c_words.hpp"

#include <cstddef>

namespace control::c_api {

namespace {

/// The four words that most callbacks begin with.
struct KeyWords {
    DWORD source, source_mask, group, group_mask;
    explicit KeyWords(const manager::Key &key) noexcept
        : source(to_word(key.source)),
          source_mask(mask_of(key.source)),
          group(to_word(key.group)),
          group_mask(mask_of(key.group)) {}
};

/// The header is the client's to read; the API of old has no const.
PBYTE octets_of(std::span<const std::byte> header) noexcept {
    return reinterpret_cast<PBYTE>(const_cast<std::byte *>(header.data()));
}

} // namespace

manager::CallbackSet CReceiver::callbacks() const noexcept {
    using Kind = manager::CallbackKind;
    manager::CallbackSet set;
    const auto add = [&set](bool is_there, Kind kind) {
        if (is_there)
            set.add(kind);
    };
    add(config_.pfnRpfCallback != nullptr, Kind::kRpf);
    add(config_.pfnCreationAlertCallback != nullptr, Kind::kCreationAlert);
    add(config_.pfnPruneAlertCallback != nullptr, Kind::kPruneAlert);
    add(config_.pfnJoinAlertCallback != nullptr, Kind::kJoinAlert);
    add(config_.pfnWrongIfCallback != nullptr, Kind::kWrongIf);
    add(config_.pfnLocalJoinCallback != nullptr, Kind::kLocalJoin);
    add(config_.pfnLocalLeaveCallback != nullptr, Kind::kLocalLeave);
    add(config_.pfnDisableIgmpCallback != nullptr, Kind::kDisableIgmp);
    add(config_.pfnEnableIgmpCallback != nullptr, Kind::kEnableIgmp);
    return set;
}

manager::Reply CReceiver::received(const manager::Callback &callback) {
    return std::visit([this](const auto &which) { return this->call(which); }, callback);
}

manager::Reply CReceiver::call(const manager::RpfRequest &request) const {
    const KeyWords key(request.key);
    DWORD in = index_of(request.in);
    DWORD next_hop = to_word(request.in.next_hop);
    DWORD upstream = to_word(request.upstream);
    const bool is_v4 = request.route.prefix.family() == mgm::Family::kIpv4;
    MGM_EXT_ROUTE route{.dwProtocol = request.route.protocol,
                        .dwNetwork = is_v4 ? to_word(request.route.prefix.address) : 0,
                        .dwMask = length_to_mask(request.route.prefix.length)};
    config_.pfnRpfCallback(key.source, key.source_mask, key.group, key.group_mask, &in, &next_hop,
                           &upstream, static_cast<DWORD>(request.header.size()),
                           octets_of(request.header), reinterpret_cast<PBYTE>(&route));
    return manager::RpfReply{.in = to_link(in, next_hop),
                             .upstream = to_address(upstream),
                             .route = {.protocol = route.dwProtocol,
                                       .prefix = to_prefix(route.dwNetwork, route.dwMask)}};
}

manager::Reply CReceiver::call(const manager::CreationAlert &alert) {
    const KeyWords key(alert.key);
    links_.clear();
    for (const manager::CreationLink &link : alert.links)
        links_.push_back({.dwIfIndex = index_of(link.link),
                          .dwIfNextHopAddr = to_word(link.link.next_hop),
                          .bIGMP = link.is_igmp ? TRUE : FALSE,
                          .bIsEnabled = TRUE});
    config_.pfnCreationAlertCallback(key.source, key.source_mask, key.group, key.group_mask,
                                     index_of(alert.in), to_word(alert.in.next_hop),
                                     static_cast<DWORD>(links_.size()), links_.data());
    vetoed_.clear();
    for (std::size_t i = 0; i < links_.size(); ++i) // only bIsEnabled is the client's to change
        if (links_[i].bIsEnabled == FALSE)
            vetoed_.push_back(alert.links[i].link);
    return manager::CreationReply{.vetoed = vetoed_};
}

manager::Reply CReceiver::call(const manager::PruneAlert &alert) const {
    constexpr DWORD kDefault = 900;
    const KeyWords key(alert.key);
    DWORD timeout = kDefault;
    config_.pfnPruneAlertCallback(key.source, key.source_mask, key.group, key.group_mask,
                                  index_of(alert.link), to_word(alert.link.next_hop),
                                  alert.is_member_delete ? TRUE : FALSE, &timeout);
    return manager::PruneReply{.timeout_seconds = timeout};
}

manager::Reply CReceiver::call(const manager::JoinAlert &alert) const {
    const KeyWords key(alert.key);
    config_.pfnJoinAlertCallback(key.source, key.source_mask, key.group, key.group_mask,
                                 alert.is_member_update ? TRUE : FALSE);
    return {};
}

manager::Reply CReceiver::call(const manager::WrongIf &alert) const {
    const KeyWords key(alert.key);
    config_.pfnWrongIfCallback(key.source, key.group, index_of(alert.link),
                               to_word(alert.link.next_hop),
                               static_cast<DWORD>(alert.header.size()), octets_of(alert.header));
    return {};
}

manager::Reply CReceiver::call(const manager::LocalJoin &alert) const {
    const KeyWords key(alert.key);
    config_.pfnLocalJoinCallback(key.source, key.source_mask, key.group, key.group_mask,
                                 index_of(alert.link), to_word(alert.link.next_hop));
    return {};
}

manager::Reply CReceiver::call(const manager::LocalLeave &alert) const {
    const KeyWords key(alert.key);
    config_.pfnLocalLeaveCallback(key.source, key.source_mask, key.group, key.group_mask,
                                  index_of(alert.link), to_word(alert.link.next_hop));
    return {};
}

manager::Reply CReceiver::call(const manager::DisableIgmp &alert) const {
    config_.pfnDisableIgmpCallback(index_of(alert.link), to_word(alert.link.next_hop));
    return {};
}

manager::Reply CReceiver::call(const manager::EnableIgmp &alert) const {
    config_.pfnEnableIgmpCallback(index_of(alert.link), to_word(alert.link.next_hop));
    return {};
}

} // namespace control::c_api
