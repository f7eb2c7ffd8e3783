// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/af_packet.hpp"

#include <cerrno>
#include <cstring>

#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace dataplane {

namespace {

thread_local bool keep_fragments = false;
thread_local bool never_wait = false;

bool joins_fanout(int level, int name, socklen_t length) {
    return level == SOL_PACKET && name == PACKET_FANOUT && length == sizeof(int);
}

} // namespace

KeepFragments::KeepFragments() {
    keep_fragments = true;
}
KeepFragments::~KeepFragments() {
    keep_fragments = false;
}

NeverWait::NeverWait() noexcept {
    never_wait = true;
}
NeverWait::~NeverWait() {
    never_wait = false;
}

} // namespace dataplane

/// The driver offers no switch and a socket cannot leave its group, so its call goes through here:
/// the program's own definition wins over libc's (meson.build exports it). For everybody else it is
/// the plain system call.
extern "C" int setsockopt(int socket, int level, int name, const void *value,
                          socklen_t length) noexcept {
    int fanout = 0;
    if (dataplane::keep_fragments && dataplane::joins_fanout(level, name, length)) {
        std::memcpy(&fanout, value, sizeof fanout);
        fanout &=
            ~(PACKET_FANOUT_FLAG_DEFRAG << 16); // group in the lower half, type and flags above
        value = &fanout;
    }
    return static_cast<int>(syscall(SYS_setsockopt, socket, level, name, value, length));
}

/// The driver's wait is not to be turned off either, so this call goes through here as well. A
/// driver that is told of an error keeps the frames that it has not sent.
extern "C" int poll(pollfd *files, nfds_t count, int timeout) {
    const bool would_wait_for_ever = dataplane::never_wait && timeout < 0;
    const auto ready =
        static_cast<int>(syscall(SYS_poll, files, count, would_wait_for_ever ? 0 : timeout));
    if (ready != 0 || !would_wait_for_ever)
        return ready;
    errno = EAGAIN;
    return -1;
}
