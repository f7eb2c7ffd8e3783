// SPDX-License-Identifier: BSD-3-Clause
#include "control/rpc/segment_pages.hpp"

#include <array>

namespace control::rpc {

namespace {

constexpr std::uint32_t kInterfacesPerPage = 100;

bool is_copy_loss(std::size_t verdict) {
    return verdict >= static_cast<std::size_t>(mgm::kFirstCopyLoss);
}

void add_counter(google::protobuf::RepeatedPtrField<mgm::v1::NamedCounter> &to,
                 std::string_view name, std::string_view text, std::uint64_t value) {
    mgm::v1::NamedCounter &counter = *to.Add();
    counter.set_name(std::string(name));
    counter.set_text(std::string(text));
    counter.set_value(value);
}

void fill(const mgm::InterfaceSums &sum, mgm::v1::InterfaceTotals &totals) {
    totals.set_in_frames(sum.in_frames);
    totals.set_in_octets(sum.in_octets);
    totals.set_out_frames(sum.out_frames);
    totals.set_out_octets(sum.out_octets);
    totals.set_copies_wanted(sum.copies_wanted);
    totals.set_copies_sent(sum.copies_sent);
}

void add_identity(mgm::v1::CounterTotals &totals, const char *text, mgm::Identity sides) {
    mgm::v1::Identity &identity = *totals.add_identities();
    identity.set_text(text);
    identity.set_left(sides.left);
    identity.set_right(sides.right);
    identity.set_exact(sides.holds());
}

void fill_totals(const mgm::SegmentReader &segment, mgm::v1::CounterTotals &totals) {
    const mgm::InterfaceSums sum = segment.total_sums();
    totals.set_received(sum.in_frames);
    totals.set_received_octets(sum.in_octets);
    totals.set_copies_wanted(sum.copies_wanted);
    totals.set_copies_sent(sum.copies_sent);
    totals.set_out_frames(sum.out_frames);
    totals.set_out_octets(sum.out_octets);
    for (const mgm::VerdictText &verdict : mgm::kVerdicts) {
        const auto i = static_cast<std::size_t>(verdict.verdict);
        add_counter(*totals.mutable_verdicts(), verdict.name, verdict.text, sum.verdicts[i]);
        if (is_copy_loss(i))
            add_counter(*totals.mutable_copy_drops(), verdict.name, verdict.text,
                        sum.copy_drops[i]);
    }
    const auto events = segment.event_sums();
    for (std::size_t i = 0; i < mgm::kEventCount; ++i)
        add_counter(*totals.mutable_events(), mgm::kEventNames[i], "", events[i]);
    totals.set_held(segment.held());
    add_identity(totals, "received = forwarded + punted + held + drops",
                 mgm::received_identity(sum, totals.held()));
    add_identity(totals, "copies_wanted = copies_sent + copy_drops", mgm::copies_identity(sum));
}

void fill_row(const mgm::InterfaceSums &sum, mgm::v1::InterfaceCounters &row) {
    fill(sum, *row.mutable_totals());
    for (const mgm::VerdictText &verdict : mgm::kVerdicts) {
        const auto i = static_cast<std::size_t>(verdict.verdict);
        if (sum.verdicts[i] != 0)
            add_counter(*row.mutable_verdicts(), verdict.name, verdict.text, sum.verdicts[i]);
        if (sum.copy_drops[i] != 0)
            add_counter(*row.mutable_copy_drops(), verdict.name, verdict.text, sum.copy_drops[i]);
    }
}

} // namespace

void fill_interface_totals(const mgm::SegmentReader &segment, mgm::IfSlot slot,
                           mgm::v1::InterfaceTotals &totals) {
    fill(segment.interface_sums(slot), totals);
}

bool CounterPages::operator()(mgm::v1::ShowCountersResponse &page) {
    const bool is_first = !has_totals_;
    if (is_first)
        fill_totals(segment_, *page.mutable_totals());
    has_totals_ = true;
    if (!with_interfaces_)
        return is_first;
    for (; slot_ <= segment_.geometry().interfaces &&
           page.interfaces_size() < static_cast<int>(kInterfacesPerPage);
         ++slot_) {
        const std::optional<mgm::InterfaceCopy> interface =
            slot_ == 0 ? mgm::InterfaceCopy{} : segment_.interface(mgm::IfSlot{slot_});
        if (!interface)
            continue;
        mgm::v1::InterfaceCounters &row = *page.add_interfaces();
        row.set_index(static_cast<std::uint32_t>(interface->index));
        row.set_name(interface->name);
        fill_row(segment_.interface_sums(mgm::IfSlot{slot_}), row);
    }
    return is_first || page.interfaces_size() != 0;
}

void fill_workers(const mgm::SegmentReader &segment, mgm::v1::ShowWorkersResponse &response) {
    for (std::uint32_t id = 0; id < segment.geometry().workers; ++id) {
        const mgm::WorkerCopy copy = segment.worker(id);
        mgm::v1::Worker &worker = *response.add_workers();
        worker.set_id(id);
        worker.set_lcore(copy.lcore);
        worker.set_running(copy.is_running);
        worker.set_loops(copy.loops);
        worker.set_busy_loops(copy.busy_loops);
        worker.set_in_frames(copy.sums.in_frames);
        worker.set_out_frames(copy.sums.out_frames);
        for (std::size_t i = 0; i < mgm::kEventCount; ++i)
            add_counter(*worker.mutable_events(), mgm::kEventNames[i], "", copy.events[i]);
    }
}

} // namespace control::rpc
