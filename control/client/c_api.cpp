// SPDX-License-Identifier: BSD-3-Clause
// mgm.h: registration, ownership, membership, group enumeration. Each call is its twin of Transport
// with the words turned; pointers are checked here, everything else by the manager.
#include "control/client/c_api.hpp"

#include "control/client/c_receiver.hpp"
#include "control/client/c_words.hpp"
#include "control/client/include/routprot.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

namespace control {

namespace {

/// Where calls go, and how many are on their way.
struct Binding {
    std::mutex mutex; ///< held for a look, never in a call of the manager
    std::condition_variable has_ended;
    Transport *transport = nullptr;
    unsigned calls = 0;
};

Binding &binding() {
    static Binding only;
    return only;
}

/// The receivers of live registrations. The mutex is held for a look-up only, never in a call of
/// the manager.
class Receivers {
    using Map = std::map<manager::Handle, std::unique_ptr<c_api::CReceiver>>;

public:
    using Place = Map::node_type;
    /// Takes the memory of add(), before there is a registration that would have to be undone.
    static Place prepare(std::unique_ptr<c_api::CReceiver> receiver) {
        Map one;
        one.emplace(manager::Handle{}, std::move(receiver));
        return one.extract(one.begin());
    }
    void add(manager::Handle handle, Place place) noexcept {
        place.key() = handle;
        const std::scoped_lock lock(mutex_);
        auto added = receivers_.insert(std::move(place));
        if (!added.inserted) // of a router that is no more; a new one may give the number again
            added.position->second.swap(added.node.mapped());
    }
    void remove(manager::Handle handle) {
        std::unique_ptr<c_api::CReceiver> gone;
        const std::scoped_lock lock(mutex_);
        if (const auto found = receivers_.find(handle); found != receivers_.end()) {
            gone = std::move(found->second);
            receivers_.erase(found);
        }
    }

private:
    std::mutex mutex_;
    Map receivers_;
};

/// What this thread registered; some may be gone.
thread_local std::vector<manager::Handle> registered_here;

Receivers &receivers() {
    static Receivers all;
    return all;
}

} // namespace

void bind_c_api(Transport *transport) noexcept {
    Binding &to = binding();
    std::unique_lock lock(to.mutex);
    to.transport = transport;
    // MgmDeRegisterMProtocol may wait for ever for a callback of its own; it is done with the
    // transport by then.
    constexpr std::chrono::seconds kPatience{5};
    to.has_ended.wait_for(lock, kPatience, [&to] { return to.calls == 0; });
}

void end_registrations_of_this_thread() noexcept {
    const c_api::InCall to;
    if (!to)
        return;
    for (const manager::Handle handle : registered_here)
        to->client_ended(handle); // a receiver stays: a callback of it may still run
    registered_here.clear();
}

c_api::InCall::InCall() noexcept {
    Binding &to = binding();
    const std::scoped_lock lock(to.mutex);
    transport_ = to.transport;
    ++to.calls;
}

c_api::InCall::~InCall() {
    Binding &to = binding();
    const std::scoped_lock lock(to.mutex);
    if (--to.calls == 0)
        to.has_ended.notify_all();
}

} // namespace control

using namespace control;
using namespace control::c_api;

DWORD MgmRegisterMProtocol(PROUTING_PROTOCOL_CONFIG prpiInfo, DWORD dwProtocolId,
                           DWORD dwComponentId, HANDLE *phProtocol) {
    if (prpiInfo == nullptr || phProtocol == nullptr || prpiInfo->dwCallbackFlags != 0)
        return ERROR_INVALID_PARAMETER;
    const InCall to;
    if (!to)
        return ERROR_CAN_NOT_COMPLETE;
    try {
        Receivers::Place place = Receivers::prepare(std::make_unique<CReceiver>(*prpiInfo));
        CReceiver &receiver = *place.mapped();
        registered_here.reserve(registered_here.size() + 1);
        const bool is_igmp = (dwProtocolId & 0xffffU) == PROTO_IP_IGMP; // A1
        const manager::Registration registration{
            .identity = {.protocol = dwProtocolId, .component = dwComponentId},
            .role = is_igmp ? manager::Role::kGroupManagement : manager::Role::kRouting,
            .vrf = {},
            .families = manager::Families::kIpv4,
            .callbacks = receiver.callbacks()};
        const auto [status, handle] = to->register_client(registration, receiver);
        if (status != manager::Status::kOk)
            return to_status(status);
        registered_here.push_back(handle);
        receivers().add(handle, std::move(place));
        *phProtocol = from_handle(handle);
        return NO_ERROR;
    } catch (const std::bad_alloc &) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
}

DWORD MgmDeRegisterMProtocol(HANDLE hProtocol) {
    const InCall to;
    if (!to)
        return ERROR_CAN_NOT_COMPLETE;
    const manager::Handle handle = to_handle(hProtocol);
    const manager::Status status = to->deregister(handle);
    if (status == manager::Status::kOk) {
        receivers().remove(handle); // no callback runs any more (2.2)
        std::erase(registered_here, handle);
    }
    return to_status(status);
}

DWORD MgmTakeInterfaceOwnership(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr) {
    const InCall to;
    return !to ? ERROR_CAN_NOT_COMPLETE
               : to_status(to->take(to_handle(hProtocol), to_link(dwIfIndex, dwIfNextHopAddr)));
}

DWORD MgmReleaseInterfaceOwnership(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr) {
    const InCall to;
    return !to ? ERROR_CAN_NOT_COMPLETE
               : to_status(to->release(to_handle(hProtocol), to_link(dwIfIndex, dwIfNextHopAddr)));
}

DWORD MgmGetProtocolOnInterface(DWORD dwIfIndex, DWORD dwIfNextHopAddr, PDWORD pdwIfProtocolId,
                                PDWORD pdwIfComponentId) {
    if (pdwIfProtocolId == nullptr || pdwIfComponentId == nullptr)
        return ERROR_INVALID_PARAMETER;
    const InCall to;
    if (!to)
        return ERROR_CAN_NOT_COMPLETE;
    manager::Identity owner;
    const manager::Status status =
        to->owner_of(mgm::Vrf{}, to_link(dwIfIndex, dwIfNextHopAddr), owner);
    if (status == manager::Status::kOk) {
        *pdwIfProtocolId = owner.protocol;
        *pdwIfComponentId = owner.component;
    }
    return to_status(status);
}

DWORD MgmAddGroupMembershipEntry(HANDLE hProtocol, DWORD dwSourceAddr, DWORD dwSourceMask,
                                 DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                 DWORD dwIfNextHopIPAddr, DWORD dwFlags) {
    const InCall to;
    return !to ? ERROR_CAN_NOT_COMPLETE
               : to_status(
                     to->add(to_handle(hProtocol), {.source = to_prefix(dwSourceAddr, dwSourceMask),
                                                    .group = to_prefix(dwGroupAddr, dwGroupMask),
                                                    .link = to_link(dwIfIndex, dwIfNextHopIPAddr),
                                                    .flags = dwFlags}));
}

DWORD MgmDeleteGroupMembershipEntry(HANDLE hProtocol, DWORD dwSourceAddr, DWORD dwSourceMask,
                                    DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                    DWORD dwIfNextHopIPAddr, DWORD dwFlags) {
    const InCall to;
    return !to ? ERROR_CAN_NOT_COMPLETE
               : to_status(to->remove(to_handle(hProtocol),
                                      {.source = to_prefix(dwSourceAddr, dwSourceMask),
                                       .group = to_prefix(dwGroupAddr, dwGroupMask),
                                       .link = to_link(dwIfIndex, dwIfNextHopIPAddr),
                                       .flags = dwFlags}));
}

DWORD MgmGroupEnumerationStart(HANDLE hProtocol, MGM_ENUM_TYPES metEnumType, HANDLE *phEnumHandle) {
    if (phEnumHandle == nullptr)
        return ERROR_INVALID_PARAMETER;
    const InCall to;
    if (!to)
        return ERROR_CAN_NOT_COMPLETE;
    const auto [status, handle] = to->start_enumeration(
        to_handle(hProtocol),
        static_cast<manager::EnumerationKind>(static_cast<std::uint32_t>(metEnumType)));
    if (status == manager::Status::kOk)
        *phEnumHandle = from_handle(handle);
    return to_status(status);
}

DWORD MgmGroupEnumerationGetNext(HANDLE hEnum, PDWORD pdwBufferSize, PBYTE pbBuffer,
                                 PDWORD pdwNumEntries) {
    if (pdwBufferSize == nullptr || pdwNumEntries == nullptr ||
        (pbBuffer == nullptr && *pdwBufferSize != 0))
        return ERROR_INVALID_PARAMETER;
    const InCall to;
    if (!to)
        return ERROR_CAN_NOT_COMPLETE;
    // A call costs a turn of the control thread: no more than this much of one.
    constexpr std::size_t kMostAtOnce = 4096;
    const std::size_t room =
        std::min<std::size_t>(*pdwBufferSize / sizeof(SOURCE_GROUP_ENTRY), kMostAtOnce);
    std::vector<manager::SourceGroup> records;
    try {
        records.resize(room);
    } catch (const std::bad_alloc &) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    std::size_t count = 0;
    const manager::Status status = to->next_groups(to_handle(hEnum), records, count);
    if (status == manager::Status::kInvalidParameter || status == manager::Status::kCanNotComplete)
        return to_status(status);
    auto *out = reinterpret_cast<PSOURCE_GROUP_ENTRY>(pbBuffer);
    for (std::size_t i = 0; i < count; ++i)
        out[i] = {.dwSourceAddr = to_word(records[i].source),
                  .dwSourceMask = mask_of(records[i].source),
                  .dwGroupAddr = to_word(records[i].group),
                  .dwGroupMask = mask_of(records[i].group)};
    *pdwNumEntries = static_cast<DWORD>(count);
    if (status == manager::Status::kInsufficientBuffer)
        *pdwBufferSize = sizeof(SOURCE_GROUP_ENTRY);
    return to_status(status);
}

DWORD MgmGroupEnumerationEnd(HANDLE hEnum) {
    const InCall to;
    return !to ? ERROR_CAN_NOT_COMPLETE : to_status(to->end_enumeration(to_handle(hEnum)));
}

DWORD MgmExtGetInterfaces(PMGM_EXT_INTERFACE pInterfaces, PDWORD pdwNumEntries) {
    if (pdwNumEntries == nullptr || (pInterfaces == nullptr && *pdwNumEntries != 0))
        return ERROR_INVALID_PARAMETER;
    const InCall to;
    std::vector<InterfaceInfo> interfaces;
    if (!to || to->interfaces(mgm::Vrf{}, interfaces) != manager::Status::kOk)
        return ERROR_CAN_NOT_COMPLETE;
    const std::size_t room = *pdwNumEntries;
    *pdwNumEntries = static_cast<DWORD>(interfaces.size());
    for (std::size_t i = 0; i < std::min(room, interfaces.size()); ++i) {
        const InterfaceInfo &from = interfaces[i];
        MGM_EXT_INTERFACE &record = pInterfaces[i];
        record = {};
        record.dwIfIndex = static_cast<DWORD>(from.index);
        from.name.copy(record.szName, MGM_EXT_NAME_SIZE - 1);
        record.bIsUp = from.is_up ? TRUE : FALSE;
        for (const mgm::IpPrefix &address : from.addresses)
            if (address.family() == mgm::Family::kIpv4) {
                record.dwAddress = to_word(address.address);
                record.dwMask = length_to_mask(address.length);
                break;
            }
    }
    return interfaces.size() > room ? ERROR_INSUFFICIENT_BUFFER : NO_ERROR;
}

DWORD MgmExtFlush(void) {
    const InCall to;
    return !to ? ERROR_CAN_NOT_COMPLETE : to_status(to->flush());
}
