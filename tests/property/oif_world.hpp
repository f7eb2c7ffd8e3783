// SPDX-License-Identifier: BSD-3-Clause
// Two workers that count by the data plane's own functions, entries whose olists change under them,
// and a naive account of what each oif was given.
#pragma once

#include "dataplane/count_entry.hpp"
#include "dataplane/lookup.hpp"
#include "dataplane/settle.hpp"
#include "dataplane/tx.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace mgm_test {

using namespace mgm;

/// What the tables should say of one entry.
struct NaiveEntry {
    unsigned life = 0; ///< how often it was made
    bool exists = false;
    std::vector<OifKey> olist; ///< sorted
    std::map<OifKey, OifSums> given;
    std::uint64_t packets = 0, dropped = 0;
};

/// The packets that one worker is at work on.
class OifWorker {
public:
    struct Packet {
        std::size_t entry;
        unsigned life;
        std::vector<OifKey> olist; ///< when it was looked up
    };
    OifWorker(std::uint32_t id, const Tables &tables) : context(id, tables, {}, nullptr) {}
    dataplane::Context context;
    dataplane::Burst burst;
    std::vector<Packet> packets;
};

class OifWorld {
public:
    static constexpr std::size_t kEntries = 4; ///< of both families
    static constexpr std::uint32_t kWorkers = 2;

    OifWorld();

    /// Does one thing; all that `dice` decides is decided by it.
    void step(unsigned what, std::uint32_t dice);
    /// All workers end what they have begun, then each entry's report is what it should be: before
    /// and after the tables notice that nobody is at work.
    void check();

private:
    void set_olist(std::size_t entry, std::uint32_t members);
    void remove(std::size_t entry);
    void begin_burst(OifWorker &worker, std::uint32_t dice);
    void end_burst(OifWorker &worker, std::uint32_t dice);
    void end_packet(OifWorker &worker, unsigned i, std::uint32_t dice);
    void end_all();
    void toggle_interface(std::uint32_t dice);
    [[nodiscard]] std::vector<OifSpec> oifs_of(std::uint32_t members) const;
    [[nodiscard]] std::vector<OifKey> olist_of(const ForwardSet &set) const;
    void compare(std::size_t entry) const;

    PrivateSegment segment_;
    Tables tables_;
    GracePeriod grace_;
    TableWriter writer_;
    std::array<NaiveEntry, kEntries> naive_;
    std::array<std::unique_ptr<OifWorker>, kWorkers> workers_;
    std::map<IfIndex, bool> interfaces_; ///< is it in the tables?
};

} // namespace mgm_test
