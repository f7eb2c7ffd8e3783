// SPDX-License-Identifier: BSD-3-Clause
// The part of World that answers for clients.
#include "manager_harness.hpp"

#include <algorithm>

namespace control::manager::test {

void World::keeps_still(Handle client, CallbackKind kind) {
    still_.insert({client, kind});
}

void World::answers_again(Handle client, CallbackKind kind) {
    still_.erase({client, kind});
    settle();
}

void World::vetoes(Handle client, std::vector<Link> links) {
    vetoes_[client] = std::move(links);
}

void World::answers_rpf(Handle client, const RpfReply &reply) {
    rpf_replies_[client] = reply;
}

void World::answers_prune(Handle client, std::uint32_t timeout_seconds) {
    prune_replies_[client] = timeout_seconds;
}

void World::has_no_answer(Handle client, CallbackKind kind) {
    silent_.insert({client, kind});
}

Reply World::usual_reply(const Delivered &delivered) {
    if (silent_.contains({delivered.client, delivered.kind}))
        return std::monostate{};
    if (delivered.kind == CallbackKind::kRpf) {
        const auto own = rpf_replies_.find(delivered.client);
        return own != rpf_replies_.end() ? own->second : delivered.unchanged;
    }
    if (delivered.kind == CallbackKind::kCreationAlert)
        return CreationReply{.vetoed = vetoes_[delivered.client]};
    if (delivered.kind == CallbackKind::kPruneAlert) {
        const auto own = prune_replies_.find(delivered.client);
        return PruneReply{own != prune_replies_.end() ? own->second : 900};
    }
    return std::monostate{};
}

void World::give_back(const std::deque<Delivered>::iterator &delivered, const Reply *reply) {
    const Delivered callback = std::move(*delivered);
    recorder.outstanding.erase(delivered);
    manager->returned(callback.client, callback.id, reply ? *reply : usual_reply(callback), now);
}

void World::settle() {
    for (int turns = 0; turns < 10'000 && !nobody_answers; ++turns) {
        const auto next = std::find_if(recorder.outstanding.begin(), recorder.outstanding.end(),
                                       [&](const Delivered &each) {
                                           return !still_.contains({each.client, each.kind});
                                       });
        if (next == recorder.outstanding.end())
            return;
        give_back(next, nullptr);
    }
    if (!nobody_answers)
        ADD_FAILURE() << "callbacks without end";
}

void World::answer(Handle client, CallbackKind kind) {
    const auto found =
        std::find_if(recorder.outstanding.begin(), recorder.outstanding.end(),
                     [&](const Delivered &d) { return d.client == client && d.kind == kind; });
    if (found == recorder.outstanding.end()) {
        ADD_FAILURE() << recorder.name(client) << " has nothing to answer";
        return;
    }
    const Reply reply = usual_reply(*found);
    give_back(found, &reply);
    settle();
}

void World::answer(Handle client, CallbackKind kind, const Reply &reply) {
    const auto found =
        std::find_if(recorder.outstanding.begin(), recorder.outstanding.end(),
                     [&](const Delivered &d) { return d.client == client && d.kind == kind; });
    if (found == recorder.outstanding.end()) {
        ADD_FAILURE() << recorder.name(client) << " has nothing to answer";
        return;
    }
    give_back(found, &reply);
    settle();
}

bool World::is_outstanding(Handle client, CallbackKind kind) const {
    return std::any_of(recorder.outstanding.begin(), recorder.outstanding.end(),
                       [&](const Delivered &d) { return d.client == client && d.kind == kind; });
}

} // namespace control::manager::test
