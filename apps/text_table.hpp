// SPDX-License-Identifier: BSD-3-Clause
// Aligned columns for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

/// Columns as wide as their widest cell: `render` may be called again and again, columns never get
/// narrower and the head comes once.
class TextTable {
public:
    enum class Align : std::uint8_t { kLeft, kRight };
    struct Column {
        std::string_view head;
        Align align = Align::kLeft;
    };

    explicit TextTable(std::vector<Column> columns);
    /// As many cells as there are columns. Control characters are replaced.
    void add(std::vector<std::string> cells);
    [[nodiscard]] bool is_empty() const noexcept { return rows_.empty(); }
    /// The rows added since the last call.
    std::string render();

private:
    void append(std::string &out, const std::vector<std::string> &cells) const;

    std::vector<Column> columns_;
    std::vector<std::size_t> widths_;
    std::vector<std::vector<std::string>> rows_;
    bool has_head_ = false;
};

} // namespace apps
