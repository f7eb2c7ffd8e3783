// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/attach.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memzone.h>

#include <cerrno>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

namespace mgm {

namespace {

/// A CPU that we may use: EAL pins the thread that starts it.
int any_cpu() {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    if (sched_getaffinity(0, sizeof cpus, &cpus) == 0)
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
            if (CPU_ISSET(cpu, &cpus))
                return cpu;
    return 0;
}

std::vector<std::string> secondary_arguments(const std::string &file_prefix) {
    return {"mgm-attach",
            "--proc-type=secondary",
            "--file-prefix=" + file_prefix,
            "--no-pci",
            "--no-telemetry",
            "--log-level=*:critical",
            fmt::format("--lcores=0@{}", any_cpu())};
}

struct Started {
    int error = 0; ///< an errno, 0: EAL runs
    const rte_memzone *zone = nullptr;
};

/// Blocks for as long as EAL does; the look-up waits for the daemon's locks as well.
Started start_secondary(std::vector<std::string> arguments) {
    std::vector<char *> argv;
    argv.reserve(arguments.size());
    for (std::string &argument : arguments)
        argv.push_back(argument.data());
    if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0)
        return {rte_errno, nullptr};
    return {0, rte_memzone_lookup(kSegmentZone)};
}

/// The pages that hold a memzone.
struct Pages {
    void *first = nullptr;
    std::size_t octets = 0;
};

Pages pages_of(const rte_memzone &zone) {
    const std::size_t page = zone.hugepage_sz;
    const std::size_t before = reinterpret_cast<std::uintptr_t>(zone.addr) % page;
    return {static_cast<std::byte *>(zone.addr) - before,
            (before + zone.len + page - 1) / page * page};
}

} // namespace

/// A started secondary EAL.
class Attachment::Eal {
public:
    explicit Eal(EalInstance instance) noexcept : instance_(std::move(instance)) {}
    ~Eal() {
        // EAL itself writes to its heap, which may share a page with the tables, when it goes.
        if (pages_.first != nullptr)
            mprotect(pages_.first, pages_.octets, PROT_READ | PROT_WRITE);
        (void)rte_eal_cleanup();
        remove_leftovers(instance_.folder, getpid());
    }
    Eal(const Eal &) = delete;
    Eal &operator=(const Eal &) = delete;

    /// From here on a stray store of ours is a fault and not a corrupted daemon.
    Result<void> protect(const rte_memzone &zone) {
        const Pages pages = pages_of(zone);
        if (mprotect(pages.first, pages.octets, PROT_READ) != 0)
            return fail(Errc::kInternal, "cannot make the tables read-only: mprotect: {}",
                        rte_strerror(errno));
        pages_ = pages;
        return {};
    }
    [[nodiscard]] const EalInstance &instance() const noexcept { return instance_; }

private:
    EalInstance instance_;
    Pages pages_;
};

Result<Attachment> Attachment::open(const std::string &file_prefix,
                                    std::chrono::milliseconds patience) {
    Result<EalInstance> instance = find_instance(runtime_folder(file_prefix));
    if (!instance)
        return tl::unexpected(std::move(instance.error()));

    // EAL has no time-out of its own. A thread that hangs in it is left behind.
    std::packaged_task<Started(std::vector<std::string>)> start(start_secondary);
    std::future<Started> starting = start.get_future();
    std::thread(std::move(start), secondary_arguments(file_prefix)).detach();
    if (starting.wait_for(patience) != std::future_status::ready) {
        remove_leftovers(instance->folder, getpid());
        return fail(Errc::kUnavailable,
                    "cannot attach to mgmd '{}': EAL did not start within {} ms; the daemon was "
                    "stopped or killed while it held a lock",
                    file_prefix, patience.count());
    }
    const Started started = starting.get();
    if (started.error != 0) {
        remove_leftovers(instance->folder, getpid());
        return fail(Errc::kUnavailable,
                    "cannot attach to mgmd '{}': EAL: {}; are its hugepage files still there, and "
                    "may we read them?",
                    file_prefix, rte_strerror(started.error));
    }
    auto eal = std::make_unique<Eal>(std::move(*instance));
    if (started.zone == nullptr)
        return fail(Errc::kUnavailable, "cannot attach to mgmd '{}': it has no memzone {}",
                    file_prefix, kSegmentZone);
    if (Result<void> is_protected = eal->protect(*started.zone); !is_protected)
        return tl::unexpected(std::move(is_protected.error()));
    Result<SegmentReader> reader = SegmentReader::open(
        {static_cast<const std::byte *>(started.zone->addr), started.zone->len});
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    return Attachment(std::move(eal), std::move(*reader));
}

Attachment::Attachment(std::unique_ptr<Eal> eal, SegmentReader reader)
    : eal_(std::move(eal)), reader_(std::make_unique<SegmentReader>(std::move(reader))) {}
Attachment::Attachment(Attachment &&) noexcept = default;
Attachment &Attachment::operator=(Attachment &&) noexcept = default;
Attachment::~Attachment() = default;

bool Attachment::was_running() const noexcept {
    return eal_->instance().is_running;
}

} // namespace mgm
