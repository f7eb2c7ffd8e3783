// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmctl_show.hpp"

#include "apps/mgmctl_json.hpp"
#include "apps/mgmctl_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace apps {

namespace {

using Align = TextTable::Align;

std::string num(std::uint64_t value) {
    return fmt::format("{}", value);
}

/// A list: {"name":[…]}, or as a part of a dump only "name":[…].
template <class Items>
std::string json_list(const ShowOptions &options, const char *name, const Items &items) {
    Json list = Json::array();
    for (const auto &item : items)
        list.push_back(to_json(item));
    const std::string member = fmt::format("\"{}\":{}", name, dump(list));
    return options.is_part ? member : "{" + member + "}\n";
}

/// An object: {…}, or as a part of a dump "name":{…}.
std::string json_object(const ShowOptions &options, const char *name, const Json &json) {
    return options.is_part ? fmt::format("\"{}\":{}", name, dump(json)) : dump(json) + "\n";
}

template <class Items>
std::string join_prefixes(const Items &prefixes) {
    std::string text;
    for (const mgm::v1::Prefix &prefix : prefixes)
        text += (text.empty() ? "" : " ") + prefix_text(prefix);
    return text;
}

std::string oif_text(const mgm::v1::Oif &oif, const InterfaceNames &names) {
    std::string text = name_of(names, oif.interface());
    if (oif.has_next_hop())
        text += fmt::format("@{}", oif.next_hop_mac().empty() ? std::string("unresolved")
                                                              : mac_text(oif.next_hop_mac()));
    if (oif.ttl_threshold() > 1)
        text += fmt::format("(ttl>{})", oif.ttl_threshold());
    return text;
}

std::vector<std::string> route_cells(const mgm::v1::Route &route, const InterfaceNames &names) {
    std::string iifs;
    for (const std::uint32_t iif : route.iifs())
        iifs += (iifs.empty() ? "" : ",") + name_of(names, iif);
    std::string oifs;
    for (const mgm::v1::Oif &oif : route.oifs())
        oifs += (oifs.empty() ? "" : ",") + oif_text(oif, names);
    if (route.changing())
        iifs = oifs = "changing";
    return {route_text(route),
            iifs.empty() ? "-" : iifs,
            num(route.packets()),
            num(route.octets()),
            num(route.different_in_if_packets()),
            oifs.empty() ? "-" : oifs};
}

TextTable route_table() {
    return TextTable({{"ROUTE"},
                      {"IIFS"},
                      {"PACKETS", Align::kRight},
                      {"OCTETS", Align::kRight},
                      {"WRONG IIF", Align::kRight},
                      {"OIFS"}});
}

/// A table of counters that are not zero; nothing when there are none.
template <class NamedCounters>
std::string counter_table(const NamedCounters &counters, std::string_view head, bool all) {
    TextTable table({{head}, {"COUNT", Align::kRight}, {"MEANING"}});
    for (const mgm::v1::NamedCounter &counter : counters)
        if (all || counter.value() != 0)
            table.add({counter.name(), num(counter.value()), counter.text()});
    return table.is_empty() ? std::string{} : "\n" + table.render();
}

std::string identities_text(const mgm::v1::CounterTotals &totals) {
    std::string text;
    for (const mgm::v1::Identity &identity : totals.identities())
        text += fmt::format("{}: {} {} {}, {}\n", identity.text(), identity.left(),
                            identity.exact() ? "=" : "!=", identity.right(),
                            identity.exact() ? "exact" : "not exact (workers are busy, or a bug)");
    return text;
}

std::string interface_rows(const Counters &counters, bool all) {
    TextTable table({{"INTERFACE"},
                     {"IN FRAMES", Align::kRight},
                     {"IN OCTETS", Align::kRight},
                     {"OUT FRAMES", Align::kRight},
                     {"OUT OCTETS", Align::kRight},
                     {"DROPS"}});
    for (const mgm::v1::InterfaceCounters &row : counters.interfaces) {
        std::string drops;
        for (const mgm::v1::NamedCounter &counter : row.verdicts())
            if (counter.name() != "forwarded" && counter.name() != "punted")
                drops += fmt::format("{}{}={}", drops.empty() ? "" : " ", counter.name(),
                                     counter.value());
        for (const mgm::v1::NamedCounter &counter : row.copy_drops())
            drops += fmt::format("{}copy:{}={}", drops.empty() ? "" : " ", counter.name(),
                                 counter.value());
        const mgm::v1::InterfaceTotals &totals = row.totals();
        if (row.index() == 0 && totals.in_frames() == 0 && !all)
            continue; // no frame without an interface: the usual case
        table.add({row.index() == 0 ? "(none)" : row.name(), num(totals.in_frames()),
                   num(totals.in_octets()), num(totals.out_frames()), num(totals.out_octets()),
                   drops.empty() ? "-" : drops});
    }
    return "\n" + table.render();
}

std::string packet_line(const mgm::v1::TraceResponse &packet) {
    return fmt::format("{} ({},{}){} ttl {} length {} {} copies {}/{} worker {}\n",
                       packet.iif() == 0 ? "-" : packet.iif_name(), address_text(packet.source()),
                       address_text(packet.group()),
                       packet.vrf() == 0 ? "" : fmt::format(" vrf {}", packet.vrf()), packet.ttl(),
                       packet.length(), packet.verdict(), packet.copies_sent(),
                       packet.copies_wanted(), packet.worker());
}

} // namespace

bool Output::write(std::string_view text) {
    if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), file_) != text.size())
        error_ = errno;
    return error_ == 0;
}

bool Output::flush() {
    if (error_ == 0 && std::fflush(file_) != 0)
        error_ = errno;
    return error_ == 0;
}

mgm::Result<void> Output::result() const {
    if (error_ == 0 || error_ == EPIPE)
        return {};
    return mgm::fail(mgm::Errc::kInternal, "standard output: {}",
                     std::generic_category().message(error_));
}

bool Output::is_terminal() const {
    return ::isatty(::fileno(file_)) != 0;
}

std::string route_text(const mgm::v1::Route &route) {
    const std::string source = route.source().empty() ? "*" : address_text(route.source());
    const std::string vrf = route.vrf() == 0 ? "" : fmt::format(" vrf {}", route.vrf());
    return fmt::format("({},{}){}", source, group_text(route.group()), vrf);
}

mgm::Result<void> show_status(Source &source, const ShowOptions &options, Output &out) {
    const auto status = source.status();
    if (!status)
        return tl::unexpected<mgm::Error>(status.error());
    if (options.json) {
        out.write(json_object(options, "status", to_json(*status)));
        return out.result();
    }
    out.write(fmt::format("mgmd {} instance {} pid {}, up {}\n",
                          status->version().empty() ? "(unknown version)" : status->version(),
                          status->instance(), status->pid(),
                          duration_text(status->uptime_seconds())));
    out.write(fmt::format(
        "configuration {}, {} reloads, {} refused, {} workers, segment layout {}\n\n",
        status->config_file().empty() ? "(no file)" : status->config_file(), status->reloads(),
        status->failed_reloads(), status->workers(), status->layout_version()));
    TextTable table({{"CAPACITY"}, {"USED", Align::kRight}, {"OF", Align::kRight}});
    for (const mgm::v1::Usage &usage : status->usage())
        table.add(
            {usage.name(), num(usage.used()), usage.capacity() == 0 ? "-" : num(usage.capacity())});
    out.write(table.render());
    return out.result();
}

mgm::Result<void> show_interfaces(Source &source, const ShowOptions &options, Output &out) {
    const auto interfaces = source.interfaces(options.name);
    if (!interfaces)
        return tl::unexpected<mgm::Error>(interfaces.error());
    if (!options.name.empty() && interfaces->empty())
        return mgm::fail(mgm::Errc::kNotFound, "interface {}: there is none of that name",
                         options.name);
    if (options.json) {
        out.write(json_list(options, "interfaces", *interfaces));
        return out.result();
    }
    TextTable table({{"INDEX", Align::kRight},
                     {"NAME"},
                     {"STATE"},
                     {"VLAN", Align::kRight},
                     {"MTU", Align::kRight},
                     {"MAC"},
                     {"IN FRAMES", Align::kRight},
                     {"OUT FRAMES", Align::kRight},
                     {"EVENTS", Align::kRight},
                     {"PORT"},
                     {"ADDRESSES"}});
    std::string failures;
    for (const mgm::v1::Interface &i : *interfaces) {
        table.add({num(i.index()), i.name(),
                   i.changing() ? "changing" : std::string(state_text(i.state())),
                   i.vlan() == 0 ? "-" : num(i.vlan()), num(i.mtu()), mac_text(i.mac()),
                   num(i.totals().in_frames()), num(i.totals().out_frames()), num(i.port_events()),
                   i.port(), join_prefixes(i.addresses())});
        if (!i.last_failure().empty())
            failures += fmt::format("{}: {}\n", i.name(), i.last_failure());
    }
    out.write(table.is_empty() ? "no interfaces\n" : table.render());
    out.write(failures);
    return out.result();
}

mgm::Result<void> show_routes(Source &source, const ShowOptions &options, Output &out) {
    const auto interfaces = source.interfaces("");
    if (!interfaces)
        return tl::unexpected<mgm::Error>(interfaces.error());
    const InterfaceNames names = names_of(*interfaces);
    TextTable table = route_table();
    bool is_first = true;
    if (options.json)
        out.write(options.is_part ? "\"routes\":[" : "{\"routes\":[");
    const auto done = source.routes(options.routes, [&](const mgm::v1::ShowRoutesResponse &page) {
        std::string text;
        for (const mgm::v1::Route &route : page.routes()) {
            if (options.json)
                text +=
                    (std::exchange(is_first, false) ? "\n" : ",\n") + dump(to_json(route, names));
            else
                table.add(route_cells(route, names));
        }
        if (!options.json && !table.is_empty()) {
            is_first = false;
            text = table.render();
        }
        return out.write(text);
    });
    if (!done)
        return done;
    if (options.json)
        out.write(options.is_part ? "\n]" : "\n]}\n");
    else if (is_first)
        out.write("no routes\n");
    return out.result();
}

mgm::Result<void> show_counters(Source &source, const ShowOptions &options, Output &out) {
    const auto counters = source.counters(options.json || options.per_interface);
    if (!counters)
        return tl::unexpected<mgm::Error>(counters.error());
    if (options.json) {
        out.write(json_object(options, "counters", to_json(*counters)));
        return out.result();
    }
    const mgm::v1::CounterTotals &totals = counters->totals;
    out.write(fmt::format("received {} frames, {} octets\nsent {} frames, {} octets; {} of {} "
                          "copies wanted\n",
                          totals.received(), totals.received_octets(), totals.out_frames(),
                          totals.out_octets(), totals.copies_sent(), totals.copies_wanted()));
    out.write(counter_table(totals.verdicts(), "VERDICT", options.all));
    out.write(counter_table(totals.copy_drops(), "COPY DROP", options.all));
    out.write(counter_table(totals.events(), "EVENT", options.all));
    if (options.per_interface)
        out.write(interface_rows(*counters, options.all));
    out.write("\n" + identities_text(totals));
    return out.result();
}

mgm::Result<void> show_workers(Source &source, const ShowOptions &options, Output &out) {
    const auto workers = source.workers();
    if (!workers)
        return tl::unexpected<mgm::Error>(workers.error());
    if (options.json) {
        out.write(json_list(options, "workers", *workers));
        return out.result();
    }
    TextTable table({{"WORKER", Align::kRight},
                     {"LCORE", Align::kRight},
                     {"STATE"},
                     {"LOOPS", Align::kRight},
                     {"BUSY LOOPS", Align::kRight},
                     {"IN FRAMES", Align::kRight},
                     {"OUT FRAMES", Align::kRight}});
    for (const mgm::v1::Worker &worker : *workers)
        table.add({num(worker.id()), num(worker.lcore()), worker.running() ? "running" : "stopped",
                   num(worker.loops()), num(worker.busy_loops()), num(worker.in_frames()),
                   num(worker.out_frames())});
    out.write(table.is_empty() ? "no workers\n" : table.render());
    return out.result();
}

mgm::Result<void> dump_all(Source &source, const ShowOptions &options, Output &out) {
    using Show = mgm::Result<void> (*)(Source &, const ShowOptions &, Output &);
    static constexpr std::array<std::pair<std::string_view, Show>, 5> kParts{
        {{"status", show_status},
         {"interfaces", show_interfaces},
         {"routes", show_routes},
         {"counters", show_counters},
         {"workers", show_workers}}};
    ShowOptions part = options;
    part.per_interface = true;
    part.is_part = true;
    std::string_view separator;
    for (const auto &[name, show] : kParts) {
        if (options.json)
            out.write(separator.empty() ? "{" : ",\n");
        else
            out.write(fmt::format("{}# {}\n", separator, name));
        separator = "\n";
        if (const mgm::Result<void> done = show(source, part, out); !done)
            return done;
    }
    if (options.json)
        out.write("}\n");
    return out.result();
}

mgm::Result<void> reload(Source &source, const ShowOptions &options, Output &out) {
    const auto response = source.reload();
    if (!response)
        return tl::unexpected<mgm::Error>(response.error());
    if (options.json)
        out.write(dump(to_json(*response)) + "\n");
    else if (response->applied())
        out.write("applied\n");
    if (response->applied())
        return out.result();
    std::string mistakes;
    for (const std::string &mistake : response->mistakes())
        mistakes += "\n  " + mistake;
    return mgm::fail(mgm::Errc::kInvalidArgument, "reload: refused, nothing changed:{}", mistakes);
}

mgm::Result<void> trace(Source &source, const ShowOptions &options, Output &out) {
    const auto done = source.trace(options.trace, [&](const mgm::v1::TraceResponse &packet) {
        out.write(options.json ? dump(to_json(packet)) + "\n" : packet_line(packet));
        return out.flush();
    });
    return done ? out.result() : done;
}

} // namespace apps
