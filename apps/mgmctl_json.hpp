// SPDX-License-Identifier: BSD-3-Clause
// Messages of mgm.v1 as JSON. The names are stable: scripts depend on them. tests/unit/control
// states them.
#pragma once

#include "apps/mgmctl_source.hpp"
#include "apps/mgmctl_text.hpp"

#include <nlohmann/json.hpp>

namespace apps {

using Json = nlohmann::ordered_json;

Json to_json(const mgm::v1::GetStatusResponse &status);
Json to_json(const mgm::v1::Interface &interface);
Json to_json(const mgm::v1::Route &route, const InterfaceNames &names);
Json to_json(const Counters &counters);
Json to_json(const mgm::v1::Worker &worker);
Json to_json(const mgm::v1::ReloadResponse &response);
Json to_json(const mgm::v1::TraceResponse &packet);

/// One line. Octets that are no UTF-8 are replaced: JSON has no other way.
std::string dump(const Json &json);

// What a command prints: alone, or as a part of a dump without braces of its own.
/// {…}, or "name":{…}
std::string object_text(const char *name, const Json &json, bool is_part);
/// {"name":[…]}, or "name":[…]
std::string list_text(const char *name, const Json &list, bool is_part);

} // namespace apps
