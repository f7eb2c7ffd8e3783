// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmctl_show.hpp"

#include "apps/mgmctl_json.hpp"
#include "apps/mgmctl_text.hpp"
#include "apps/text_table.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apps {

namespace {

using Align = TextTable::Align;

template <class Items>
Json json_list(const Items &items) {
    Json list = Json::array();
    for (const auto &item : items)
        list.push_back(to_json(item));
    return list;
}

TextTable interface_table() {
    return TextTable({{"INDEX", Align::kRight},
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
}

std::vector<std::string> interface_cells(const mgm::v1::Interface &interface) {
    std::string addresses;
    for (const mgm::v1::Prefix &prefix : interface.addresses())
        append_item(addresses, ' ', prefix_text(prefix));
    return {count_text(interface.index()),
            interface.name(),
            interface.changing() ? "changing" : std::string(state_text(interface.state())),
            interface.vlan() == 0 ? "-" : count_text(interface.vlan()),
            count_text(interface.mtu()),
            mac_text(interface.mac()),
            count_text(interface.totals().in_frames()),
            count_text(interface.totals().out_frames()),
            count_text(interface.port_events()),
            interface.port(),
            addresses};
}

TextTable route_table() {
    return TextTable({{"ROUTE"},
                      {"IIFS"},
                      {"PACKETS", Align::kRight},
                      {"OCTETS", Align::kRight},
                      {"WRONG IIF", Align::kRight},
                      {"OIFS"}});
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
        append_item(iifs, ',', name_of(names, iif));
    std::string oifs;
    for (const mgm::v1::Oif &oif : route.oifs())
        append_item(oifs, ',', oif_text(oif, names));
    if (route.changing())
        iifs = oifs = "changing";
    return {route_text(route),
            iifs.empty() ? "-" : iifs,
            count_text(route.packets()),
            count_text(route.octets()),
            count_text(route.different_in_if_packets()),
            oifs.empty() ? "-" : oifs};
}

// Routes are written page by page: there may be a million of them.

mgm::Result<void> write_routes_as_json(Source &source, const ShowOptions &options,
                                       const InterfaceNames &names, Output &out) {
    out.write(options.is_part ? "\"routes\":[" : "{\"routes\":[");
    std::string_view separator = "\n";
    mgm::Result<void> done =
        source.routes(options.routes, [&](const mgm::v1::ShowRoutesResponse &page) {
            std::string text;
            for (const mgm::v1::Route &route : page.routes()) {
                text += std::exchange(separator, ",\n");
                text += dump(to_json(route, names));
            }
            return out.write(text);
        });
    if (!done)
        return done;
    out.write(options.is_part ? "\n]" : "\n]}\n");
    return out.result();
}

mgm::Result<void> write_routes_as_table(Source &source, const ShowOptions &options,
                                        const InterfaceNames &names, Output &out) {
    TextTable table = route_table();
    bool is_empty = true;
    mgm::Result<void> done =
        source.routes(options.routes, [&](const mgm::v1::ShowRoutesResponse &page) {
            for (const mgm::v1::Route &route : page.routes())
                table.add(route_cells(route, names));
            if (table.is_empty())
                return out.write("");
            is_empty = false;
            return out.write(table.render());
        });
    if (!done)
        return done;
    if (is_empty)
        out.write("no routes\n");
    return out.result();
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

mgm::Result<void> show_status(Source &source, const ShowOptions &options, Output &out) {
    const auto status = source.status();
    if (!status)
        return tl::unexpected<mgm::Error>(status.error());
    if (options.json) {
        out.write(object_text("status", to_json(*status), options.is_part));
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
        table.add({usage.name(), count_text(usage.used()),
                   usage.capacity() == 0 ? "-" : count_text(usage.capacity())});
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
        out.write(list_text("interfaces", json_list(*interfaces), options.is_part));
        return out.result();
    }
    TextTable table = interface_table();
    std::string failures;
    for (const mgm::v1::Interface &interface : *interfaces) {
        table.add(interface_cells(interface));
        if (!interface.last_failure().empty())
            failures += fmt::format("{}: {}\n", interface.name(), interface.last_failure());
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
    return options.json ? write_routes_as_json(source, options, names, out)
                        : write_routes_as_table(source, options, names, out);
}

mgm::Result<void> show_workers(Source &source, const ShowOptions &options, Output &out) {
    const auto workers = source.workers();
    if (!workers)
        return tl::unexpected<mgm::Error>(workers.error());
    if (options.json) {
        out.write(list_text("workers", json_list(*workers), options.is_part));
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
        table.add({count_text(worker.id()), count_text(worker.lcore()),
                   worker.running() ? "running" : "stopped", count_text(worker.loops()),
                   count_text(worker.busy_loops()), count_text(worker.in_frames()),
                   count_text(worker.out_frames())});
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
        if (mgm::Result<void> done = show(source, part, out); !done)
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
