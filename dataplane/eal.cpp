// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/eal.hpp"

#include "dataplane/dpdk_log.hpp"
#include "dataplane/eal_files.hpp"
#include "mgm/log.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include <sched.h>

namespace dataplane {

namespace fs = std::filesystem;
using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

const mgm::Log kLog("mgm.eal");

using Arguments = std::vector<std::string>;

constexpr std::string_view kLogLevel = "--log-level=";
constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kPageMiB = 2; ///< a huge page

/// The value of "--name value", "--name=value", "-n value" or "-nvalue"; the last one wins.
std::optional<std::string> value_of(const Arguments &args, std::string_view option) {
    std::optional<std::string> value;
    const bool is_long = option.starts_with("--");
    for (std::size_t i = 0; i < args.size(); ++i) {
        const std::string_view arg = args[i];
        if (arg == option && i + 1 < args.size())
            value = args[i + 1];
        else if (arg.starts_with(option) && arg.size() > option.size() &&
                 (!is_long || arg[option.size()] == '='))
            value = std::string(arg.substr(option.size() + (is_long ? 1 : 0)));
    }
    return value;
}

bool has(const Arguments &args, std::string_view option) {
    return std::find(args.begin(), args.end(), option) != args.end();
}

bool chooses_lcores(const Arguments &args) {
    return std::any_of(args.begin(), args.end(), [](const std::string &arg) {
        return arg.starts_with("--lcores") || arg.starts_with("-l") || arg.starts_with("-c");
    });
}

/// Of a part that is not ours: then the operator wants to see DPDK's lines.
bool sets_dpdk_log_level(const Arguments &args) {
    return std::any_of(args.begin(), args.end(), [](std::string_view arg) {
        return arg.starts_with(kLogLevel) && arg.find(':') != arg.npos &&
               !arg.substr(kLogLevel.size()).starts_with("mgm.");
    });
}

std::vector<unsigned> allowed_cpus() {
    std::vector<unsigned> cpus;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
            if (CPU_ISSET(cpu, &set))
                cpus.push_back(cpu);
    return cpus;
}

Arguments complete(const EalConfig &config, const std::string &prefix) {
    Arguments args{"mgmd"};
    // The order matters to EAL: of the drivers that it loads later, the first option that fits
    // wins.
    if (!sets_dpdk_log_level(config.args))
        args.insert(args.end(), {"--log-level=*telemetry*:error", "--log-level=*:warning"});
    args.emplace_back("--log-level=mgm.*:info");
    args.insert(args.end(), config.args.begin(), config.args.end());
    if (!value_of(config.args, "--file-prefix"))
        args.push_back("--file-prefix=" + prefix);
    if (!chooses_lcores(config.args))
        args.push_back("--lcores=" + lcores_for(config.workers, allowed_cpus()));
    // Memory that is no file cannot be attached to, so there is nothing to share.
    if (has(config.args, "--no-huge") && !has(config.args, "--no-shconf"))
        args.emplace_back("--no-shconf");
    return args;
}

std::vector<fs::path> huge_folders(const Arguments &args) {
    std::vector<fs::path> folders = hugetlbfs_mounts();
    if (const auto own = value_of(args, "--huge-dir"))
        folders.emplace_back(*own);
    return folders;
}

/// EAL's own messages for this are a page long and do not say what to do.
Result<void> check_hugepages(const Arguments &args) {
    if (has(args, "--no-huge"))
        return {};
    std::uint64_t wanted = kPageMiB;
    if (const auto megabytes = value_of(args, "-m"))
        std::from_chars(megabytes->data(), megabytes->data() + megabytes->size(), wanted);
    const std::uint64_t there = free_hugepage_octets() / kMiB;
    if (there < wanted)
        return fail(Errc::kNoMemory,
                    "hugepages: {} MiB free, {} MiB wanted; reserve them with 'sysctl "
                    "vm.nr_hugepages={}' and mount them with 'mount -t hugetlbfs nodev "
                    "/dev/hugepages', or put \"--no-huge\" into [eal] args",
                    there, wanted == kPageMiB ? "at least 2" : std::to_string(wanted),
                    std::max<std::uint64_t>(wanted, 256) / kPageMiB);
    if (!has(args, "--in-memory") && hugetlbfs_mounts().empty())
        return fail(Errc::kNoMemory,
                    "hugepages: {} MiB reserved, but hugetlbfs is not mounted; mount it with "
                    "'mount -t hugetlbfs nodev /dev/hugepages', or put \"--no-huge\" into [eal] "
                    "args",
                    there);
    return {};
}

/// getopt's line about an argument that EAL does not know: "unrecognized option '--colour'".
std::string unknown_option(const std::string &errors) {
    const std::size_t first = errors.find(": ") + 2;
    const std::string line = errors.substr(0, errors.find('\n'));
    const bool is_getopt = line.find("option") != std::string::npos && first < line.size();
    return is_getopt ? line.substr(first) : std::string();
}

Result<void> init(Arguments args) {
    std::vector<char *> argv;
    argv.reserve(args.size());
    for (std::string &arg : args)
        argv.push_back(arg.data());
    std::string reason;
    int consumed = 0;
    {
        const OutputCapture output;
        const DpdkLogCapture captured;
        consumed = rte_eal_init(static_cast<int>(argv.size()), argv.data());
        reason = captured.reason();
        if (const std::string line = unknown_option(output.errors()); !line.empty())
            reason = line;
    }
    if (consumed < 0)
        return fail(rte_errno == ENOMEM ? Errc::kNoMemory : Errc::kInvalidArgument,
                    "EAL did not start with {}: {}", fmt::join(args, " "),
                    reason.empty() ? rte_strerror(rte_errno) : reason);
    // Of each page size that the machine could have and has not.
    const bool is_about_pages = reason.starts_with("No free ");
    if (!reason.empty() && !is_about_pages)
        kLog.warning("EAL started, but says: {}", reason);
    return {};
}

} // namespace

std::string lcores_for(std::uint32_t workers, const std::vector<unsigned> &cpus) {
    const std::size_t others = cpus.size() > 1 ? cpus.size() - 1 : 0;
    // With a CPU for each, worker i has the i-th after control's; else they go round, control's
    // CPU first.
    const std::size_t first = workers <= others ? 1 : 0;
    const auto cpu = [&](std::size_t i) { return cpus.empty() ? 0U : cpus[i % cpus.size()]; };
    std::string lcores = fmt::format("0@{}", cpu(0));
    for (std::uint32_t i = 0; i < workers; ++i)
        lcores += fmt::format(",{}@{}", i + 1, cpu(i + first));
    return lcores;
}

struct Eal::State {
    explicit State(std::string prefix_, InstanceLock lock_)
        : prefix(std::move(prefix_)), lock(std::move(lock_)) {}
    ~State() {
        if (is_started)
            (void)rte_eal_cleanup();
        (void)remove_instance_files(prefix, folders);
        remove_instance_folder(prefix);
    }
    State(const State &) = delete;
    State &operator=(const State &) = delete;

    std::string prefix;
    InstanceLock lock;
    std::vector<fs::path> folders;
    std::vector<unsigned> workers;
    bool is_started = false;
    bool is_shared = false;
};

Eal::Eal(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Eal::Eal(Eal &&) noexcept = default;
Eal &Eal::operator=(Eal &&) noexcept = default;
Eal::~Eal() = default;

Result<Eal> Eal::start(const EalConfig &config) {
    send_dpdk_log_to_stderr();
    // DPDK writes to vhost-user and memif sockets whose other end may be gone: an error there, not
    // our end.
    (void)std::signal(SIGPIPE, SIG_IGN);
    const std::string prefix = value_of(config.args, "--file-prefix").value_or(config.instance);
    const Arguments args = complete(config, prefix);

    Result<InstanceLock> lock = InstanceLock::take(prefix);
    if (!lock)
        return tl::unexpected(std::move(lock.error()));
    auto state = std::make_unique<State>(prefix, std::move(*lock));
    state->folders = huge_folders(args);
    if (const unsigned swept = remove_instance_files(prefix, state->folders); swept > 0)
        kLog.notice("instance '{}': removed {} files of a predecessor that died", prefix, swept);

    if (Result<void> enough = check_hugepages(args); !enough)
        return tl::unexpected(std::move(enough.error()));
    if (Result<void> started = init(args); !started)
        return tl::unexpected(std::move(started.error()));
    state->is_started = true;
    state->is_shared = !has(args, "--no-shconf") && !has(args, "--in-memory");

    unsigned lcore = 0;
    RTE_LCORE_FOREACH_WORKER(lcore)
    state->workers.push_back(lcore);
    if (state->workers.size() < config.workers)
        return fail(Errc::kInvalidArgument,
                    "[eal] args give {} lcores, {} wanted (one for control, one for each worker); "
                    "name more there, or leave them out of args",
                    state->workers.size() + 1, config.workers + 1);
    state->workers.resize(config.workers);
    return Eal(std::move(state));
}

const std::vector<unsigned> &Eal::worker_lcores() const noexcept {
    return state_->workers;
}
bool Eal::can_be_attached() const noexcept {
    return state_->is_shared;
}

} // namespace dataplane
