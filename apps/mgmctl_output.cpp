// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmctl_output.hpp"

#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace apps {

bool Output::write(std::string_view text) {
    if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), file_) != text.size())
        error_ = errno;
    return error_ == 0;
}

bool Output::flush() {
    if (error_ == 0 && std::fflush(file_) != 0)
        error_ = errno;
    return error_ == 0;
}

mgm::Result<void> Output::result() const {
    if (error_ == 0 || error_ == EPIPE)
        return {};
    return mgm::fail(mgm::Errc::kInternal, "standard output: {}",
                     std::generic_category().message(error_));
}

bool Output::is_terminal() const {
    return ::isatty(::fileno(file_)) != 0;
}

} // namespace apps
