// SPDX-License-Identifier: BSD-3-Clause
// One client's thread: runs its callbacks in order, one at a time, and says when each has returned.
// A callback that never returns holds up this thread and nothing else; the queue behind it is as
// long as the manager lets it become, which counts what has not returned (mgm-spec 8.18).
#pragma once

#include "control/client/transport.hpp"

#include <oneapi/tbb/concurrent_queue.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace control {

/// A callback with copies of all that it points at.
class OwnedCallback {
public:
    explicit OwnedCallback(const manager::Callback &callback);
    OwnedCallback(OwnedCallback &&) =
        default; // vectors keep their storage, so the spans stay right
    OwnedCallback &operator=(OwnedCallback &&) = default;
    [[nodiscard]] const manager::Callback &get() const noexcept { return callback_; }

private:
    manager::Callback callback_;
    std::vector<std::byte> header_;
    std::vector<manager::CreationLink> links_;
    std::vector<mgm::IpAddress> sources_;
};

class Dispatcher {
public:
    using Returned = std::function<void(manager::CallbackId, const manager::Reply &)>;

    /// `returned` is called on the dispatcher's thread after each callback. Throws
    /// std::system_error without a thread, std::bad_alloc without memory.
    Dispatcher(Receiver &receiver, Returned returned);
    /// discard(); does not wait: a callback that never returns keeps its thread, and nobody else.
    ~Dispatcher();
    Dispatcher(const Dispatcher &) = delete;
    Dispatcher &operator=(const Dispatcher &) = delete;

    void post(manager::CallbackId id, const manager::Callback &callback);
    /// From here on nothing starts, and `returned` is not called again.
    void discard() noexcept;
    /// discard(), and waits for a callback that runs.
    void join();

    /// The callback that this thread is inside of, whichever dispatcher's it is (8.4).
    [[nodiscard]] static std::optional<manager::CallbackKind> inside() noexcept;

private:
    struct Item {
        manager::CallbackId id{};
        std::optional<OwnedCallback> callback; ///< none: end
    };
    /// Shared with the thread, which may outlive the dispatcher.
    struct State {
        Receiver &receiver;
        tbb::concurrent_bounded_queue<Item> queue;
        std::mutex mutex;  ///< of `returned`; never held while a callback runs
        Returned returned; ///< empty: discarding
    };
    static void run(const std::shared_ptr<State> &state);

    std::shared_ptr<State> state_;
    std::thread thread_;
};

} // namespace control
