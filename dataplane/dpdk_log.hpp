// SPDX-License-Identifier: BSD-3-Clause
// Where DPDK's own log lines go: stderr, or, while a call that may fail is running, into a buffer,
// so that one clear line of ours can quote the driver's reason instead of a page of noise.
#pragma once

#include <string>

namespace dataplane {

/// From here on everything that DPDK logs goes to stderr (its default is stdout and syslog).
/// Idempotent.
void send_dpdk_log_to_stderr();

/// While alive, what the *calling thread* logs through DPDK is kept instead of printed. Not nested.
class DpdkLogCapture {
public:
    DpdkLogCapture();
    ~DpdkLogCapture();
    DpdkLogCapture(const DpdkLogCapture &) = delete;
    DpdkLogCapture &operator=(const DpdkLogCapture &) = delete;

    /// The captured lines as one: component prefixes and repeats dropped, joined by "; ".
    /// "" when nothing was logged.
    [[nodiscard]] std::string reason() const;

private:
    std::string text_;
};

/// While alive, nothing that the process prints to stdout or stderr is seen: for rte_eal_init,
/// which answers a wrong argument with a page of usage.
class OutputCapture {
public:
    OutputCapture();
    ~OutputCapture();
    OutputCapture(const OutputCapture &) = delete;
    OutputCapture &operator=(const OutputCapture &) = delete;

    /// What went to stderr.
    [[nodiscard]] std::string errors() const;

private:
    int errors_;
    int stdout_;
    int stderr_;
};

} // namespace dataplane
