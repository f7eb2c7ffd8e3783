// SPDX-License-Identifier: BSD-3-Clause
// A client that was full has room again (8.18): how many alerts were dropped, then what differs now
// from what it was told, as far as there is room.
#include "control/manager/impl.hpp"

#include <utility>

namespace control::manager {

using contributor::kIgmp;

void Manager::Impl::catch_up(Client &client, Time now) noexcept {
    if (client.dropped != 0 && has_room(client))
        deliver(client, AlertsDropped{.count = std::exchange(client.dropped, 0U)});
    while (client.behind != nullptr && has_room(client)) {
        Untold &untold = *client.behind;
        if (!concerns(untold, client))
            client.behind = untold.next;
        else if (untold.about == Untold::About::kKey)
            catch_up_key(client, static_cast<KeyState &>(untold));
        else
            catch_up_entry(client, static_cast<Entry &>(untold), now);
    }
}

void Manager::Impl::catch_up_key(Client &client, KeyState &key) noexcept {
    if (!catch_up_locals(client, key))
        return;
    if ((key.unaware & client.bit) != 0) {
        if (!has_room(client))
            return;
        key.unaware &= ~client.bit;
        const bool is_due = key.key.is_any_source() ? members_of(key).has_other_than(&client)
                                                    : key.alerted == &client;
        tell_member(client, key, is_due, key.pruned_on);
    }
    undefer(key, client);
    erase_key_if_empty(key);
}

/// What is due of LOCAL_*, link by link. False: there is no room for all of it.
bool Manager::Impl::catch_up_locals(Client &client, KeyState &key) noexcept {
    for (std::size_t i = 0; i < key.contributions.size();) {
        Contribution &c = key.contributions[i];
        LinkState &link = *c.link;
        // Twice for a source that is joined beside an EXCLUDE.
        while (link.routing == &client && c.told != to_be_told(c)) {
            if (!has_room(client))
                return false;
            if (needs_update(link, key, c))
                tell_group(link, key.key.wildcard_source());
            else
                tell_local(link, key, (c.joined & kIgmp) != 0);
        }
        const std::size_t before = key.contributions.size();
        tidy(key, link); // one that was kept only for this
        i += key.contributions.size() == before ? 1 : 0;
    }
    return true;
}

void Manager::Impl::catch_up_entry(Client &client, Entry &entry, Time now) noexcept {
    if (entry.owner == &client) {
        const Judgement judgement = judge(entry);
        if (judgement.has_foreign != entry.is_alerted)
            alert_owner(entry, judgement.has_foreign, now);
        else if (entry.is_prune_due)
            alert_owner(entry, false, now);
    } else if ((entry.left & client.bit) != 0) {
        entry.left &= ~client.bit;
        deliver(client,
                PruneAlert{.key = entry.key, .link = entry.left_in, .is_member_delete = false});
    }
    undefer(entry, client);
}

} // namespace control::manager
