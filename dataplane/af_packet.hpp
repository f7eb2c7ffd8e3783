// SPDX-License-Identifier: BSD-3-Clause
// Living with what net_af_packet asks of the kernel.
//
// The driver joins its sockets to a fanout group whose flags make the kernel reassemble IPv4
// fragments before it hands them over. A router passes fragments on as they are; reassembled, those
// of a large datagram no longer fit into a frame of the ring and are lost.
#pragma once

namespace dataplane {

/// While alive, fanout groups that the calling thread joins leave fragments alone. Not nested.
class KeepFragments {
public:
    KeepFragments();
    ~KeepFragments();
    KeepFragments(const KeepFragments &) = delete;
    KeepFragments &operator=(const KeepFragments &) = delete;
};

} // namespace dataplane
