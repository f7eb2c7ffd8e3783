// SPDX-License-Identifier: BSD-3-Clause
// How deep the keys of a TOML text nest, before the parser makes tables of them.
#include "apps/config_draft.hpp"

#include <algorithm>

namespace apps {

namespace {

/// Walks over the text as TOML has it: what stands in quotes or in a comment is no key.
class KeyScanner {
public:
    explicit KeyScanner(std::string_view text) : rest_(text) {}

    /// The line of the first dot too many.
    std::optional<Position> find(std::uint16_t file) {
        unsigned dots = 0;
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == '"' || c == '\'') {
                skip_string(c);
                continue;
            }
            if (c == '#') {
                skip(std::min(rest_.find('\n'), rest_.size()));
                continue;
            }
            if (c == '.' && ++dots > kMostDots)
                return Position{line_, 0, file};
            if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos)
                dots = 0;
            skip(1);
        }
        return std::nullopt;
    }

private:
    void skip(std::size_t octets) {
        const std::string_view gone = rest_.substr(0, octets);
        line_ += static_cast<std::uint32_t>(std::count(gone.begin(), gone.end(), '\n'));
        rest_.remove_prefix(octets);
    }
    /// To behind the closing quotes, or to the end of what cannot be a string.
    void skip_string(char quote) {
        const std::string three(3, quote);
        const bool has_lines = rest_.starts_with(three);
        const std::string_view end =
            has_lines ? std::string_view(three) : std::string_view(three).substr(0, 1);
        std::size_t at = end.size();
        while (at < rest_.size() && !rest_.substr(at).starts_with(end) &&
               (has_lines || rest_[at] != '\n'))
            at += quote == '"' && rest_[at] == '\\' ? 2 : 1;
        skip(std::min(at + end.size(), rest_.size()));
        while (has_lines && !rest_.empty() && rest_.front() == quote)
            skip(1); // up to two quotes may stand before the closing three
    }

    std::string_view rest_;
    std::uint32_t line_ = 1;
};

} // namespace

std::optional<Position> too_deep_key(std::string_view text, std::uint16_t file) {
    return KeyScanner(text).find(file);
}

} // namespace apps
