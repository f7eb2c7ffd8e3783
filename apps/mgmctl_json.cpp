// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmctl_json.hpp"

#include <fmt/format.h>

#include <utility>

namespace apps {

namespace {

template <class NamedCounters>
Json by_name(const NamedCounters &counters) {
    Json json = Json::object();
    for (const mgm::v1::NamedCounter &counter : counters)
        json[counter.name()] = counter.value();
    return json;
}

template <class Prefixes>
Json prefixes(const Prefixes &list) {
    Json json = Json::array();
    for (const mgm::v1::Prefix &prefix : list)
        json.push_back(prefix_text(prefix));
    return json;
}

void add(Json &json, const mgm::v1::InterfaceTotals &totals) {
    json["in_frames"] = totals.in_frames();
    json["in_octets"] = totals.in_octets();
    json["out_frames"] = totals.out_frames();
    json["out_octets"] = totals.out_octets();
    json["copies_wanted"] = totals.copies_wanted();
    json["copies_sent"] = totals.copies_sent();
}

Json to_json(const mgm::v1::Oif &oif, const InterfaceNames &names) {
    Json json{{"interface", name_of(names, oif.interface())},
              {"ttl_threshold", oif.ttl_threshold()},
              {"has_next_hop", oif.has_next_hop()},
              {"next_hop_mac", nullptr}};
    if (!oif.next_hop_mac().empty())
        json["next_hop_mac"] = mac_text(oif.next_hop_mac());
    return json;
}

} // namespace

Json to_json(const mgm::v1::GetStatusResponse &status) {
    Json usage = Json::object();
    for (const mgm::v1::Usage &item : status.usage())
        usage[item.name()] = Json{{"used", item.used()}, {"capacity", item.capacity()}};
    return Json{{"instance", status.instance()},
                {"version", status.version()},
                {"pid", status.pid()},
                {"started_seconds", status.started_seconds()},
                {"uptime_seconds", status.uptime_seconds()},
                {"config_file", status.config_file()},
                {"reloads", status.reloads()},
                {"failed_reloads", status.failed_reloads()},
                {"layout_version", status.layout_version()},
                {"workers", status.workers()},
                {"retired", status.retired()},
                {"usage", std::move(usage)}};
}

Json to_json(const mgm::v1::Interface &interface) {
    Json json{{"index", interface.index()},
              {"name", interface.name()},
              {"port", interface.port()},
              {"vlan", interface.vlan()},
              {"vrf", interface.vrf()},
              {"state", state_text(interface.state())},
              {"mac", mac_text(interface.mac())},
              {"mtu", interface.mtu()},
              {"ttl_threshold", interface.ttl_threshold()},
              {"scope_boundary", interface.scope_boundary()},
              {"addresses", prefixes(interface.addresses())},
              {"boundaries", prefixes(interface.boundaries())},
              {"port_events", interface.port_events()},
              {"last_failure", interface.last_failure()},
              {"changing", interface.changing()}};
    add(json, interface.totals());
    return json;
}

Json to_json(const mgm::v1::Route &route, const InterfaceNames &names) {
    Json iifs = Json::array();
    for (const std::uint32_t iif : route.iifs())
        iifs.push_back(name_of(names, iif));
    Json oifs = Json::array();
    for (const mgm::v1::Oif &oif : route.oifs())
        oifs.push_back(to_json(oif, names));
    Json source;
    if (!route.source().empty())
        source = address_text(route.source());
    return Json{{"vrf", route.vrf()},
                {"source", std::move(source)},
                {"group", address_text(route.group().address())},
                {"group_length", route.group().length()},
                {"iifs", std::move(iifs)},
                {"oifs", std::move(oifs)},
                {"packets", route.packets()},
                {"octets", route.octets()},
                {"different_in_if_packets", route.different_in_if_packets()},
                {"created_seconds", route.created_seconds()},
                {"changing", route.changing()}};
}

Json to_json(const Counters &counters) {
    const mgm::v1::CounterTotals &totals = counters.totals;
    Json identities = Json::array();
    for (const mgm::v1::Identity &identity : totals.identities())
        identities.push_back(Json{{"text", identity.text()},
                                  {"left", identity.left()},
                                  {"right", identity.right()},
                                  {"exact", identity.exact()}});
    Json interfaces = Json::array();
    for (const mgm::v1::InterfaceCounters &row : counters.interfaces) {
        Json json{{"index", row.index()}, {"name", row.name()}};
        add(json, row.totals());
        json["verdicts"] = by_name(row.verdicts());
        json["copy_drops"] = by_name(row.copy_drops());
        interfaces.push_back(std::move(json));
    }
    return Json{{"received", totals.received()},
                {"received_octets", totals.received_octets()},
                {"copies_wanted", totals.copies_wanted()},
                {"copies_sent", totals.copies_sent()},
                {"out_frames", totals.out_frames()},
                {"out_octets", totals.out_octets()},
                {"held", totals.held()},
                {"verdicts", by_name(totals.verdicts())},
                {"copy_drops", by_name(totals.copy_drops())},
                {"events", by_name(totals.events())},
                {"identities", std::move(identities)},
                {"interfaces", std::move(interfaces)}};
}

Json to_json(const mgm::v1::Worker &worker) {
    return Json{{"id", worker.id()},
                {"lcore", worker.lcore()},
                {"running", worker.running()},
                {"loops", worker.loops()},
                {"busy_loops", worker.busy_loops()},
                {"in_frames", worker.in_frames()},
                {"out_frames", worker.out_frames()},
                {"events", by_name(worker.events())}};
}

Json to_json(const mgm::v1::ReloadResponse &response) {
    Json mistakes = Json::array();
    for (const std::string &mistake : response.mistakes())
        mistakes.push_back(mistake);
    return Json{{"applied", response.applied()}, {"mistakes", std::move(mistakes)}};
}

Json to_json(const mgm::v1::TraceResponse &packet) {
    return Json{{"worker", packet.worker()},
                {"vrf", packet.vrf()},
                {"source", address_text(packet.source())},
                {"group", address_text(packet.group())},
                {"iif", packet.iif_name()},
                {"ttl", packet.ttl()},
                {"length", packet.length()},
                {"verdict", packet.verdict()},
                {"copies_wanted", packet.copies_wanted()},
                {"copies_sent", packet.copies_sent()}};
}

std::string dump(const Json &json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string object_text(const char *name, const Json &json, bool is_part) {
    return is_part ? fmt::format("\"{}\":{}", name, dump(json)) : dump(json) + "\n";
}

std::string list_text(const char *name, const Json &list, bool is_part) {
    const std::string member = fmt::format("\"{}\":{}", name, dump(list));
    return is_part ? member : "{" + member + "}\n";
}

} // namespace apps
