// SPDX-License-Identifier: BSD-3-Clause
// Standard output, with what became of it.
#pragma once

#include "mgm/result.hpp"

#include <cstdio>
#include <string_view>

namespace apps {

/// Where the text goes. Remembers that it could not be written.
class Output {
public:
    explicit Output(std::FILE *file) noexcept : file_(file) {}
    /// False: nobody reads any more, or the disk is full. `text` may be any length.
    bool write(std::string_view text);
    bool flush();
    /// A pipe whose reader went (`| head`) is no error; all else is.
    [[nodiscard]] mgm::Result<void> result() const;
    [[nodiscard]] bool is_terminal() const;

private:
    std::FILE *file_;
    int error_ = 0; ///< errno of the first failure
};

} // namespace apps
