// SPDX-License-Identifier: BSD-3-Clause
// Read-only attachment to a daemon's tables from another process: while it runs, while it is
// stopped, after it was killed.
//
// Takes 0.1 s with a running daemon, about 5 s with a stopped one (EAL asks it and gives up), never
// more than kAttachPatience. Says at once when there is no daemon or its start never completed.
// One attachment in a process's life: EAL can be started once.
#pragma once

#include "mgm/eal_instance.hpp"
#include "mgm/segment_reader.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace mgm {

inline constexpr std::chrono::milliseconds kAttachPatience{8500};

class Attachment {
public:
    /// `file_prefix`: the instance's name. kUnavailable: no daemon, its start never completed, no
    /// tables, or no answer in time. kVersionMismatch: DPDK or layout, with both versions.
    /// After a time-out EAL still hangs on a thread of its own: leave by std::_Exit().
    static Result<Attachment> open(const std::string &file_prefix,
                                   std::chrono::milliseconds patience = kAttachPatience);
    Attachment(Attachment &&) noexcept;
    Attachment &operator=(Attachment &&) noexcept;
    ~Attachment(); ///< leaves no file of ours behind

    [[nodiscard]] const SegmentReader &reader() const noexcept { return *reader_; }
    /// When it was attached to.
    [[nodiscard]] bool was_running() const noexcept;

private:
    class Eal;
    Attachment(std::unique_ptr<Eal> eal, SegmentReader reader);

    std::unique_ptr<Eal> eal_; ///< outlives the reader
    std::unique_ptr<SegmentReader> reader_;
};

} // namespace mgm
