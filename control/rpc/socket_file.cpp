// SPDX-License-Identifier: BSD-3-Clause
#include "control/rpc/socket_file.hpp"

#include "control/descriptor.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace control::rpc {

namespace {

mgm::Result<bool> answers(const std::string &path) {
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!probe)
        return mgm::fail(mgm::Errc::kInternal, "socket {}: {}", path,
                         std::generic_category().message(errno));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(probe.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return true;
    // A listener whose queue is full is alive, too.
    return errno == EAGAIN || errno == EINPROGRESS;
}

} // namespace

std::string default_socket_path(std::string_view instance) {
    return fmt::format("/run/mgm/{}.sock", instance);
}

mgm::Result<SocketFile> SocketFile::claim(const std::string &path) {
    if (path.size() >= sizeof(sockaddr_un::sun_path))
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "socket {}: {} octets are too long for a unix socket, the most is {}",
                         path, path.size(), sizeof(sockaddr_un::sun_path) - 1);
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!folder.empty() && !std::filesystem::create_directories(folder, error) && error)
        return mgm::fail(mgm::Errc::kInvalidArgument, "socket {}: cannot make folder {}: {}", path,
                         folder.string(), error.message());
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0)
        return SocketFile(path);
    if (!S_ISSOCK(status.st_mode))
        return mgm::fail(mgm::Errc::kExists,
                         "socket {}: is there already and no socket; remove it or set another path",
                         path);
    const mgm::Result<bool> is_live = answers(path);
    if (!is_live)
        return tl::unexpected<mgm::Error>(is_live.error());
    if (*is_live)
        return mgm::fail(mgm::Errc::kExists,
                         "socket {}: another mgmd answers there; stop it or set another name",
                         path);
    if (::unlink(path.c_str()) != 0)
        return mgm::fail(mgm::Errc::kExists,
                         "socket {}: of a dead predecessor, cannot be removed: {}", path,
                         std::generic_category().message(errno));
    return SocketFile(path);
}

SocketFile::SocketFile(SocketFile &&other) noexcept
    : path_(std::move(other.path_)),
      device_(other.device_),
      inode_(std::exchange(other.inode_, 0)) {}

SocketFile &SocketFile::operator=(SocketFile &&other) noexcept {
    std::swap(path_, other.path_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    return *this;
}

void SocketFile::adopt() noexcept {
    struct stat status {};
    if (::lstat(path_.c_str(), &status) != 0)
        return;
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

SocketFile::~SocketFile() {
    struct stat status {};
    if (inode_ != 0 && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
        status.st_ino == inode_)
        ::unlink(path_.c_str());
}

} // namespace control::rpc
