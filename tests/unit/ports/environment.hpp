// SPDX-License-Identifier: BSD-3-Clause
// What the port tests stand on: a network namespace of the test process's own, EAL started the way
// mgmd starts it, and small helpers for devices and events.
#pragma once

#include "dataplane/mbuf_pool.hpp"
#include "mgm/port_events.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace port_tests {

inline constexpr std::chrono::seconds kDeadline{10};

/// The process has a network namespace of its own, so it may make devices. Otherwise why not.
[[nodiscard]] const std::string &why_no_namespace();

/// The instance name that this test program's EAL runs under.
[[nodiscard]] const std::string &instance();

/// `ip ARGUMENTS` in the namespace; fails the test when `ip` does.
void ip(const std::string &arguments);

/// Polls `condition` until it holds or the deadline is over; returns whether it held.
bool eventually(const std::function<bool()> &condition);

/// Open file descriptors of this process.
[[nodiscard]] std::size_t open_descriptors();

/// The pool that all ports of the tests receive into.
[[nodiscard]] dataplane::MbufPool &pool();

/// Mempools of this process.
[[nodiscard]] unsigned mempools();

/// A file of `frames` frames, `octets` long each, that net_pcap can read.
void write_pcap(const std::string &path, unsigned frames, std::size_t octets);

/// A folder for the test's files, removed at its end.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;
    [[nodiscard]] std::string operator/(const std::string &name) const {
        return path_ + "/" + name;
    }

private:
    std::string path_;
};

/// A veth pair; both ends up, removed at the end.
class Veth {
public:
    Veth(std::string name, std::string peer);
    ~Veth();
    Veth(const Veth &) = delete;
    Veth &operator=(const Veth &) = delete;
    void remove();

private:
    std::string name_;
    bool is_there_ = true;
};

} // namespace port_tests

/// At the top of a test that makes network devices.
#define NEEDS_NAMESPACE()                                                                          \
    do {                                                                                           \
        if (!port_tests::why_no_namespace().empty())                                               \
            GTEST_SKIP() << port_tests::why_no_namespace();                                        \
    } while (false)
