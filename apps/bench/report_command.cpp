// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/report_command.hpp"

#include "apps/bench/report.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>
#include <vector>

namespace bench {

using mgm::Result;

namespace {

struct Options {
    std::vector<std::string> files;
    std::string plot, output;
};

Result<void> report(const Options &options) {
    std::vector<SavedText> texts;
    for (const std::string &path : options.files) {
        Result<std::string> text = read_whole(path);
        if (!text)
            return tl::unexpected(std::move(text.error()));
        texts.push_back({path, std::move(*text)});
    }
    return options.plot.empty() ? write_report(texts, options.output)
                                : write_plot(texts, options.plot, options.output);
}

bool needs_quotes(const std::string &word) {
    return word.empty() || !std::all_of(word.begin(), word.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 ||
                      std::string_view("-_./,=:+@%").find(static_cast<char>(c)) !=
                          std::string_view::npos;
           });
}

std::string quoted(const std::string &word) {
    std::string out = "'";
    for (const char c : word)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

} // namespace

void add_report_command(CLI::App &app, std::function<void(const Result<void> &)> done) {
    auto options = std::make_shared<Options>();
    CLI::App *command =
        app.add_subcommand("report", "a page with plots, or one plot, from results of run --json");
    command->add_option("RESULT", options->files, "what run --json wrote; one or several")
        ->required();
    command
        ->add_option("--output", options->output,
                     "folder for the page, index.html; with --plot the SVG file")
        ->type_name("PATH")
        ->required();
    command->add_option("--plot", options->plot, "only that plot, by the name that the page shows")
        ->type_name("NAME");
    command->final_callback([options, done = std::move(done)] { done(report(*options)); });
}

Result<void> write_report_of(const std::string &json, const std::string &folder) {
    if (folder.empty())
        return {};
    return write_whole(folder + "/result.json", json).and_then([&] {
        return write_report({{"result.json", json}}, folder);
    });
}

std::string command_line(int argc, const char *const *argv) {
    std::string line = "mgmbench"; // not where this one was built
    for (int k = 1; k < argc; ++k) {
        const std::string word = argv[k];
        line += ' ' + (needs_quotes(word) ? quoted(word) : word);
    }
    return line;
}

} // namespace bench
