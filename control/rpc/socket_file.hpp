// SPDX-License-Identifier: BSD-3-Clause
// The unix socket's file: where it is, whether somebody answers there, and that it goes with us.
#pragma once

#include "mgm/result.hpp"

#include <string>
#include <string_view>

#include <sys/types.h>

namespace control::rpc {

/// "/run/mgm/NAME.sock", unless the configuration says another.
std::string default_socket_path(std::string_view instance);

/// The claim on a path: nobody answers there, and what a dead predecessor left is gone.
class SocketFile {
public:
    /// Makes the folder where it is missing. kExists: a live process listens there, or the path is
    /// something else than a socket. kInvalidArgument: the path is too long for a socket.
    static mgm::Result<SocketFile> claim(const std::string &path);

    SocketFile(SocketFile &&other) noexcept;
    SocketFile &operator=(SocketFile &&other) noexcept;
    ~SocketFile(); ///< removes the file, if it is still the one that adopt() saw

    /// The file is there now, and it is ours.
    void adopt() noexcept;
    [[nodiscard]] const std::string &path() const noexcept { return path_; }

private:
    explicit SocketFile(std::string path) : path_(std::move(path)) {}

    std::string path_;
    dev_t device_ = 0;
    ino_t inode_ = 0; ///< 0: none of ours
};

} // namespace control::rpc
