// SPDX-License-Identifier: BSD-3-Clause
// Looks at what a port is given to send, in a tx callback. The frames go on.
//
// Thread: the callback runs on whoever sends; the rest on main, while nobody sends.
#pragma once

#include <cstdint>

struct rte_mbuf;
struct rte_eth_rxtx_callback;

namespace bench {

class SinkTap {
public:
    explicit SinkTap(std::uint16_t port_id);
    virtual ~SinkTap();
    SinkTap(const SinkTap &) = delete;
    SinkTap &operator=(const SinkTap &) = delete;

    virtual void see(rte_mbuf **frames, std::uint16_t count) = 0;

private:
    static std::uint16_t on_burst(std::uint16_t port, std::uint16_t queue, rte_mbuf **frames,
                                  std::uint16_t count, void *self);

    std::uint16_t port_id_;
    const rte_eth_rxtx_callback *callback_;
};

} // namespace bench
