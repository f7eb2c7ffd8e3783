// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/client/router.hpp"

#include <fmt/format.h>

#include <future>

#include <poll.h>

namespace client_tests {

using namespace control::manager;

Router::Router(const Options &options)
    : transport_(std::make_unique<control::LocalTransport>(
          options, rib, plane, plane, commands_,
          [this](Event event, std::string_view) { events_.push_back(event); })),
      thread_([this] {
          while (!is_ending_) {
              pollfd wait{.fd = commands_.descriptor(), .events = POLLIN, .revents = 0};
              ::poll(&wait, 1, 1); // ms: the tick
              commands_.run(64);
              transport_->tick();
          }
          commands_.close();
      }) {}

void Router::stop() {
    is_ending_ = true;
    commands_.wake();
    if (thread_.joinable())
        thread_.join();
}

void Router::run(const std::function<void(Manager &)> &command) {
    std::promise<void> done;
    commands_.post([&] {
        command(transport_->manager());
        done.set_value();
    });
    done.get_future().wait();
}

namespace {

constexpr std::array<std::byte, 20> kHeader{std::byte{0x45}};

} // namespace

void Router::new_source(const std::string &source, const std::string &group,
                        std::uint32_t arrival) {
    run([&](Manager &manager) {
        manager.new_source(
            {.key = key(source, group), .interface = mgm::IfIndex{arrival}, .header = kHeader},
            control::LocalTransport::now());
    });
}

void Router::wrong_interface(const std::string &source, const std::string &group,
                             std::uint32_t arrival) {
    run([&](Manager &manager) {
        manager.wrong_interface(
            {.key = key(source, group), .interface = mgm::IfIndex{arrival}, .header = kHeader},
            control::LocalTransport::now());
    });
}

std::vector<Event> Router::events() {
    std::vector<Event> events;
    run([&](Manager &) { std::swap(events, events_); });
    return events;
}

std::set<std::uint32_t> Router::oifs(const std::string &entry) {
    std::set<std::uint32_t> oifs;
    run([&](Manager &) {
        const auto found = plane.entries.find(entry);
        if (found != plane.entries.end())
            oifs = found->second;
    });
    return oifs;
}

Reply Listener::received(const Callback &callback) {
    if (inside)
        inside(callback);
    std::unique_lock lock(mutex_);
    told_.push_back(to_string(callback));
    const CallbackKind kind = kind_of(callback);
    if (blocked_.contains(kind)) {
        is_blocked_ = true;
        changed_.notify_all();
        changed_.wait(lock, [&] { return !blocked_.contains(kind); });
        is_blocked_ = false;
    }
    lock.unlock();
    return reply ? reply(callback) : Reply{};
}

void Listener::block(CallbackKind kind) {
    const std::scoped_lock lock(mutex_);
    blocked_.insert(kind);
}

void Listener::open_gate() {
    const std::scoped_lock lock(mutex_);
    blocked_.clear();
    changed_.notify_all();
}

void Listener::wait_until_blocked() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_blocked_; });
}

std::vector<std::string> Listener::told() const {
    const std::scoped_lock lock(mutex_);
    return told_;
}

namespace {

std::string text(const Key &key) {
    const auto part = [](const mgm::IpAddress &a) {
        return is_zero(a) ? std::string("*") : mgm::to_string(a);
    };
    return fmt::format("({},{})", part(key.source), part(key.group));
}

struct Text {
    std::string operator()(const RpfRequest &c) const {
        return fmt::format("RPF {} {}", text(c.key), c.in.interface);
    }
    std::string operator()(const CreationAlert &c) const {
        std::string links;
        for (const CreationLink &link : c.links)
            links += fmt::format(" {}", link.link.interface);
        return fmt::format("CREATION {} {}:{}", text(c.key), c.in.interface, links);
    }
    std::string operator()(const PruneAlert &c) const {
        return fmt::format("PRUNE {} {} {}", text(c.key), c.link.interface,
                           c.is_member_delete ? "TRUE" : "FALSE");
    }
    std::string operator()(const JoinAlert &c) const {
        return fmt::format("JOIN {} {}", text(c.key), c.is_member_update ? "TRUE" : "FALSE");
    }
    std::string operator()(const WrongIf &c) const {
        return fmt::format("WRONG_IF {} {}", text(c.key), c.link.interface);
    }
    std::string operator()(const LocalJoin &c) const {
        return fmt::format("LOCAL_JOIN {} {}", text(c.key), c.link.interface);
    }
    std::string operator()(const LocalLeave &c) const {
        return fmt::format("LOCAL_LEAVE {} {}", text(c.key), c.link.interface);
    }
    std::string operator()(const LocalUpdate &c) const {
        return fmt::format("LOCAL_UPDATE {} {}", text(c.group), c.link.interface);
    }
    std::string operator()(const AlertsDropped &c) const {
        return fmt::format("DROPPED {}", c.count);
    }
    std::string operator()(const DisableIgmp &c) const {
        return fmt::format("DISABLE {}", c.link.interface);
    }
    std::string operator()(const EnableIgmp &c) const {
        return fmt::format("ENABLE {}", c.link.interface);
    }
};

} // namespace

std::string to_string(const Callback &callback) {
    return std::visit(Text(), callback);
}

} // namespace client_tests
