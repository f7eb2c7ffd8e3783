// SPDX-License-Identifier: BSD-3-Clause
#include "manager_commands.hpp"

#include "manager_world.hpp"

#include <algorithm>
#include <numeric>
#include <ostream>
#include <string_view>

namespace mgm_test {
namespace {

struct Weight {
    Act act;
    unsigned weight;
    std::string_view name;
};
constexpr std::array<Weight, 19> kWeights{{{Act::kReply, 18, "reply"},
                                           {Act::kTake, 13, "take"},
                                           {Act::kAdd, 19, "add"},
                                           {Act::kNewSource, 13, "new source"},
                                           {Act::kRemove, 11, "remove"},
                                           {Act::kRelease, 6, "release"},
                                           {Act::kUpdate, 5, "update"},
                                           {Act::kRoute, 5, "route"},
                                           {Act::kAdvance, 6, "advance"},
                                           {Act::kWrongInterface, 2, "wrong interface"},
                                           {Act::kRegister, 4, "register"},
                                           {Act::kDeregister, 2, "deregister"},
                                           {Act::kDie, 3, "die"},
                                           {Act::kRemoveInterface, 1, "remove interface"},
                                           {Act::kEnumerate, 3, "enumerate"},
                                           {Act::kAddRoute, 8, "add route"},
                                           {Act::kChangeRoute, 4, "change route"},
                                           {Act::kRemoveRoute, 4, "remove route"},
                                           {Act::kReconciled, 2, "reconciled"}}};
constexpr unsigned kWeightOfAll =
    std::accumulate(kWeights.begin(), kWeights.end(), 0U,
                    [](unsigned sum, const Weight &weight) { return sum + weight.weight; });

/// The first commands of a sequence take links: little happens before.
Act any_act(std::size_t position, std::uint64_t bits) {
    if (position < 4 && bits % 4 != 0)
        return Act::kTake;
    unsigned at = static_cast<unsigned>(bits / 4 % kWeightOfAll);
    for (const Weight &weight : kWeights) {
        if (at < weight.weight)
            return weight.act;
        at -= weight.weight;
    }
    return Act::kReply;
}

Command any_command(std::size_t position, std::uint64_t bits, bool fails) {
    const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(bits >> shift); };
    Command command{.act = any_act(position, bits & 0xffffU),
                    .client = octet(16),
                    .link = octet(24),
                    .key = octet(32),
                    .option = octet(40),
                    .more = octet(48)};
    if (fails && octet(56) < 96)
        command.memory = static_cast<std::uint8_t>(1 + octet(56) % 24);
    return command;
}

Command about(const Command &same, Command command) {
    command.client = same.client;
    command.link = same.link;
    command.key = same.key;
    return command;
}

struct Shrink {
    rc::Seq<Command> operator()(const Command &command) const {
        std::vector<Command> simpler;
        for (std::uint8_t Command::*const part :
             {&Command::memory, &Command::more, &Command::option, &Command::client, &Command::key,
              &Command::link})
            for (const int value : {0, command.*part / 2, command.*part - 1})
                if (value >= 0 && value < command.*part) {
                    simpler.push_back(command);
                    simpler.back().*part = static_cast<std::uint8_t>(value);
                }
        return rc::seq::fromContainer(std::move(simpler));
    }
};

rc::Seq<Sequence> simpler(const Sequence &sequence) {
    const auto with = [is_busy = sequence.is_busy](std::vector<Command> commands) {
        return Sequence{is_busy, std::move(commands)};
    };
    return rc::seq::map(rc::seq::concat(rc::shrink::removeChunks(sequence.commands),
                                        rc::shrink::eachElement(sequence.commands, Shrink{})),
                        with);
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): rapidcheck's name
void showValue(const Command &command, std::ostream &out) {
    const auto *const weight = std::find_if(kWeights.begin(), kWeights.end(),
                                            [&](const Weight &w) { return w.act == command.act; });
    out << fmt::format("{{{}: client {}, link {}, key {}, option {}, more {}, memory {}}}",
                       weight->name, command.client, command.link, command.key, command.option,
                       command.more, command.memory);
}

// NOLINTNEXTLINE(readability-identifier-naming): rapidcheck's name
void showValue(const Sequence &sequence, std::ostream &out) {
    out << (sequence.is_busy ? "with traffic" : "without traffic");
    for (const Command &command : sequence.commands) {
        out << "\n  ";
        showValue(command, out);
    }
}

/// Written by hand, not of rapidcheck's parts: those take longer for a command than the manager
/// does.
rc::Gen<Sequence> any_sequence(bool fails) {
    return [fails](const rc::Random &random, int size) {
        rc::Random numbers = random;
        const std::uint64_t head = numbers.next();
        Sequence sequence{head % 2 == 0, {}};
        const std::size_t length = 3 + head / 2 % static_cast<std::size_t>(8 + size / 2);
        for (std::size_t i = 0; i < length; ++i) {
            Command command = any_command(i, numbers.next(), fails);
            if (i != 0 &&
                numbers.next() % 4 == 0) // what follows one another is often about the same
                command = about(sequence.commands.back(), command);
            sequence.commands.push_back(command);
        }
        return rc::shrinkable::shrinkRecur(std::move(sequence), &simpler);
    };
}

} // namespace mgm_test
