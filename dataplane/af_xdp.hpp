// SPDX-License-Identifier: BSD-3-Clause
// Living with what net_af_xdp does to its mbuf pool.
//
// The driver puts 2,048 mbufs into the kernel's fill ring and forgets them when it is closed, and
// as many each time that it cannot open its queue: a device that comes and goes, or one that
// another program uses, would drain a shared pool. So each such port has a pool of its own. At the
// close the mbufs in the rings are freed (memory of ours, laid out by linux/if_xdp.h); then the
// pool goes as well, as soon as no other port holds a frame that was received here.
#pragma once

#include "dataplane/mbuf_pool.hpp"

#include <compare>
#include <string>
#include <vector>

struct rte_mbuf;
struct rte_mempool;

namespace dataplane {

/// A file of the kernel's XDP or BPF that this process has open; what /proc calls it tells it from
/// a later one under the same descriptor.
struct XdpFile {
    int descriptor = -1;
    std::string name; ///< "socket:[4711]", "anon_inode:bpf-map"
    friend auto operator<=>(const XdpFile &, const XdpFile &) = default;
};

/// Those that are open now, rising.
std::vector<XdpFile> xdp_files();

/// The mbufs of `pool` that the rings of the sockets among `files` hold: to be filled, received and
/// not read, sent. The port is stopped and nobody polls it. Each once.
std::vector<rte_mbuf *> lent_mbufs(const std::vector<XdpFile> &files, const rte_mempool *pool);

/// A pool for one port, with room for the frames of `model` as far as a umem chunk (one page) goes.
mgm::Result<MbufPool> make_af_xdp_pool(const rte_mempool &model);

/// Frees the pool now, or at a later call of this or make_af_xdp_pool(), when all of it is back.
void retire_af_xdp_pool(MbufPool pool);

/// After the port was closed: the driver leaves files of its own open, among them the socket that
/// keeps everybody from opening the device's queue again.
void close_leftovers(const std::vector<XdpFile> &files);

} // namespace dataplane
