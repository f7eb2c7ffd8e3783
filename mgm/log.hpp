// SPDX-License-Identifier: BSD-3-Clause
// fmt -> rte_log, one registered type per file: `const mgm::Log kLog("mgm.control");` So
// --log-level=mgm.control:debug works for our lines as for DPDK's. Control path only.
//
// error = lost function, warning = degraded, notice = life-cycle, info = state changes, debug = per
// message. A repeated event logs once and then counts.
#pragma once

#include <fmt/format.h>
#include <rte_log.h>

#include <cstdint>
#include <string>
#include <utility>

namespace mgm {

class Log {
public:
    explicit Log(const char *name) noexcept
        : name_(name), type_(rte_log_register_type_and_pick_level(name, RTE_LOG_INFO)) {}

    template <class... Args>
    void error(fmt::format_string<Args...> format, Args &&...args) const {
        write(RTE_LOG_ERR, "error", format, std::forward<Args>(args)...);
    }
    template <class... Args>
    void warning(fmt::format_string<Args...> format, Args &&...args) const {
        write(RTE_LOG_WARNING, "warning", format, std::forward<Args>(args)...);
    }
    template <class... Args>
    void notice(fmt::format_string<Args...> format, Args &&...args) const {
        write(RTE_LOG_NOTICE, "notice", format, std::forward<Args>(args)...);
    }
    template <class... Args>
    void info(fmt::format_string<Args...> format, Args &&...args) const {
        write(RTE_LOG_INFO, "info", format, std::forward<Args>(args)...);
    }
    template <class... Args>
    void debug(fmt::format_string<Args...> format, Args &&...args) const {
        write(RTE_LOG_DEBUG, "debug", format, std::forward<Args>(args)...);
    }

private:
    template <class... Args>
    void write(std::uint32_t level, const char *word, fmt::format_string<Args...> format,
               Args &&...args) const {
        if (type_ < 0 || !rte_log_can_log(static_cast<std::uint32_t>(type_), level))
            return;
        const std::string text = fmt::format(format, std::forward<Args>(args)...);
        rte_log(level, static_cast<std::uint32_t>(type_), "%s: %s: %s\n", name_, word,
                text.c_str());
    }

    const char *name_;
    int type_;
};

} // namespace mgm
