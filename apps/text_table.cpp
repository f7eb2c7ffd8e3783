// SPDX-License-Identifier: BSD-3-Clause
#include "apps/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace apps {

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {
    for (const Column &column : columns_)
        widths_.push_back(column.head.size());
}

void TextTable::add(std::vector<std::string> cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        // A name from the configuration must not move the terminal's cursor.
        for (char &c : cells[i])
            if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
                c = '?';
        widths_[i] = std::max(widths_[i], cells[i].size());
    }
    rows_.push_back(std::move(cells));
}

std::string TextTable::render() {
    std::string out;
    if (!has_head_) {
        std::vector<std::string> head;
        for (const Column &column : columns_)
            head.emplace_back(column.head);
        append(out, head);
        has_head_ = true;
    }
    for (const std::vector<std::string> &row : rows_)
        append(out, row);
    rows_.clear();
    return out;
}

void TextTable::append(std::string &out, const std::vector<std::string> &cells) const {
    const std::size_t start = out.size();
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i != 0)
            out += "  ";
        if (columns_[i].align == Align::kRight)
            out += fmt::format("{:>{}}", cells[i], widths_[i]);
        else
            out += fmt::format("{:<{}}", cells[i], widths_[i]);
    }
    out.erase(std::max(out.find_last_not_of(' ') + 1, start)); // no blanks at the end of a line
    out += '\n';
}

} // namespace apps
