// SPDX-License-Identifier: BSD-3-Clause
// The C++ API of the Multicast Group Manager: a registration as an object. What each call does and
// returns: mgm-spec 2, and control/client/transport.hpp, of which these are the twins with the
// handle filled in.
//
//     control::Client client(transport);
//     client.open({.identity = {kPim, 1}, .callbacks = CallbackSet::routing()}, receiver);
//     client.take({.interface = IfIndex{3}});
//
// Thread: any but the control thread; a Client itself is not to be used by two threads at once.
#pragma once

#include "control/client/transport.hpp"

#include <span>
#include <utility>

namespace control {

class Client {
public:
    explicit Client(Transport &transport) noexcept : transport_(&transport) {}
    /// Gives everything back as if the client had died (8.10), when close() was not called or
    /// refused. Waits for a callback that runs: hold no lock that it takes. The receiver may go
    /// next.
    ~Client() { abandon(); }
    Client(Client &&other) noexcept
        : transport_(other.transport_), handle_(std::exchange(other.handle_, manager::Handle{})) {}
    Client &operator=(Client &&other) noexcept {
        abandon();
        transport_ = other.transport_;
        handle_ = std::exchange(other.handle_, manager::Handle{});
        return *this;
    }

    /// Registers. `receiver` outlives the registration.
    manager::Status open(const manager::Registration &registration, Receiver &receiver) {
        const auto [status, handle] = transport_->register_client(registration, receiver);
        if (status == manager::Status::kOk) {
            abandon();
            handle_ = handle;
        }
        return status;
    }
    /// Deregisters; kCanNotComplete while it owns links.
    manager::Status close() {
        const manager::Status status = transport_->deregister(handle_);
        if (status == manager::Status::kOk)
            handle_ = {};
        return status;
    }
    manager::Status reconciled() { return transport_->reconciled(handle_); }
    manager::Status take(const manager::Link &link) { return transport_->take(handle_, link); }
    manager::Status release(const manager::Link &link) {
        return transport_->release(handle_, link);
    }
    manager::Status add(const manager::Membership &membership) {
        return transport_->add(handle_, membership);
    }
    manager::Status add_all(std::span<const manager::Membership> memberships,
                            std::span<manager::Status> results) {
        return transport_->add_all(handle_, memberships, results);
    }
    manager::Status remove(const manager::Membership &membership) {
        return transport_->remove(handle_, membership);
    }
    manager::Status update(const manager::MembershipUpdate &update) {
        return transport_->update(handle_, update);
    }
    manager::Status set_upstream(const manager::Key &key, const mgm::IpAddress &upstream) {
        return transport_->set_upstream(handle_, key, upstream);
    }
    [[nodiscard]] Transport &transport() const noexcept { return *transport_; }
    [[nodiscard]] manager::Handle handle() const noexcept { return handle_; }

private:
    void abandon() noexcept {
        if (handle_ != manager::Handle{})
            transport_->end_client(std::exchange(handle_, manager::Handle{}));
    }

    Transport *transport_;
    manager::Handle handle_{};
};

} // namespace control
