// SPDX-License-Identifier: BSD-3-Clause
#include "control/rpc/segment_copy.hpp"
#include "control/rpc/segment_pages.hpp"

#include <array>

namespace control::rpc {

namespace {

constexpr std::uint32_t kInterfacesPerPage = 100;

/// InterfaceCounters as plain numbers, summed over workers.
struct Sum {
    std::uint64_t in_frames = 0, in_octets = 0, out_frames = 0, out_octets = 0;
    std::uint64_t copies_wanted = 0, copies_sent = 0;
    std::array<std::uint64_t, mgm::kVerdictCount> verdicts{};
    std::array<std::uint64_t, mgm::kVerdictCount> copy_drops{};

    void add(const mgm::InterfaceCounters &counters) noexcept {
        in_frames += counters.in_frames.read();
        in_octets += counters.in_octets.read();
        out_frames += counters.out_frames.read();
        out_octets += counters.out_octets.read();
        copies_wanted += counters.copies_wanted.read();
        copies_sent += counters.copies_sent.read();
        for (std::size_t i = 0; i < mgm::kVerdictCount; ++i) {
            verdicts[i] += counters.verdicts[i].read();
            copy_drops[i] += counters.copy_drops[i].read();
        }
    }
};

Sum sum_of(mgm::Tables tables, mgm::IfSlot slot) {
    Sum sum;
    for (std::uint32_t worker = 0; worker < tables.geometry().workers; ++worker)
        sum.add(tables.interface_counters(worker, slot));
    return sum;
}

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

void fill(const Sum &sum, mgm::v1::InterfaceTotals &totals) {
    totals.set_in_frames(sum.in_frames);
    totals.set_in_octets(sum.in_octets);
    totals.set_out_frames(sum.out_frames);
    totals.set_out_octets(sum.out_octets);
    totals.set_copies_wanted(sum.copies_wanted);
    totals.set_copies_sent(sum.copies_sent);
}

void add_identity(mgm::v1::CounterTotals &totals, const char *text, std::uint64_t left,
                  std::uint64_t right) {
    mgm::v1::Identity &identity = *totals.add_identities();
    identity.set_text(text);
    identity.set_left(left);
    identity.set_right(right);
    identity.set_exact(left == right);
}

void fill_totals(mgm::Tables tables, mgm::v1::CounterTotals &totals) {
    Sum sum;
    std::array<std::uint64_t, mgm::kEventCount> events{};
    for (std::uint32_t worker = 0; worker < tables.geometry().workers; ++worker) {
        for (std::uint32_t slot = 0; slot <= tables.geometry().interfaces; ++slot)
            sum.add(tables.interface_counters(worker, mgm::IfSlot{slot}));
        for (std::size_t i = 0; i < mgm::kEventCount; ++i)
            events[i] += tables.worker_status(worker).events[i].read();
    }
    totals.set_received(sum.in_frames);
    totals.set_received_octets(sum.in_octets);
    totals.set_copies_wanted(sum.copies_wanted);
    totals.set_copies_sent(sum.copies_sent);
    totals.set_out_frames(sum.out_frames);
    totals.set_out_octets(sum.out_octets);
    std::uint64_t settled = 0;
    std::uint64_t copies = sum.copies_sent;
    for (const mgm::VerdictText &verdict : mgm::kVerdicts) {
        const auto i = static_cast<std::size_t>(verdict.verdict);
        settled += sum.verdicts[i];
        add_counter(*totals.mutable_verdicts(), verdict.name, verdict.text, sum.verdicts[i]);
        if (!is_copy_loss(i))
            continue;
        copies += sum.copy_drops[i];
        add_counter(*totals.mutable_copy_drops(), verdict.name, verdict.text, sum.copy_drops[i]);
    }
    for (std::size_t i = 0; i < mgm::kEventCount; ++i)
        add_counter(*totals.mutable_events(), mgm::kEventNames[i], "", events[i]);
    add_identity(totals, "received = forwarded + punted + held + drops", sum.in_frames, settled);
    add_identity(totals, "copies_wanted = copies_sent + copy_drops", sum.copies_wanted, copies);
}

void fill_row(const Sum &sum, mgm::v1::InterfaceCounters &row) {
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

void fill_interface_totals(mgm::Tables tables, mgm::IfSlot slot, mgm::v1::InterfaceTotals &totals) {
    fill(sum_of(tables, slot), totals);
}

bool CounterPages::operator()(mgm::v1::ShowCountersResponse &page) {
    const bool is_first = !has_totals_;
    if (is_first)
        fill_totals(tables_, *page.mutable_totals());
    has_totals_ = true;
    if (!with_interfaces_)
        return is_first;
    for (; slot_ <= tables_.geometry().interfaces &&
           page.interfaces_size() < static_cast<int>(kInterfacesPerPage);
         ++slot_) {
        const std::optional<InterfaceCopy> interface =
            slot_ == 0 ? InterfaceCopy{} : copy_interface(tables_, mgm::IfSlot{slot_});
        if (!interface)
            continue;
        mgm::v1::InterfaceCounters &row = *page.add_interfaces();
        row.set_index(static_cast<std::uint32_t>(interface->index));
        row.set_name(interface->name);
        fill_row(sum_of(tables_, mgm::IfSlot{slot_}), row);
    }
    return is_first || page.interfaces_size() != 0;
}

void fill_workers(mgm::Tables tables, mgm::v1::ShowWorkersResponse &response) {
    for (std::uint32_t id = 0; id < tables.geometry().workers; ++id) {
        const mgm::WorkerStatus &status = tables.worker_status(id);
        mgm::v1::Worker &worker = *response.add_workers();
        worker.set_id(id);
        // relaxed: two numbers for people, they order nothing
        worker.set_lcore(status.lcore.load(std::memory_order_relaxed));
        worker.set_running(status.running.load(std::memory_order_relaxed) !=
                           0); // relaxed: as above
        worker.set_loops(status.loops.read());
        worker.set_busy_loops(status.busy_loops.read());
        std::uint64_t in_frames = 0;
        std::uint64_t out_frames = 0;
        for (std::uint32_t slot = 0; slot <= tables.geometry().interfaces; ++slot) {
            in_frames += tables.interface_counters(id, mgm::IfSlot{slot}).in_frames.read();
            out_frames += tables.interface_counters(id, mgm::IfSlot{slot}).out_frames.read();
        }
        worker.set_in_frames(in_frames);
        worker.set_out_frames(out_frames);
        for (std::size_t i = 0; i < mgm::kEventCount; ++i)
            add_counter(*worker.mutable_events(), mgm::kEventNames[i], "", status.events[i].read());
    }
}

} // namespace control::rpc
