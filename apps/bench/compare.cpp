// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/compare.hpp"

#include "apps/bench/output.hpp"
#include "apps/text_table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>

namespace bench {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

using Json = nlohmann::json;

Result<Json> parse(const std::string &text, std::string_view which) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object() || !json.contains("schema"))
        return fail(Errc::kInvalidArgument, "the {} result is not JSON of mgmbench run --json",
                    which);
    if (json["schema"] != kSchemaVersion)
        return fail(Errc::kInvalidArgument, "the {} result has schema {}, this mgmbench reads {}",
                    which, json["schema"].dump(), kSchemaVersion);
    return json;
}

struct Range {
    double median, least, most;
};

std::optional<Range> range_of(const Json &spread) {
    if (spread.value("median", 0.0) == 0)
        return std::nullopt;
    return Range{spread.at("median"), spread.at("least"), spread.at("most")};
}

const Json *row_named(const Json &report, const std::string &name) {
    for (const Json &row : report.at("rows"))
        if (row.at("scenario").at("name") == name)
            return &row;
    return nullptr;
}

std::optional<Range> cost_of(const Json &row) {
    const Json &costs = row.at("cycles_a_packet");
    return costs.contains("mgm") ? range_of(costs["mgm"]) : std::nullopt;
}

std::string text_of(const std::optional<Range> &range, int decimals) {
    return range ? fmt::format("{:.{}f} ({:.{}f}..{:.{}f})", range->median, decimals, range->least,
                               decimals, range->most, decimals)
                 : "-";
}

class Comparer {
public:
    Comparer(const Json &first, const Json &second) : first_(first), second_(second) {}

    Comparison run() {
        for (const Json &row : second_.at("rows"))
            compare_row(row);
        for (const Json &row : first_.at("rows"))
            if (const std::string name = row.at("scenario").at("name");
                row_named(second_, name) == nullptr)
                table_.add({name, text_of(cost_of(row), 1), "-", "-", "-", "gone"});
        return {machines() + table_.render(), slower_, faster_};
    }

private:
    void compare_row(const Json &row) {
        const std::string name = row.at("scenario").at("name");
        const Json *before = row_named(first_, name);
        if (before == nullptr) {
            table_.add({name, "-", text_of(cost_of(row), 1), "-",
                        text_of(range_of(row.at("ratio_to_floor")), 2), "new"});
            return;
        }
        const auto ratio_a = range_of(before->at("ratio_to_floor"));
        const auto ratio_b = range_of(row.at("ratio_to_floor"));
        const bool has_ratios = ratio_a && ratio_b;
        table_.add(
            {name, text_of(cost_of(*before), 1), text_of(cost_of(row), 1), text_of(ratio_a, 2),
             text_of(ratio_b, 2),
             has_ratios ? judge(*ratio_a, *ratio_b) : judge(cost_of(*before), cost_of(row))});
    }
    std::string judge(const std::optional<Range> &a, const std::optional<Range> &b) {
        if (!a || !b)
            return "not measured";
        const double percent = (b->median / a->median - 1) * 100;
        if (b->least > a->most) {
            ++slower_;
            return fmt::format("SLOWER {:+.1f} %", percent);
        }
        if (b->most < a->least) {
            ++faster_;
            return fmt::format("faster {:+.1f} %", percent);
        }
        return "same";
    }
    /// Only when they differ.
    [[nodiscard]] std::string machines() const {
        std::string text;
        for (const char *key : {"cpu", "kernel", "dpdk", "pages"}) {
            const std::string a = first_.at("machine").value(key, "?");
            const std::string b = second_.at("machine").value(key, "?");
            if (a != b)
                text += fmt::format("not the same {}: '{}' and '{}'\n", key, a, b);
        }
        return text;
    }

    const Json &first_;
    const Json &second_;
    apps::TextTable table_{{{"scenario"},
                            {"cyc/pkt A", apps::TextTable::Align::kRight},
                            {"cyc/pkt B", apps::TextTable::Align::kRight},
                            {"ratio A", apps::TextTable::Align::kRight},
                            {"ratio B", apps::TextTable::Align::kRight},
                            {"B is"}}};
    unsigned slower_ = 0;
    unsigned faster_ = 0;
};

} // namespace

Result<Comparison> compare(const std::string &first, const std::string &second) {
    const Result<Json> a = parse(first, "first");
    if (!a)
        return tl::unexpected(a.error());
    const Result<Json> b = parse(second, "second");
    if (!b)
        return tl::unexpected(b.error());
    try {
        return Comparer(*a, *b).run();
    } catch (const Json::exception &error) { // a field is missing or of another type
        return fail(Errc::kInvalidArgument, "a result is not complete: {}", error.what());
    }
}

} // namespace bench
