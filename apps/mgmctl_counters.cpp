// SPDX-License-Identifier: BSD-3-Clause
// mgmctl show counters: where every packet and every copy went.
#include "apps/mgmctl_json.hpp"
#include "apps/mgmctl_show.hpp"
#include "apps/mgmctl_text.hpp"
#include "apps/text_table.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace apps {

namespace {

using Align = TextTable::Align;

/// A table of counters that are not zero; nothing when there are none.
template <class NamedCounters>
std::string counter_table(const NamedCounters &counters, std::string_view head, bool all) {
    TextTable table({{head}, {"COUNT", Align::kRight}, {"MEANING"}});
    for (const mgm::v1::NamedCounter &counter : counters)
        if (all || counter.value() != 0)
            table.add({counter.name(), count_text(counter.value()), counter.text()});
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

/// "no_entry=3 copy:no_mbuf=1", or "-"
std::string drops_text(const mgm::v1::InterfaceCounters &row) {
    std::string drops;
    for (const mgm::v1::NamedCounter &counter : row.verdicts())
        if (counter.name() != "forwarded" && counter.name() != "punted")
            append_item(drops, ' ', fmt::format("{}={}", counter.name(), counter.value()));
    for (const mgm::v1::NamedCounter &counter : row.copy_drops())
        append_item(drops, ' ', fmt::format("copy:{}={}", counter.name(), counter.value()));
    return drops.empty() ? "-" : drops;
}

std::string interface_rows(const Counters &counters, bool all) {
    TextTable table({{"INTERFACE"},
                     {"IN FRAMES", Align::kRight},
                     {"IN OCTETS", Align::kRight},
                     {"OUT FRAMES", Align::kRight},
                     {"OUT OCTETS", Align::kRight},
                     {"DROPS"}});
    for (const mgm::v1::InterfaceCounters &row : counters.interfaces) {
        const mgm::v1::InterfaceTotals &totals = row.totals();
        if (row.index() == 0 && totals.in_frames() == 0 && !all)
            continue; // no frame without an interface: the usual case
        table.add({row.index() == 0 ? "(none)" : row.name(), count_text(totals.in_frames()),
                   count_text(totals.in_octets()), count_text(totals.out_frames()),
                   count_text(totals.out_octets()), drops_text(row)});
    }
    return "\n" + table.render();
}

} // namespace

mgm::Result<void> show_counters(Source &source, const ShowOptions &options, Output &out) {
    const auto counters = source.counters(options.json || options.per_interface);
    if (!counters)
        return tl::unexpected<mgm::Error>(counters.error());
    if (options.json) {
        out.write(object_text("counters", to_json(*counters), options.is_part));
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

} // namespace apps
