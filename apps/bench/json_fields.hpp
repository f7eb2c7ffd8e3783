// SPDX-License-Identifier: BSD-3-Clause
// Fields of JSON that nobody vouches for: each is taken by name and type, and the first that is
// missing, of another type or out of range is noted with where it stands. What is returned for it
// is a harmless value, so that a reader goes on and its caller asks once, at the end.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

class JsonFields {
public:
    /// `where`: its own place, for messages. `problem` is written once.
    JsonFields(const nlohmann::json &json, std::string where, std::string &problem);

    [[nodiscard]] bool has(const char *name) const;
    [[nodiscard]] bool is_text(const char *name) const;
    /// Finite, 0 … 1e18.
    [[nodiscard]] double number(const char *name) const { return number_up_to(name, kMost); }
    [[nodiscard]] double number_up_to(const char *name, double most) const;
    [[nodiscard]] std::uint64_t whole_number(const char *name) const;
    [[nodiscard]] bool flag(const char *name) const;
    /// Up to 1,000 octets of UTF-8; control characters become blanks.
    [[nodiscard]] std::string text(const char *name) const;
    /// A text, a number or "yes" as people read it; nothing of all else.
    [[nodiscard]] std::string shown(const std::string &name) const;
    [[nodiscard]] JsonFields object(const std::string &name) const;
    /// Of this object's members.
    [[nodiscard]] std::vector<std::string> names() const;
    void for_each(const char *name, std::size_t most,
                  const std::function<void(const JsonFields &)> &visit) const;

private:
    static constexpr double kMost = 1e18;
    static constexpr std::size_t kMaxText = 1000;
    static constexpr std::size_t kMaxMembers = 50;

    [[nodiscard]] const nlohmann::json *find(const std::string &name) const;
    [[nodiscard]] std::string place_of(std::string_view name) const;
    void note(std::string_view name, std::string_view wanted) const;

    const nlohmann::json &json_;
    std::string where_;
    std::string &problem_;
};

} // namespace bench
