// SPDX-License-Identifier: BSD-3-Clause
// Configurations for tests: a good one, and ways to make it wrong.
#pragma once

#include "apps/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <stdlib.h>

namespace config_text {

/// Line numbers matter to the tests: append, do not insert.
inline constexpr std::string_view kGood = R"([mgmd]
name = "edge-7"
[[interface]]
name = "p1"
index = 37
port = "net_af_packet0,iface=r1"
addresses = ["198.51.100.1/28", "2001:db8:1::1/64"]
[[interface]]
name = "p2"
index = 41
port = "net_af_packet1,iface=r2"
addresses = ["198.51.100.17/28"]
[[interface]]
name = "p3"
index = 43
port = "net_af_packet2,iface=r3"
addresses = ["198.51.100.33/28", "2001:db8:3::1/64"]
[[neighbor]]
interface = "p3"
address = "198.51.100.34"
mac = "02:00:00:00:03:02"
[[route]]
source = "198.51.100.2"
group = "225.129.2.3"
iifs = ["p1"]
oifs = ["p2", {interface = "p3", ttl_threshold = 16, next_hop = "198.51.100.34"}]
)";

inline std::string with(std::string_view addition) {
    return std::string(kGood) + std::string(addition);
}

/// The good text with the one place that holds `from` changed.
inline std::string changed(std::string_view from, std::string_view to) {
    std::string text(kGood);
    const std::size_t at = text.find(from);
    if (at == std::string::npos) {
        ADD_FAILURE() << "the good configuration does not hold: " << from;
        return text;
    }
    return text.replace(at, from.size(), to);
}

/// Everything that is wrong with the text, "" for nothing.
inline std::string mistakes(const std::string &text) {
    const mgm::Result<apps::Config> config = apps::parse_config(text, "t.toml");
    return config ? "" : config.error().what;
}

/// The configuration of a text that must be good.
inline apps::Config good(const std::string &text) {
    mgm::Result<apps::Config> config = apps::parse_config(text, "t.toml");
    if (!config) {
        ADD_FAILURE() << config.error().what;
        return {};
    }
    return std::move(*config);
}

/// A folder that goes with the test.
class Folder {
public:
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "mgm-unit-apps-XXXXXX";
        if (::mkdtemp(name.data()) != nullptr)
            path_ = name;
        EXPECT_FALSE(path_.empty()) << name << " cannot be made";
    }
    ~Folder() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;

    [[nodiscard]] std::string at(const std::string &name) const { return path_ / name; }
    /// Returns where it is.
    [[nodiscard]] std::string write(const std::string &name, std::string_view text) const {
        std::ofstream(at(name), std::ios::binary) << text;
        return at(name);
    }

private:
    std::filesystem::path path_;
};

} // namespace config_text
