// SPDX-License-Identifier: BSD-3-Clause
// The functions of the scene's clients.
#include "tests/unit/client/scene.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <atomic>
#include <thread>
#include <utility>

namespace client_tests {

namespace {

constexpr DWORD kHostMask = 0xffff'ffff;
constexpr DWORD kIgnored = 4711; // what a callback returns means nothing (mgm-spec 1.8)

constexpr std::size_t kMost = 8;
std::array<std::atomic<Program *>, kMost> programs;
std::array<std::atomic<unsigned>, kMost> uses;

/// While it lives, so does the client.
class Use {
public:
    explicit Use(std::size_t number) : uses_(uses.at(number)) {
        ++uses_; // before the look at the client: its end does it the other way round
        program_ = programs.at(number);
    }
    ~Use() { --uses_; }
    Use(const Use &) = delete;
    Use &operator=(const Use &) = delete;
    [[nodiscard]] Program *get() const { return program_; }

private:
    std::atomic<unsigned> &uses_;
    Program *program_;
};

std::string key(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask) {
    return fmt::format("({},{})", name_of(source, source_mask), name_of(group, group_mask));
}

const char *truth(BOOL value) {
    return value == TRUE ? "TRUE" : value == FALSE ? "FALSE" : "neither TRUE nor FALSE";
}

} // namespace

/// What comes back through pointers.
struct Answers {
    static DWORD told(const Use &use, const std::string &callback) {
        if (use.get() != nullptr)
            use.get()->called(callback);
        return kIgnored;
    }
    static DWORD rpf(const Use &use, const std::string &callback, PDWORD in) {
        told(use, callback);
        if (const auto answer = read(use, &Program::rpf_))
            *in = *answer;
        return kIgnored;
    }
    static DWORD creation(const Use &use, std::string callback, DWORD count, PMGM_IF_ENTRY oifs) {
        std::vector<std::string> names;
        for (DWORD i = 0; i < count; ++i) {
            names.push_back(name_of_link(oifs[i].dwIfIndex, oifs[i].dwIfNextHopAddr) +
                            (oifs[i].bIGMP == TRUE ? "+IGMP" : ""));
            EXPECT_EQ(oifs[i].bIsEnabled, TRUE);
        }
        callback += fmt::format("[{}])", fmt::join(names, ","));
        told(use, callback);
        const std::set<DWORD> vetoed = read(use, &Program::vetoed_);
        for (DWORD i = 0; i < count; ++i)
            if (vetoed.contains(oifs[i].dwIfIndex))
                oifs[i].bIsEnabled = FALSE;
        return kIgnored;
    }
    static DWORD prune(const Use &use, const std::string &callback, PDWORD timeout) {
        told(use, callback);
        if (const auto answer = read(use, &Program::timeout_))
            *timeout = *answer;
        return kIgnored;
    }

private:
    template <class T>
    static T read(const Use &use, T Program::*member) {
        if (use.get() == nullptr)
            return {};
        const std::scoped_lock lock(use.get()->mutex_);
        return use.get()->*member;
    }
};

/// The functions of one client.
template <std::size_t N>
struct Functions {
    static DWORD rpf(DWORD s, DWORD sm, DWORD g, DWORD gm, PDWORD in, PDWORD next_hop, PDWORD,
                     DWORD size, PBYTE header, PBYTE route) {
        EXPECT_EQ(size, 20U);
        EXPECT_EQ(header[0], 0x45);
        EXPECT_NE(route, nullptr);
        return Answers::rpf(
            Use(N), fmt::format("RPF({},{})", key(s, sm, g, gm), name_of_link(*in, *next_hop)), in);
    }
    static DWORD creation(DWORD s, DWORD sm, DWORD g, DWORD gm, DWORD in, DWORD next_hop,
                          DWORD count, PMGM_IF_ENTRY oifs) {
        return Answers::creation(
            Use(N), fmt::format("CREATION({},{},", key(s, sm, g, gm), name_of_link(in, next_hop)),
            count, oifs);
    }
    static DWORD prune(DWORD s, DWORD sm, DWORD g, DWORD gm, DWORD interface, DWORD next_hop,
                       BOOL is_delete, PDWORD timeout) {
        std::string callback = fmt::format("P({},{},{}", key(s, sm, g, gm),
                                           name_of_link(interface, next_hop), truth(is_delete));
        callback += is_delete == TRUE ? ")" : fmt::format(",{})", *timeout);
        return Answers::prune(Use(N), callback, timeout);
    }
    static DWORD join(DWORD s, DWORD sm, DWORD g, DWORD gm, BOOL is_update) {
        return Answers::told(Use(N), fmt::format("J({},{})", key(s, sm, g, gm), truth(is_update)));
    }
    static DWORD wrong_if(DWORD s, DWORD g, DWORD interface, DWORD next_hop, DWORD size,
                          PBYTE header) {
        EXPECT_EQ(size, 20U);
        EXPECT_EQ(header[0], 0x45);
        return Answers::told(Use(N), fmt::format("WRONG_IF({},{})", key(s, kHostMask, g, kHostMask),
                                                 name_of_link(interface, next_hop)));
    }
    static DWORD local_join(DWORD s, DWORD sm, DWORD g, DWORD gm, DWORD interface, DWORD next_hop) {
        return Answers::told(
            Use(N), fmt::format("LJ({},{})", key(s, sm, g, gm), name_of_link(interface, next_hop)));
    }
    static DWORD local_leave(DWORD s, DWORD sm, DWORD g, DWORD gm, DWORD interface,
                             DWORD next_hop) {
        return Answers::told(
            Use(N), fmt::format("LL({},{})", key(s, sm, g, gm), name_of_link(interface, next_hop)));
    }
    static DWORD disable(DWORD interface, DWORD next_hop) {
        return Answers::told(Use(N), fmt::format("DISABLE({})", name_of_link(interface, next_hop)));
    }
    static DWORD enable(DWORD interface, DWORD next_hop) {
        return Answers::told(Use(N), fmt::format("ENABLE({})", name_of_link(interface, next_hop)));
    }

    static constexpr ROUTING_PROTOCOL_CONFIG kAll{
        0, rpf, creation, prune, join, wrong_if, local_join, local_leave, disable, enable};
};

namespace {

template <std::size_t... N>
ROUTING_PROTOCOL_CONFIG set_of_functions(std::size_t number, std::index_sequence<N...>) {
    return std::array{Functions<N>::kAll...}.at(number);
}

} // namespace

ROUTING_PROTOCOL_CONFIG Program::take_functions(Program *program) {
    std::size_t number = 0;
    while (programs.at(number) != nullptr)
        ++number;
    programs.at(number) = program;
    return set_of_functions(number, std::make_index_sequence<kMost>());
}

Program::Program(std::string called, DWORD its_protocol, DWORD its_component)
    : name(std::move(called)),
      protocol(its_protocol),
      component(its_component),
      functions(take_functions(this)),
      config{} {
    if ((protocol & 0xffffU) != PROTO_IP_IGMP) {
        config = functions;
        config.pfnDisableIgmpCallback = nullptr;
        config.pfnEnableIgmpCallback = nullptr;
    } else {
        config.pfnDisableIgmpCallback = functions.pfnDisableIgmpCallback;
        config.pfnEnableIgmpCallback = functions.pfnEnableIgmpCallback;
    }
}

std::vector<Program *> all_programs() {
    std::vector<Program *> all;
    for (const std::atomic<Program *> &program : programs)
        if (program != nullptr)
            all.push_back(program);
    return all;
}

Program::~Program() {
    for (std::size_t i = 0; i < kMost; ++i)
        if (programs.at(i) == this) {
            programs.at(i) = nullptr;
            while (uses.at(i) != 0)
                std::this_thread::yield();
        }
}

DWORD Program::open() {
    return MgmRegisterMProtocol(&config, protocol, component, &handle);
}

void Program::called(const std::string &callback) {
    std::unique_lock lock(mutex_);
    EXPECT_FALSE(std::exchange(is_in_callback_, true)) << name << " is told two things at once";
    told_.push_back(callback);
    held_ = callback;
    changed_.notify_all();
    changed_.wait(lock, [&] { return to_hold_.empty() || !callback.starts_with(to_hold_); });
    held_.clear();
    const auto body = inside_;
    lock.unlock();
    if (body)
        body(callback);
    lock.lock();
    is_in_callback_ = false;
}

void Program::hold(const std::string &beginning) {
    const std::scoped_lock lock(mutex_);
    to_hold_ = beginning;
    changed_.notify_all();
}

void Program::wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
        return !to_hold_.empty() && !held_.empty() && held_.starts_with(to_hold_);
    });
}

void Program::let_go() {
    const std::scoped_lock lock(mutex_);
    to_hold_.clear();
    changed_.notify_all();
}

void Program::inside(std::function<void(const std::string &)> body) {
    const std::scoped_lock lock(mutex_);
    inside_ = std::move(body);
}

void Program::answers_rpf(DWORD interface) {
    const std::scoped_lock lock(mutex_);
    rpf_ = interface;
}

void Program::vetoes(std::set<DWORD> interfaces) {
    const std::scoped_lock lock(mutex_);
    vetoed_ = std::move(interfaces);
}

void Program::answers_prune(DWORD seconds) {
    const std::scoped_lock lock(mutex_);
    timeout_ = seconds;
}

std::vector<std::string> Program::take_told() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(told_, {});
}

} // namespace client_tests
