// SPDX-License-Identifier: BSD-3-Clause
// The shared segment's memory: sized from a Geometry, created once by the daemon, attached
// read-only by others.
#pragma once

#include "mgm/result.hpp"
#include "mgm/tables.hpp"

#include <memory>
#include <string>
#include <vector>

namespace mgm {

/// Refuses capacities of 0 or too large, each with the key's name, the value and the range
/// (kInvalidArgument).
Result<void> validate(const Geometry &geometry);

/// Where everything lies: a pure function of the geometry, so that whoever attaches computes it
/// again instead of trusting what stands in the segment.
struct SegmentPlan {
    SegmentLayout layout;
    std::vector<WorkerLayout> workers;
};
SegmentPlan plan_of(const Geometry &geometry);
/// The plan's offsets and total size.
SegmentLayout layout_of(const Geometry &geometry);

/// Writes header, roots and empty tables into `base` (zeroed, layout_of(geometry).total_octets
/// long, 64-aligned) and leaves the state at kBuilding.
Tables initialise_segment(std::byte *base, const Geometry &geometry, const std::string &instance);

/// A segment in plain memory: unit tests, benchmarks.
class PrivateSegment {
public:
    explicit PrivateSegment(const Geometry &geometry);
    [[nodiscard]] Tables tables() const noexcept;

private:
    struct Free {
        void operator()(std::byte *base) const noexcept;
    };
    std::unique_ptr<std::byte, Free> memory_;
};

/// The daemon's segment in the memzone kSegmentZone. Primary process, after rte_eal_init.
class SharedSegment {
public:
    /// kNoMemory says how much was wanted and what to raise. kExists: another segment of this EAL
    /// instance is there.
    static Result<SharedSegment> create(const Geometry &geometry, const std::string &instance);
    SharedSegment(SharedSegment &&other) noexcept;
    SharedSegment &operator=(SharedSegment &&other) noexcept;
    ~SharedSegment(); ///< state kStopped, memzone freed
    [[nodiscard]] Tables tables() const noexcept { return tables_; }
    /// From here on others may attach (release store of kReady).
    void publish() noexcept;

private:
    explicit SharedSegment(const void *zone, Tables tables) noexcept
        : zone_(zone), tables_(tables) {}
    const void *zone_; ///< rte_memzone, nullptr after a move
    Tables tables_;
};

inline constexpr const char *kSegmentZone = "mgm_tables";

} // namespace mgm
