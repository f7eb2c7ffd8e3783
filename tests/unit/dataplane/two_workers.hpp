// SPDX-License-Identifier: BSD-3-Clause
// A router with two workers, turned by hand one after the other: worker 0 receives and spreads.
#pragma once

#include "dataplane/spread.hpp"
#include "packet_case.hpp"

#include <rte_mbuf.h>

#include <memory>
#include <string>

namespace dataplane_test {

/// kArrival on port 3, if22 on port 0 and if37, tagged 100, on port 5; 239.255.0.0/16 and
/// ff1e::/16 go from kArrival to both, from any source.
inline std::unique_ptr<TestRouter> two_workers(std::uint16_t lane_frames = 63) {
    TestRouter::Options options;
    options.geometry.workers = 2;
    options.lane_frames = lane_frames;
    auto router = std::make_unique<TestRouter>(options);
    router->add(support::interface_spec(11, {"198.51.100.1/28", "2001:db8:1::1/64"}), 3);
    router->add(support::interface_spec(22), 0);
    router->add(support::interface_spec(37, {}, 100), 5);
    router->route("*", "239.255.0.0/16", support::action({11}, {22, 37}));
    router->route("*", "ff1e::/16", support::action({11}, {22, 37}));
    return router;
}

/// The worker of the frame's flow, as the router that has these tables sees it.
inline std::uint32_t worker_of(const TestRouter &router, const Octets &octets,
                               std::uint32_t receiver = 0) {
    const dataplane::FlowWorkers flows(router.tables().header().salt, 2);
    rte_mbuf *frame = support::received_frame(octets);
    const std::uint32_t worker = flows.worker_of(*frame, receiver);
    rte_pktmbuf_free(frame);
    return worker;
}

/// An IPv4 packet of the `k`th flow that is `worker`'s.
inline PacketBuilder flow_of(const TestRouter &router, std::uint32_t worker, unsigned k = 0) {
    for (unsigned low = 1;; ++low) {
        PacketBuilder packet = ipv4(kSource4, "239.255." + std::to_string(low / 250) + "." +
                                                  std::to_string(low % 250));
        if (worker_of(router, packet.build()) == worker && k-- == 0)
            return packet;
    }
}

} // namespace dataplane_test
