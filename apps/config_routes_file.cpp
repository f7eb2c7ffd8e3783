// SPDX-License-Identifier: BSD-3-Clause
// Routes files: one route a line, `source group iif[,iif…] oif[,oif…]`. Source "*" is any, iif "-"
// leaves it to the multicast RIB, oif "-" is none, "#" starts a comment. Read line by line, so that
// a million lines need no second copy.
#include "apps/config_route.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

namespace apps {

namespace {

constexpr std::size_t kLongestLine = 1U << 20;
constexpr std::size_t kFields = 4;
constexpr std::string_view kBlanks = " \t\r";

/// Cuts the next field off `rest`; empty at the end of the line.
std::string_view next_field(std::string_view &rest, std::string_view separators) {
    rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
    const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
    const std::string_view field = rest.substr(0, end);
    rest.remove_prefix(end);
    return field;
}

template <class Take>
void each_name(std::string_view list, Take take) {
    std::size_t begin = 0;
    while (begin <= list.size()) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        take(list.substr(begin, end - begin));
        begin = end + 1;
    }
}

void read_line(std::string_view line, Position at, RouteBuilder &builder, Mistakes &mistakes) {
    line = line.substr(0, line.find('#'));
    std::array<std::string_view, kFields> fields;
    for (std::string_view &field : fields)
        field = next_field(line, kBlanks);
    if (fields[0].empty())
        return;
    const auto column = [&](std::string_view field) {
        Position there = at;
        const std::ptrdiff_t offset = field.data() - fields[0].data() + 1;
        there.column = static_cast<std::uint16_t>(std::min<std::ptrdiff_t>(offset, 0xffff));
        return there;
    };
    if (fields[kFields - 1].empty())
        return mistakes.add(at, "wanted \"source group iif[,iif] oif[,oif]\", the line has fewer "
                                "than 4 fields");
    if (const std::string_view more = next_field(line, kBlanks); !more.empty())
        return mistakes.add(at,
                            "wanted \"source group iif[,iif] oif[,oif]\", but there is more: "
                            "\"{}\"; separate names by commas without blanks",
                            more.substr(0, 40));
    builder.begin(at);
    if (fields[0] != "*")
        builder.source(fields[0], column(fields[0]));
    builder.group(fields[1], column(fields[1]));
    if (fields[2] != "-")
        each_name(fields[2], [&](std::string_view name) { builder.iif(name, column(name)); });
    if (fields[3] != "-")
        each_name(fields[3],
                  [&](std::string_view name) { builder.oif(name, 0, "", column(name)); });
    builder.finish();
}

void read_lines(std::istream &in, std::uint16_t file, Draft &draft) {
    RouteBuilder builder(draft);
    const auto line = std::make_unique<std::array<char, kLongestLine>>();
    Position at{0, 0, file};
    while (in.getline(line->data(), kLongestLine)) {
        ++at.line;
        const auto octets = static_cast<std::size_t>(in.gcount());
        const std::size_t length = octets - (in.eof() ? 0 : 1); // gcount counts the newline
        read_line({line->data(), length}, at, builder, draft.mistakes);
    }
    if (in.bad())
        draft.mistakes.add({0, 0, file}, "could not be read to its end: {}",
                           std::generic_category().message(errno));
    else if (!in.eof())
        draft.mistakes.add({at.line + 1, 0, file}, "the line is longer than {} characters",
                           kLongestLine - 1);
}

void read_routes_file(const TableReader::Element &named, Draft &draft) {
    namespace fs = std::filesystem;
    if (named.text.find('\0') != std::string::npos)
        return draft.mistakes.add(named.at, "routes_file {}: holds a NUL character", named.text);
    const fs::path path = fs::path(draft.config.file).parent_path() / named.text;
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
        draft.mistakes.add(named.at, "routes_file {}: {}", path.string(),
                           error                     ? error.message()
                           : fs::exists(path, error) ? "is not a regular file"
                                                     : "no such file");
        return;
    }
    std::ifstream in(path);
    if (!in) {
        draft.mistakes.add(named.at, "routes_file {}: {}", path.string(),
                           std::generic_category().message(errno));
        return;
    }
    draft.config.routes_files.push_back(fs::absolute(path, error).lexically_normal().string());
    read_lines(in, draft.mistakes.add_file(path.string()), draft);
}

} // namespace

void read_routes_files(TableReader &root, Draft &draft) {
    const toml::node *node = root.node("routes_file");
    if (node == nullptr)
        return;
    std::vector<TableReader::Element> files;
    if (node->is_array())
        files = root.texts("routes_file");
    else if (const auto name = root.text("routes_file"))
        files.push_back({*name, root.at(*node)});
    for (const TableReader::Element &file : files)
        read_routes_file(file, draft);
}

} // namespace apps
