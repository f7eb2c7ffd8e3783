// SPDX-License-Identifier: BSD-3-Clause
// File -> TOML -> draft -> Config: the order of the steps.
#include "apps/config_draft.hpp"
#include "apps/config_manager.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace apps {

namespace {

constexpr std::size_t kLargestFile = 64U << 20;

void read_document(const toml::table &document, Draft &draft) {
    TableReader root(document, "the file", draft.file, draft.mistakes);
    read_settings(root, draft);
    read_manager(root, draft);
    read_interfaces(root, draft);
    read_neighbors(root, draft);
    read_routes(root, draft);
    read_routes_files(root, draft);
    read_groups(root, draft);
    root.finish();
    check_interfaces(draft);
    check_routes(draft);
    check_capacity(draft);
}

mgm::Result<std::string> read_file(const std::string &path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        return mgm::fail(mgm::Errc::kNotFound, "{}: is a directory, not a configuration file",
                         path);
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return mgm::fail(mgm::Errc::kNotFound, "{}: cannot be opened: {}", path,
                         std::generic_category().message(errno));
    std::string text;
    std::array<char, 65536> part{};
    while (in.read(part.data(), part.size()), in.gcount() > 0) {
        text.append(part.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > kLargestFile)
            return mgm::fail(mgm::Errc::kInvalidArgument,
                             "{}: is larger than {} MiB; put routes into a routes_file", path,
                             kLargestFile >> 20);
    }
    if (in.bad())
        return mgm::fail(mgm::Errc::kNotFound, "{}: cannot be read: {}", path,
                         std::generic_category().message(errno));
    return text;
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

} // namespace

mgm::Result<Config> parse_config(std::string_view text, const std::string &path) {
    if (is_blank(text))
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "{}: is empty; apps/examples has configurations to begin with", path);
    Draft draft(path);
    if (const std::optional<Position> at = too_deep_key(text, draft.file)) {
        draft.mistakes.add(*at, "a key has more than {} dots, which none of ours has", kMostDots);
        return tl::unexpected<mgm::Error>(draft.mistakes.error());
    }
    try {
        const toml::table document = toml::parse(text, path);
        read_document(document, draft);
    } catch (const toml::parse_error &error) {
        draft.mistakes.add(position_of(error.source(), draft.file), "not TOML: {}",
                           error.description());
    }
    if (!draft.mistakes.any())
        derive_ports(draft);
    if (draft.mistakes.any())
        return tl::unexpected<mgm::Error>(draft.mistakes.error());
    draft.config.warnings = draft.mistakes.warnings();
    return std::move(draft.config);
}

mgm::Result<Config> load_config(const std::string &path) {
    return read_file(path).and_then(
        [&](const std::string &text) { return parse_config(text, path); });
}

} // namespace apps
