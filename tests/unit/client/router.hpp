// SPDX-License-Identifier: BSD-3-Clause
// A control thread for tests of what runs on other threads: command queue, timers, a manager,
// tables that are a map. No DPDK. Nothing here sleeps to wait: a test waits for a condition, or for
// flush().
#pragma once

#include "control/client.hpp"
#include "control/client/c_api.hpp"
#include "control/client/local_transport.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace client_tests {

using control::manager::Status;

inline mgm::IpAddress address(const char *text) {
    return *mgm::IpAddress::parse(text);
}
inline control::manager::Link link(std::uint32_t index) {
    return {.interface = mgm::IfIndex{index}, .next_hop = address("0.0.0.0")};
}
inline control::manager::Key key(const std::string &source, const std::string &group) {
    return {.vrf = {}, .group = address(group.c_str()), .source = address(source.c_str())};
}
inline control::manager::Membership membership(const char *source, const char *group,
                                               std::uint32_t index) {
    const auto prefix = [](const char *text) {
        const mgm::IpAddress a = address(text);
        return mgm::IpPrefix{.address = a,
                             .length =
                                 control::manager::is_zero(a) ? std::uint8_t{0} : std::uint8_t{32}};
    };
    return {.source = prefix(source),
            .group = prefix(group),
            .link = link(index),
            .flags = control::manager::kJoinState};
}

/// What the tables were told. Control thread writes, tests read through Router::run().
class MapPlane : public control::manager::ForwardingPlane, public control::StatisticsReader {
public:
    bool install(const mgm::RouteKey &key, std::span<const mgm::IfIndex>,
                 std::span<const control::manager::Oif> oifs) noexcept override {
        std::set<std::uint32_t> indices;
        for (const control::manager::Oif &oif : oifs)
            indices.insert(static_cast<std::uint32_t>(oif.link.interface));
        const std::string name = mgm::to_string(key);
        for (const std::uint32_t before : entries[name])
            if (!indices.contains(before))
                lost.insert(name + " " + std::to_string(before));
        entries[name] = std::move(indices);
        return true;
    }
    void remove(const mgm::RouteKey &key) noexcept override {
        for (const std::uint32_t before : entries[mgm::to_string(key)])
            lost.insert(mgm::to_string(key) + " " + std::to_string(before));
        entries.erase(mgm::to_string(key));
    }
    void release_held(const control::manager::Key &) noexcept override { ++released; }
    void drop_held(const control::manager::Key &) noexcept override { ++dropped; }
    std::uint64_t packets(const control::manager::Key &) noexcept override { return 0; }
    control::EntryStatistics read(const control::manager::EntryInfo &entry) override {
        control::EntryStatistics statistics{.packets = 0x1'0000'0007ULL, .octets = 61};
        statistics.oifs.resize(entry.oifs.size());
        for (std::size_t i = 0; i < statistics.oifs.size(); ++i)
            statistics.oifs[i].packets = 100 + i;
        return statistics;
    }

    std::map<std::string, std::set<std::uint32_t>> entries;
    std::set<std::string> lost; ///< "(S,G) 32": the entry sent to if32 and ceased to
    unsigned released = 0;
    unsigned dropped = 0;
};

class Router {
public:
    explicit Router(const control::manager::Options &options = {});
    ~Router() { stop(); }
    /// The control thread ends; calls from here on end in kCanNotComplete.
    void stop();
    Router(const Router &) = delete;
    Router &operator=(const Router &) = delete;

    [[nodiscard]] control::Transport &transport() noexcept { return *transport_; }
    [[nodiscard]] control::LocalTransport &local() noexcept { return *transport_; }
    /// Runs on the control thread and waits for it.
    void run(const std::function<void(control::manager::Manager &)> &command);
    /// A packet from a source that workers do not know.
    void new_source(const std::string &source, const std::string &group, std::uint32_t arrival);
    /// A packet that does not come from where its entry expects it.
    void wrong_interface(const std::string &source, const std::string &group,
                         std::uint32_t arrival);
    /// What went to the log since the last time.
    [[nodiscard]] std::vector<control::manager::Event> events();
    [[nodiscard]] std::set<std::uint32_t> oifs(const std::string &entry);

    MapPlane plane;
    control::Rib rib; ///< to be changed before the first client, or in run()

private:
    control::CommandQueue commands_;
    std::vector<control::manager::Event> events_; ///< control thread
    std::unique_ptr<control::LocalTransport> transport_;
    std::atomic<bool> is_ending_{false};
    std::thread thread_;
};

/// A client that writes down what it is told, and may be held up in it.
class Listener : public control::Receiver {
public:
    control::manager::Reply received(const control::manager::Callback &callback) override;

    /// Callbacks of this kind do not return until open_gate().
    void block(control::manager::CallbackKind kind);
    void open_gate();
    /// Waits until a callback of the kind that is blocked runs.
    void wait_until_blocked();
    [[nodiscard]] std::vector<std::string> told() const;

    /// Runs inside each callback, before it may block.
    std::function<void(const control::manager::Callback &)> inside;
    std::function<control::manager::Reply(const control::manager::Callback &)> reply;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::set<control::manager::CallbackKind> blocked_;
    bool is_blocked_ = false;
    std::vector<std::string> told_;
};

/// "JOIN (*,239.1.1.1) TRUE"
std::string to_string(const control::manager::Callback &callback);

} // namespace client_tests
