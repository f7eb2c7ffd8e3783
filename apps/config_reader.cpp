// SPDX-License-Identifier: BSD-3-Clause
#include "apps/config_reader.hpp"

#include <algorithm>
#include <numeric>

namespace apps {

namespace {

/// Edit distance (Levenshtein), one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

/// Keys of other tables that are easily put in the wrong place.
std::string_view place_of(std::string_view key) {
    if (key == "routes_file")
        return "; it belongs at the top of the file, before the first [table]";
    return "";
}

} // namespace

Position position_of(const toml::source_region &region, std::uint16_t file) {
    constexpr auto kMostColumns = std::numeric_limits<std::uint16_t>::max();
    return {static_cast<std::uint32_t>(region.begin.line),
            static_cast<std::uint16_t>(
                std::min<std::uint64_t>(region.begin.column, std::uint64_t{kMostColumns})),
            file};
}

std::string_view type_name(const toml::node &node) {
    switch (node.type()) {
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "an array";
    case toml::node_type::string:
        return "a string";
    case toml::node_type::integer:
        return "an integer";
    case toml::node_type::floating_point:
        return "a floating-point number";
    case toml::node_type::boolean:
        return "a boolean";
    default:
        return "a date or time";
    }
}

std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view> &candidates) {
    constexpr std::size_t kLongestWord = 40; // longer ones are no typing mistakes
    if (word.size() > kLongestWord)
        return std::nullopt;
    std::optional<std::string_view> best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t steps = distance(word, candidate);
        if (steps < best_distance) {
            best = candidate;
            best_distance = steps;
        }
    }
    return best;
}

TableReader::TableReader(const toml::table &table, std::string title, std::uint16_t file,
                         Mistakes &mistakes)
    : table_(table), title_(std::move(title)), file_(file), mistakes_(mistakes) {}

const toml::node *TableReader::node(std::string_view key) {
    known_.push_back(key);
    return table_.get(key);
}

void TableReader::wrong_type(std::string_view key, const toml::node &node,
                             std::string_view wanted) {
    mistakes_.add(at(node), "{}: {} must be {}, not {}", title_, key, wanted, type_name(node));
}

std::optional<std::string> TableReader::text(std::string_view key) {
    const toml::node *found = node(key);
    if (found == nullptr)
        return std::nullopt;
    if (const auto *value = found->as_string())
        return value->get();
    wrong_type(key, *found, "a string");
    return std::nullopt;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
    const toml::node *found = node(key);
    if (found == nullptr)
        return std::nullopt;
    if (const auto *value = found->as_boolean())
        return value->get();
    wrong_type(key, *found, "true or false");
    return std::nullopt;
}

std::optional<std::int64_t> TableReader::checked_integer(std::string_view key, IntegerRange range) {
    const toml::node *found = node(key);
    if (found == nullptr)
        return std::nullopt;
    const auto *value = found->as_integer();
    if (value == nullptr) {
        wrong_type(key, *found, "an integer");
        return std::nullopt;
    }
    if (value->get() < range.min || value->get() > range.max) {
        mistakes_.add(at(*found), "{}: {} = {} is outside {}..{}", title_, key, value->get(),
                      range.min, range.max);
        return std::nullopt;
    }
    return value->get();
}

const toml::array *TableReader::array(std::string_view key) {
    const toml::node *found = node(key);
    if (found == nullptr)
        return nullptr;
    if (!found->is_array())
        wrong_type(key, *found, "an array");
    return found->as_array();
}

std::vector<TableReader::Element> TableReader::texts(std::string_view key) {
    std::vector<Element> elements;
    const toml::array *list = array(key);
    if (list == nullptr)
        return elements;
    for (const toml::node &element : *list) {
        if (const auto *value = element.as_string())
            elements.push_back({value->get(), at(element)});
        else
            mistakes_.add(at(element), "{}: {} holds strings, this is {}", title_, key,
                          type_name(element));
    }
    return elements;
}

std::vector<const toml::table *> TableReader::tables(std::string_view key) {
    std::vector<const toml::table *> found;
    const toml::node *here = node(key);
    if (here == nullptr)
        return found;
    if (here->is_table()) {
        mistakes_.add(at(*here), "{} is a list: write [[{}]], not [{}]", key, key, key);
        return found;
    }
    if (!here->is_array()) {
        mistakes_.add(at(*here), "{} must be a list of tables [[{}]], not {}", key, key,
                      type_name(*here));
        return found;
    }
    for (const toml::node &element : *here->as_array()) {
        if (element.is_table())
            found.push_back(element.as_table());
        else
            mistakes_.add(at(element), "[[{}]] holds tables, this is {}", key, type_name(element));
    }
    return found;
}

const toml::table *TableReader::table(std::string_view key) {
    const toml::node *found = node(key);
    if (found == nullptr || found->is_table())
        return found == nullptr ? nullptr : found->as_table();
    mistakes_.add(at(*found), "{} must be one table [{}], not {}", key, key,
                  found->is_array() ? "a list" : type_name(*found));
    return nullptr;
}

void TableReader::require(std::string_view key) {
    if (!has(key))
        mistakes_.add(at(), "{}: {} is missing", title_, key);
}

Position TableReader::at(std::string_view key) const {
    const toml::node *found = table_.get(key);
    return found == nullptr ? at() : at(*found);
}

void TableReader::finish() {
    for (const auto &[key, value] : table_) {
        const std::string_view name = key.str();
        if (std::find(known_.begin(), known_.end(), name) != known_.end())
            continue;
        const std::optional<std::string_view> meant = nearest(name, known_);
        mistakes_.add(position_of(key.source(), file_), "{}: unknown key {}{}{}", title_, name,
                      meant ? fmt::format("; did you mean {}?", *meant) : "", place_of(name));
    }
}

} // namespace apps
