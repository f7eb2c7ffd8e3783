// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/af_xdp.hpp"

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <charconv>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <linux/if_xdp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dataplane {

namespace {

/// A ring as the driver mapped it.
struct Mapping {
    std::byte *first = nullptr;
    std::size_t octets = 0;
};

/// The driver's mapping of `socket` at `page_offset`, which says which ring it is.
Mapping find_mapping(int socket, std::uint64_t page_offset) {
    struct stat file {};
    if (fstat(socket, &file) != 0)
        return {};
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::uint64_t first = 0, last = 0, offset = 0, inode = 0;
        // address range, rights, offset, device, inode
        if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %" SCNu64,
                        &first, &last, &offset, &inode) != 4)
            continue;
        if (inode == file.st_ino && offset == page_offset)
            // NOLINTNEXTLINE(performance-no-int-to-ptr): an address that the kernel printed
            return {.first = reinterpret_cast<std::byte *>(first), .octets = last - first};
    }
    return {};
}

/// One of a socket's four rings of `Entry`, read only.
template <class Entry>
class Ring {
public:
    Ring(int socket, std::uint64_t page_offset, const xdp_ring_offset &layout) {
        const Mapping mapping = find_mapping(socket, page_offset);
        if (mapping.octets <= layout.desc)
            return;
        producer_ = reinterpret_cast<const std::uint32_t *>(mapping.first + layout.producer);
        consumer_ = reinterpret_cast<const std::uint32_t *>(mapping.first + layout.consumer);
        entries_ = reinterpret_cast<const Entry *>(mapping.first + layout.desc);
        // a power of two; the mapping is rounded up to whole pages
        size_ = static_cast<std::uint32_t>(
            std::bit_floor((mapping.octets - layout.desc) / sizeof(Entry)));
    }
    /// Entries ever put in.
    [[nodiscard]] std::uint32_t produced() const { return size_ == 0 ? 0 : load(*producer_); }

    template <class Visit>
    void for_each(Visit visit) const {
        if (size_ == 0)
            return;
        const std::uint32_t end = load(*producer_);
        for (std::uint32_t at = load(*consumer_); at != end; ++at)
            visit(entries_[at & (size_ - 1)]);
    }

private:
    /// acquire: pairs with the kernel's release store; the entries before the index are visible.
    static std::uint32_t load(const std::uint32_t &index) {
        return __atomic_load_n(&index, __ATOMIC_ACQUIRE);
    }
    const std::uint32_t *producer_ = nullptr;
    const std::uint32_t *consumer_ = nullptr;
    const Entry *entries_ = nullptr;
    std::uint32_t size_ = 0;
};

bool is_xdp_socket(int descriptor) {
    int domain = 0;
    socklen_t length = sizeof domain;
    return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_XDP;
}

bool is_bpf(const std::string &name) {
    return name == "anon_inode:bpf-map" || name == "anon_inode:bpf-prog";
}

std::string name_of(int descriptor) {
    std::error_code error;
    return std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", descriptor), error);
}

std::uint64_t address_of(std::uint64_t entry) {
    return entry & XSK_UNALIGNED_BUF_ADDR_MASK;
}

/// The mbuf behind an address of the umem, which begins with the page that the pool begins in.
class Umem {
public:
    explicit Umem(const rte_mempool *pool) : pool_(pool) {
        auto *first = static_cast<std::byte *>(STAILQ_FIRST(&pool->mem_list)->addr);
        const auto page = static_cast<std::uintptr_t>(getpagesize());
        base_ = first - reinterpret_cast<std::uintptr_t>(first) % page;
    }
    /// nullptr when there is no mbuf of the pool.
    [[nodiscard]] rte_mbuf *at(std::uint64_t address) const {
        auto *mbuf = reinterpret_cast<rte_mbuf *>(base_ + address + pool_->header_size);
        const rte_mempool_memhdr *memory = STAILQ_FIRST(&pool_->mem_list);
        if (reinterpret_cast<std::uintptr_t>(mbuf) + sizeof(rte_mbuf) >
            reinterpret_cast<std::uintptr_t>(memory->addr) + memory->len)
            return nullptr;
        return mbuf->pool == pool_ ? mbuf : nullptr;
    }

private:
    const rte_mempool *pool_;
    std::byte *base_ = nullptr;
};

/// What was sent comes back when the kernel is done with it: soon, if the device still exists.
void wait_until_sent(const Ring<xdp_desc> &tx, const Ring<std::uint64_t> &completed) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    while (completed.produced() != tx.produced() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void collect(int socket, const Umem &umem, std::set<rte_mbuf *> &lent) {
    xdp_mmap_offsets layout{};
    socklen_t length = sizeof layout;
    if (getsockopt(socket, SOL_XDP, XDP_MMAP_OFFSETS, &layout, &length) != 0)
        return;
    const auto add = [&](std::uint64_t entry) {
        if (rte_mbuf *mbuf = umem.at(address_of(entry)); mbuf != nullptr)
            lent.insert(mbuf);
    };
    const Ring<std::uint64_t> fill(socket, XDP_UMEM_PGOFF_FILL_RING, layout.fr);
    const Ring<std::uint64_t> completed(socket, XDP_UMEM_PGOFF_COMPLETION_RING, layout.cr);
    const Ring<xdp_desc> received(socket, XDP_PGOFF_RX_RING, layout.rx);
    const Ring<xdp_desc> sending(socket, XDP_PGOFF_TX_RING, layout.tx);
    wait_until_sent(sending, completed);
    // In this order: a frame that arrives meanwhile moves from `fill` to `received`, not back.
    fill.for_each(add);
    received.for_each([&](const xdp_desc &entry) { add(entry.addr); });
    sending.for_each([&](const xdp_desc &entry) { add(entry.addr); });
    completed.for_each(add);
}

constexpr std::uint32_t kMbufs = 8192;    ///< what the driver's rings hold at most, and some
constexpr std::uint16_t kMostRoom = 3584; ///< of a umem chunk, which is a page

/// Not freed at the program's end: EAL has taken their memory away by then.
std::mutex retired_mutex;
std::vector<rte_mempool *> retired;

void free_retired_pools() {
    const std::lock_guard lock(retired_mutex);
    std::erase_if(retired, [](rte_mempool *pool) {
        if (rte_mempool_in_use_count(pool) != 0)
            return false;
        rte_mempool_free(pool);
        return true;
    });
}

} // namespace

std::vector<XdpFile> xdp_files() {
    std::vector<XdpFile> files;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        const std::string number = entry.path().filename();
        XdpFile file;
        std::from_chars(number.data(), number.data() + number.size(), file.descriptor);
        file.name = name_of(file.descriptor);
        if (is_bpf(file.name) || is_xdp_socket(file.descriptor))
            files.push_back(std::move(file));
    }
    std::ranges::sort(files);
    return files;
}

std::vector<rte_mbuf *> lent_mbufs(const std::vector<XdpFile> &files, const rte_mempool *pool) {
    const Umem umem(pool);
    std::set<rte_mbuf *> lent;
    for (const XdpFile &file : files)
        collect(file.descriptor, umem, lent); // nothing when it is no XDP socket
    return {lent.begin(), lent.end()};
}

mgm::Result<MbufPool> make_af_xdp_pool(const rte_mempool &model) {
    free_retired_pools();
    static std::atomic<unsigned> made{0}; // two pools never have the same name
    // The accessor takes no const pool, but only reads.
    const std::uint16_t room = rte_pktmbuf_data_room_size(const_cast<rte_mempool *>(&model));
    return MbufPool::create(fmt::format("af_xdp_{}", made.fetch_add(1)), kMbufs,
                            std::min<std::uint16_t>(room - RTE_PKTMBUF_HEADROOM, kMostRoom),
                            SOCKET_ID_ANY);
}

void retire_af_xdp_pool(MbufPool pool) {
    {
        const std::lock_guard lock(retired_mutex);
        retired.push_back(pool.release());
    }
    free_retired_pools();
}

void close_leftovers(const std::vector<XdpFile> &files) {
    for (const XdpFile &file : files)
        if (name_of(file.descriptor) == file.name)
            close(file.descriptor);
}

} // namespace dataplane

/// For sanitizer builds, which ask for it: the record that libxdp keeps of a umem, 80 octets, is
/// never freed, because the driver's close does not reach it. Nothing else calls this.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): LeakSanitizer's name
extern "C" const char *__lsan_default_suppressions();
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): LeakSanitizer's name
extern "C" const char *__lsan_default_suppressions() {
    return "leak:xsk_umem__create\n";
}
