// SPDX-License-Identifier: BSD-3-Clause
// How many entries data may make, so that strangers who send take nothing from those who are
// wanted: a rate for each arrival interface, what may wait at a time in all and of each interface
// and source, and a threshold of live entries with an alarm. Private to the folder.
#pragma once

#include "control/manager/manager.hpp"

#include <array>
#include <map>
#include <tuple>

namespace control::manager {

class CreationLimits {
public:
    CreationLimits(const Options &options, std::pmr::memory_resource *memory)
        : options_(options), interfaces_(memory), sources_(memory) {}

    /// May an entry be made? A refusal is counted. Throws std::bad_alloc.
    [[nodiscard]] Refusal ask(const Arrival &arrival, Time now);
    /// An entry waits for answers from here on. Throws std::bad_alloc, and then nothing changed.
    void begins(mgm::IfIndex interface, const Key &key);
    void ends(mgm::IfIndex interface, const Key &key) noexcept;
    /// So many entries live. True: suppression began or ended with it.
    [[nodiscard]] bool entries_are(std::size_t count) noexcept;

    [[nodiscard]] bool is_suppressing() const noexcept { return is_suppressing_; }
    [[nodiscard]] const Refusals &refusals() const noexcept { return refusals_; }

private:
    struct Interface {
        Time second{}; ///< of `upcalls`
        std::uint32_t upcalls = 0;
        std::uint32_t waiting = 0;
    };
    struct Source {
        mgm::Vrf vrf{};
        mgm::IpAddress address;
        friend auto operator<=>(const Source &, const Source &) = default;
    };
    [[nodiscard]] Refusal judge(const Arrival &arrival, Time now);

    const Options &options_;
    std::pmr::map<mgm::IfIndex, Interface> interfaces_; ///< that ever had one: as many as there are
    std::pmr::map<Source, std::uint32_t> sources_;      ///< with entries that wait
    std::uint32_t waiting_ = 0;
    bool is_suppressing_ = false;
    Refusals refusals_{};
};

} // namespace control::manager
