// SPDX-License-Identifier: BSD-3-Clause
#include "control/client/dispatcher.hpp"

#include <type_traits>
#include <utility>

namespace control {

namespace {

thread_local std::optional<manager::CallbackKind> current_callback;

} // namespace

OwnedCallback::OwnedCallback(const manager::Callback &callback) : callback_(callback) {
    const auto own = [](auto &span, auto &storage) {
        storage.assign(span.begin(), span.end());
        span = storage;
    };
    std::visit(
        [&](auto &c) {
            using Kind = std::remove_cvref_t<decltype(c)>;
            if constexpr (std::is_same_v<Kind, manager::RpfRequest> ||
                          std::is_same_v<Kind, manager::WrongIf>)
                own(c.header, header_);
            else if constexpr (std::is_same_v<Kind, manager::CreationAlert>)
                own(c.links, links_);
            else if constexpr (std::is_same_v<Kind, manager::LocalUpdate>)
                own(c.sources, sources_);
        },
        callback_);
}

Dispatcher::Dispatcher(Receiver &receiver, Returned returned)
    : state_(new State{
          .receiver = receiver, .queue = {}, .mutex = {}, .returned = std::move(returned)}),
      thread_([state = state_] { run(state); }) {}

Dispatcher::~Dispatcher() {
    discard();
    if (thread_.joinable())
        thread_.detach();
}

void Dispatcher::post(manager::CallbackId id, const manager::Callback &callback) {
    state_->queue.push(Item{.id = id, .callback = OwnedCallback(callback)});
}

void Dispatcher::discard() noexcept {
    const std::scoped_lock lock(state_->mutex);
    if (!state_->returned)
        return;
    state_->returned = nullptr;
    state_->queue.push(Item{}); // ends a thread that waits
}

void Dispatcher::join() {
    discard();
    if (thread_.joinable())
        thread_.join();
}

std::optional<manager::CallbackKind> Dispatcher::inside() noexcept {
    return current_callback;
}

void Dispatcher::run(const std::shared_ptr<State> &state) {
    for (;;) {
        Item item;
        state->queue.pop(item);
        {
            const std::scoped_lock lock(state->mutex);
            if (!state->returned || !item.callback)
                return;
        }
        current_callback = manager::kind_of(item.callback->get());
        const manager::Reply reply = state->receiver.received(item.callback->get());
        current_callback.reset();
        const std::scoped_lock lock(state->mutex);
        if (state->returned)
            state->returned(item.id, reply);
    }
}

} // namespace control
