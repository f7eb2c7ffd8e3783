// SPDX-License-Identifier: BSD-3-Clause
// Typed access to the keys of one TOML table. It remembers which keys were asked for, so that
// finish() can name those that nobody knows.
#pragma once

#include "apps/config_mistakes.hpp"

#include <toml++/toml.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

/// Both ends included.
struct IntegerRange {
    std::int64_t min;
    std::int64_t max;
};

/// Where a node or key of the TOML document stands.
Position position_of(const toml::source_region &region, std::uint16_t file);

/// "an integer", "a string" …
std::string_view type_name(const toml::node &node);

/// The candidate that a typing mistake could have meant, if one is near enough.
std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view> &candidates);

class TableReader {
public:
    /// `title` starts every message: "[mgmd]", "interface p1". The table outlives the reader.
    TableReader(const toml::table &table, std::string title, std::uint16_t file,
                Mistakes &mistakes);

    /// All but has() and node() report a wrong type or range and then return nothing.
    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
    [[nodiscard]] const toml::node *node(std::string_view key);
    [[nodiscard]] std::optional<std::string> text(std::string_view key);
    [[nodiscard]] std::optional<bool> boolean(std::string_view key);
    template <class T>
    [[nodiscard]] std::optional<T> integer(std::string_view key, IntegerRange range) {
        const std::optional<std::int64_t> value = checked_integer(key, range);
        return value ? std::optional<T>(static_cast<T>(*value)) : std::nullopt;
    }
    [[nodiscard]] const toml::array *array(std::string_view key);
    /// The strings of an array; elements of another type are reported and left out.
    struct Element {
        std::string text;
        Position at;
    };
    [[nodiscard]] std::vector<Element> texts(std::string_view key);
    /// The tables of `[[key]]`.
    [[nodiscard]] std::vector<const toml::table *> tables(std::string_view key);
    /// `[key]`, or nothing.
    [[nodiscard]] const toml::table *table(std::string_view key);

    /// Reports that a key is needed, unless it is there (perhaps with a wrong type: then that was
    /// said already).
    void require(std::string_view key);
    /// Reports keys that were never asked for.
    void finish();

    void set_title(std::string title) { title_ = std::move(title); }
    [[nodiscard]] const std::string &title() const noexcept { return title_; }
    [[nodiscard]] Position at() const { return position_of(table_.source(), file_); }
    /// Of the key's value, or of the table when it is absent.
    [[nodiscard]] Position at(std::string_view key) const;
    [[nodiscard]] Position at(const toml::node &node) const {
        return position_of(node.source(), file_);
    }
    [[nodiscard]] std::uint16_t file() const noexcept { return file_; }

private:
    [[nodiscard]] std::optional<std::int64_t> checked_integer(std::string_view key,
                                                              IntegerRange range);
    void wrong_type(std::string_view key, const toml::node &node, std::string_view wanted);

    const toml::table &table_;
    std::string title_;
    std::uint16_t file_;
    Mistakes &mistakes_;
    std::vector<std::string_view> known_;
};

} // namespace apps
