// SPDX-License-Identifier: BSD-3-Clause
// Living with what net_af_packet asks of the kernel.
//
// The driver joins its sockets to a fanout group whose flags make the kernel reassemble IPv4
// fragments before it hands them over. A router passes fragments on as they are; reassembled, those
// of a large datagram no longer fit into a frame of the ring and are lost.
//
// When its tx ring is full, the driver waits in poll() until the device takes a frame, for ever if
// it never does. A worker has other ports to serve: there the call says at once that there is no
// room, and the driver returns what it could not send.
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

/// While alive, a poll() of the calling thread that would wait without end fails with EAGAIN where
/// it would begin to wait. Not nested.
class NeverWait {
public:
    NeverWait() noexcept;
    ~NeverWait();
    NeverWait(const NeverWait &) = delete;
    NeverWait &operator=(const NeverWait &) = delete;
};

} // namespace dataplane
