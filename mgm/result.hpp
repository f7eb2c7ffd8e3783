// SPDX-License-Identifier: BSD-3-Clause
// The one error vocabulary. `code` is for programs and tests, `what` is one line for people: what
// was tried, on what, why it failed, what to do. An error is logged or returned, never both.
#pragma once

#include <fmt/format.h>
#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace mgm {

enum class Errc : std::uint8_t {
    kInvalidArgument, ///< a value that can never be right
    kNotFound,        ///< names something that does not exist
    kExists,          ///< is there already
    kTableFull,       ///< a capacity from the configuration is used up
    kNoMemory,        ///< hugepages, pools, files
    kUnavailable,     ///< not now: port not there, daemon not running
    kVersionMismatch, ///< shared memory or protocol of another version
    kNeedsRestart,    ///< a reload asked for what only a restart can change
    kInternal,        ///< a library failed in a way that we have no better word for
};

struct Error {
    Errc code = Errc::kInternal;
    std::string what;
};

template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(Errc::kNotFound, "interface {} …", index);`
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format,
                                         Args &&...args) {
    return tl::unexpected<Error>(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

} // namespace mgm
