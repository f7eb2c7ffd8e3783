// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/ports/environment.hpp"

#include "dataplane/eal.hpp"
#include "dataplane/eal_files.hpp"

#include <fmt/format.h>
#include <rte_mempool.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

#include <sched.h>
#include <unistd.h>

namespace port_tests {

namespace {

std::string no_namespace;
std::optional<dataplane::Eal> eal;
std::optional<dataplane::MbufPool> receive_pool;

class Environment : public ::testing::Environment {
public:
    void SetUp() override {
        // before EAL, so that all of its threads live in the namespace too
        if (unshare(CLONE_NEWNET) != 0)
            no_namespace = fmt::format("needs a network namespace of its own: {}",
                                       std::generic_category().message(errno));
        else
            ip("link set lo up");
        auto started =
            dataplane::Eal::start({.instance = instance(),
                                   .args = {"--no-huge", "--no-pci", "-m", "256", "--no-telemetry"},
                                   .workers = 1});
        ASSERT_TRUE(started) << started.error().what;
        eal.emplace(std::move(*started));
        auto made = dataplane::MbufPool::create("port-tests", 16383, 2176, -1);
        ASSERT_TRUE(made) << made.error().what;
        receive_pool.emplace(std::move(*made));
    }
    void TearDown() override {
        receive_pool.reset();
        eal.reset();
        EXPECT_FALSE(std::filesystem::exists(dataplane::runtime_folder(instance())))
            << "an instance that ends removes its runtime folder";
    }
};

const auto *const kEnvironment = ::testing::AddGlobalTestEnvironment(new Environment);

void put32(std::ofstream &file, std::uint32_t value) {
    file.write(reinterpret_cast<const char *>(&value), sizeof value);
}

} // namespace

const std::string &why_no_namespace() {
    return no_namespace;
}

const std::string &instance() {
    static const std::string name = "mgm-unit-ports-" + std::to_string(getpid());
    return name;
}

void ip(const std::string &arguments) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe,cert-env33-c): fixed words of the tests, one thread
    EXPECT_EQ(std::system(("ip " + arguments).c_str()), 0) << "ip " << arguments;
}

bool eventually(const std::function<bool()> &condition) {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator files("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

unsigned mempools() {
    unsigned count = 0;
    rte_mempool_walk([](rte_mempool *, void *counter) { ++*static_cast<unsigned *>(counter); },
                     &count);
    return count;
}

dataplane::MbufPool &pool() {
    return *receive_pool;
}

void write_pcap(const std::string &path, unsigned frames, std::size_t octets) {
    std::ofstream file(path, std::ios::binary);
    for (const std::uint32_t word : {0xa1b2c3d4U, 0x00040002U, 0U, 0U, 65535U, 1U})
        put32(file, word);
    for (unsigned i = 0; i < frames; ++i) {
        for (const auto word :
             {0U, i, static_cast<std::uint32_t>(octets), static_cast<std::uint32_t>(octets)})
            put32(file, word);
        const std::string frame(octets, static_cast<char>(i));
        file.write(frame.data(), static_cast<std::streamsize>(frame.size()));
    }
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "mgm-ports-XXXXXX";
    path_ = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
}

Veth::Veth(std::string name, std::string peer) : name_(std::move(name)) {
    ip(fmt::format("link add {} type veth peer name {}", name_, peer));
    ip(fmt::format("link set {} up", name_));
    ip(fmt::format("link set {} up", peer));
}

Veth::~Veth() {
    remove();
}

void Veth::remove() {
    if (std::exchange(is_there_, false))
        ip("link del " + name_);
}

} // namespace port_tests
