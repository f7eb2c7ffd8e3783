// SPDX-License-Identifier: BSD-3-Clause
// routes_file: one route a line, `source group iif[,iif…] oif[,oif…]`; "*" is any source, "#"
// begins a comment. A million lines are usual, so lines are read as views into the file and nothing
// is copied but the route.
#include "apps/config_draft.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace apps {

namespace {

constexpr std::string_view kBlanks = " \t\r";

/// The next word of `line`, cut off it; empty at the end.
std::string_view take_word(std::string_view &line) {
    const std::size_t start = line.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) {
        line = {};
        return {};
    }
    const std::size_t end = line.find_first_of(kBlanks, start);
    const std::string_view word = line.substr(start, end - start);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end);
    return word;
}

/// Calls `use` for each part of "p1,p2".
template <class Use>
void for_each_name(std::string_view list, Use use) {
    while (true) {
        const std::size_t comma = list.find(',');
        use(list.substr(0, comma));
        if (comma == std::string_view::npos)
            return;
        list.remove_prefix(comma + 1);
    }
}

class RoutesFile {
public:
    RoutesFile(Draft &draft, std::uint16_t file) : draft_(draft), file_(file) {}

    void read(std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            std::string_view line = text.substr(0, end);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
            ++line_;
            read_line(line.substr(0, line.find('#')));
        }
    }

private:
    [[nodiscard]] Position at() const { return {line_, 0, file_}; }

    void read_line(std::string_view line) {
        const std::string_view source = take_word(line);
        if (source.empty())
            return; // blank, or only a comment
        const std::string_view group = take_word(line);
        const std::string_view iifs = take_word(line);
        const std::string_view oifs = take_word(line);
        if (oifs.empty() || !take_word(line).empty()) {
            draft_.mistakes.add(at(),
                                "a route is `source group iif[,iif…] oif[,oif…]`, four words");
            return;
        }
        ParsedRoute route;
        if (read_key(source, group, route) && read_interfaces(iifs, oifs, route))
            add_route(std::move(route), "route", at(), draft_);
    }

    bool read_key(std::string_view source, std::string_view group, ParsedRoute &route) {
        std::optional<std::string> mistake;
        if (source != "*")
            mistake = parse_source(source, route.spec.key);
        if (!mistake)
            mistake = parse_group(group, route.spec.key);
        if (mistake)
            draft_.mistakes.add(at(), "{}", *mistake);
        route.has_group = !mistake;
        return route.has_group;
    }

    bool read_interfaces(std::string_view iifs, std::string_view oifs, ParsedRoute &route) {
        bool all_known = true;
        const auto with_index = [&](std::string_view name, auto use) {
            if (const mgm::InterfaceSpec *found = draft_.find_interface(name)) {
                use(found->index);
                return;
            }
            all_known = false;
            draft_.mistakes.add(at(), "there is no interface \"{}\"{}", name,
                                draft_.suggest_interface(name));
        };
        for_each_name(iifs, [&](std::string_view name) {
            with_index(name, [&](mgm::IfIndex index) { route.spec.action.iifs.push_back(index); });
        });
        for_each_name(oifs, [&](std::string_view name) {
            with_index(name, [&](mgm::IfIndex index) {
                route.spec.action.oifs.push_back({index, 0, std::nullopt});
            });
        });
        return all_known;
    }

    Draft &draft_;
    std::uint16_t file_;
    std::uint32_t line_ = 0;
};

void read_file(const std::string &path, Position named_at, Draft &draft) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        draft.mistakes.add(named_at, "routes_file {} is a directory", path);
        return;
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        draft.mistakes.add(named_at, "routes_file {} cannot be read: {}", path,
                           std::strerror(errno));
        return;
    }
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    RoutesFile(draft, draft.mistakes.add_file(path)).read(text);
}

} // namespace

void read_routes_files(TableReader &root, Draft &draft) {
    const toml::node *node = root.node("routes_file");
    if (node == nullptr)
        return;
    const auto *name = node->as_string();
    if (name == nullptr || name->get().empty() || name->get().find('\0') != std::string::npos) {
        draft.mistakes.add(root.at(*node), "routes_file must be the path of a file");
        return;
    }
    const std::filesystem::path folder = std::filesystem::path(draft.config.file).parent_path();
    const std::string path =
        std::filesystem::absolute(folder / name->get()).lexically_normal().string();
    draft.config.routes_files.push_back(path);
    read_file(path, root.at(*node), draft);
}

} // namespace apps
