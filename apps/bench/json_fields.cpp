// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/json_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

using Json = nlohmann::json;

namespace {

const Json kNothing = Json::object();

/// Short, whatever it is: a value may be as long as the file.
std::string in_brief(const Json &value) {
    if (value.is_number())
        return value.dump();
    if (value.is_string())
        return fmt::format("text of {} octets", value.get_ref<const std::string &>().size());
    return value.type_name();
}

} // namespace

JsonFields::JsonFields(const Json &json, std::string where, std::string &problem)
    : json_(json), where_(std::move(where)), problem_(problem) {}

const Json *JsonFields::find(const std::string &name) const {
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
}

std::string JsonFields::place_of(std::string_view name) const {
    return where_.empty() ? std::string(name) : fmt::format("{}.{}", where_, name);
}

void JsonFields::note(std::string_view name, std::string_view wanted) const {
    if (!problem_.empty())
        return;
    const Json *value = find(std::string(name));
    problem_ = fmt::format("{} is {}: want {}", place_of(name),
                           value == nullptr ? "missing" : in_brief(*value), wanted);
}

bool JsonFields::has(const char *name) const {
    return find(name) != nullptr;
}

bool JsonFields::is_text(const char *name) const {
    const Json *value = find(name);
    return value != nullptr && value->is_string();
}

double JsonFields::number_up_to(const char *name, double most) const {
    const Json *value = find(name);
    const double number = value != nullptr && value->is_number() ? value->get<double>() : -1;
    if (number >= 0 && number <= most)
        return number;
    note(name, fmt::format("a number from 0 to {:g}", most));
    return 0;
}

std::uint64_t JsonFields::whole_number(const char *name) const {
    const Json *value = find(name);
    if (value != nullptr && value->is_number_unsigned())
        return value->get<std::uint64_t>();
    note(name, "a whole number of up to 64 bits");
    return 0;
}

bool JsonFields::flag(const char *name) const {
    const Json *value = find(name);
    if (value != nullptr && value->is_boolean())
        return value->get<bool>();
    note(name, "true or false");
    return false;
}

std::string JsonFields::text(const char *name) const {
    const Json *value = find(name);
    if (value == nullptr || !value->is_string() ||
        value->get_ref<const std::string &>().size() > kMaxText) {
        note(name, fmt::format("a text of up to {} octets", kMaxText));
        return {};
    }
    auto text = value->get<std::string>();
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    return text;
}

std::string JsonFields::shown(const std::string &name) const {
    const Json *value = find(name);
    if (value == nullptr)
        return {};
    if (value->is_string())
        return text(name.c_str());
    if (value->is_number())
        return fmt::format("{:g}", value->get<double>());
    return value->is_boolean() && value->get<bool>() ? "yes" : "";
}

JsonFields JsonFields::object(const std::string &name) const {
    const Json *value = find(name);
    if (value != nullptr && value->is_object())
        return {*value, place_of(name), problem_};
    note(name, "an object");
    return {kNothing, place_of(name), problem_};
}

std::vector<std::string> JsonFields::names() const {
    std::vector<std::string> names;
    for (const auto &[name, value] : json_.items())
        if (names.size() < kMaxMembers && name.size() <= kMaxText)
            names.push_back(name);
    return names;
}

void JsonFields::for_each(const char *name, std::size_t most,
                          const std::function<void(const JsonFields &)> &visit) const {
    const Json *value = find(name);
    if (value == nullptr || !value->is_array() || value->size() > most)
        return note(name, fmt::format("a list of up to {}", most));
    for (std::size_t k = 0; k < value->size() && problem_.empty(); ++k) {
        const std::string place = fmt::format("{}[{}]", place_of(name), k);
        if ((*value)[k].is_object())
            visit(JsonFields((*value)[k], place, problem_));
        else
            problem_ = fmt::format("{} is {}: want an object", place, in_brief((*value)[k]));
    }
}

} // namespace bench
