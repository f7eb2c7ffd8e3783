// SPDX-License-Identifier: BSD-3-Clause
// An option whose value is one of a few words.
#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <vector>

namespace apps {

template <class Enum>
CLI::Option *add_choice(CLI::App &app, const char *name, Enum &value,
                        const std::map<std::string, Enum> &choices, const char *text) {
    std::vector<std::string> words;
    words.reserve(choices.size());
    for (const auto &[word, choice] : choices)
        words.push_back(word);
    return app
        .add_option_function<std::string>(
            name, [&value, choices](const std::string &word) { value = choices.at(word); }, text)
        ->check(CLI::IsMember(words));
}

} // namespace apps
