// SPDX-License-Identifier: BSD-3-Clause
// Whatever way copies are made, the frames are those of the plain one, octet for octet, and so is
// every counter.
#include "replication_world.hpp"
#include "support/eal_environment.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

namespace replication {

// NOLINTNEXTLINE(readability-identifier-naming): RapidCheck looks for this name
void showValue(const OifPlan &oif, std::ostream &os) {
    os << "{port " << oif.port << " vlan " << oif.vlan << " mac " << oif.mac << " mtu " << oif.mtu
       << " threshold " << oif.ttl_threshold << (oif.is_up ? "" : " down")
       << (oif.takes_segments ? "" : " one segment") << (oif.has_boundary ? " boundary" : "")
       << " next hop " << oif.next_hop << "}";
}
// NOLINTNEXTLINE(readability-identifier-naming): RapidCheck looks for this name
void showValue(const PacketPlan &packet, std::ostream &os) {
    os << "{IPv" << (packet.is_ipv6 ? 6 : 4) << " group " << packet.group << " octets "
       << packet.octets << " ttl " << packet.ttl << (packet.dont_fragment ? " DF" : "")
       << (packet.is_tagged_zero ? " tag 0" : "") << (packet.is_padded ? " padded" : "")
       << (packet.is_bad ? " bad" : "") << "}";
}
// NOLINTNEXTLINE(readability-identifier-naming): RapidCheck looks for this name
void showValue(const Plan &plan, std::ostream &os) {
    os << "oifs ";
    rc::show(plan.oifs, os);
    os << "\nolists ";
    rc::show(plan.olists, os);
    os << "\nbursts ";
    rc::show(plan.bursts, os);
    os << "\nrooms ";
    rc::show(plan.rooms, os);
}

namespace {

using namespace rc;

/// Most are alike, so that many copies share a frame; each differs from the others in few ways.
Gen<OifPlan> any_oif() {
    return gen::build<OifPlan>(
        gen::set(&OifPlan::port, gen::inRange(0U, 29U)),
        gen::set(&OifPlan::vlan, gen::weightedElement<std::uint16_t>({{3, 0}, {1, 7}, {1, 4094}})),
        gen::set(&OifPlan::mac, gen::weightedElement<unsigned>({{4, 0}, {1, 1}, {1, 2}})),
        gen::set(&OifPlan::mtu,
                 gen::weightedElement<std::uint16_t>({{8, 9600}, {3, 1500}, {1, 1280}})),
        gen::set(&OifPlan::ttl_threshold,
                 gen::weightedElement<std::uint16_t>({{60, 1}, {4, 16}, {1, 256}})),
        gen::set(&OifPlan::is_up, gen::weightedElement<bool>({{15, true}, {1, false}})),
        gen::set(&OifPlan::takes_segments, gen::weightedElement<bool>({{4, true}, {1, false}})),
        gen::set(&OifPlan::has_boundary, gen::weightedElement<bool>({{15, false}, {1, true}})),
        gen::set(&OifPlan::next_hop, gen::weightedElement<unsigned>({{60, 0}, {4, 1}, {1, 2}})));
}

Gen<PacketPlan> any_packet() {
    return gen::build<PacketPlan>(
        gen::set(&PacketPlan::is_ipv6, gen::weightedElement<bool>({{2, false}, {1, true}})),
        gen::set(&PacketPlan::group, gen::weightedElement<unsigned>({{4, 0}, {2, 1}, {1, 2}})),
        gen::set(&PacketPlan::octets,
                 gen::oneOf(gen::inRange(55U, 300U), gen::inRange(60U, 9001U),
                            gen::element(60U, 64U, 65U, 110U, 252U, 256U, 257U, 1514U, 9000U))),
        gen::set(&PacketPlan::ttl,
                 gen::weightedElement<unsigned>({{6, 64}, {1, 16}, {1, 17}, {1, 2}, {1, 1}})),
        gen::set(&PacketPlan::dont_fragment, gen::arbitrary<bool>()),
        gen::set(&PacketPlan::is_tagged_zero, gen::weightedElement<bool>({{9, false}, {1, true}})),
        gen::set(&PacketPlan::is_padded, gen::weightedElement<bool>({{9, false}, {1, true}})),
        gen::set(&PacketPlan::is_bad, gen::weightedElement<bool>({{19, false}, {1, true}})));
}

/// One interface for each (port, VLAN); with `is_alone` one for each port.
std::vector<OifPlan> without_clashes(std::vector<OifPlan> oifs, bool is_alone) {
    std::set<std::pair<unsigned, std::uint16_t>> taken;
    std::erase_if(oifs, [&](const OifPlan &oif) {
        return !taken.emplace(oif.port, is_alone ? std::uint16_t{0} : oif.vlan).second;
    });
    return oifs;
}

/// `are_full`: some ports refuse frames. Which copies of several on one port those are depends on
/// the way, so then each port has one interface.
Plan any_plan(bool are_full) {
    Plan plan;
    plan.oifs = without_clashes(*gen::resize(30, gen::container<std::vector<OifPlan>>(any_oif())),
                                are_full);
    for (unsigned group = 0; group < Plan::kGroups; ++group) {
        std::vector<unsigned> olist;
        const bool is_whole = *gen::arbitrary<bool>();
        for (unsigned k = 0; k < plan.oifs.size(); ++k)
            if (is_whole || *gen::arbitrary<bool>())
                olist.push_back(k);
        plan.olists.push_back(std::move(olist));
    }
    plan.bursts = *gen::resize(4, gen::container<std::vector<std::vector<PacketPlan>>>(gen::resize(
                                      40, gen::container<std::vector<PacketPlan>>(any_packet()))));
    plan.rooms.assign(29, -1);
    if (are_full)
        for (int &room : plan.rooms)
            room = *gen::weightedOneOf<int>(
                {{2, gen::just(-1)}, {1, gen::just(0)}, {2, gen::inRange(1, 40)}});
    return plan;
}

unsigned heads_used = 0; ///< by all plans of one test

void compare(const Plan &plan) {
    const Outcome plain = run(plan, Way::kPlain);
    const Outcome programs = run(plan, Way::kPrograms);
    RC_ASSERT(programs.sent == plain.sent);
    RC_ASSERT(programs.counters == plain.counters);
    RC_ASSERT(programs.oifs == plain.oifs);
    RC_ASSERT(plain.heads_used == 0U);
    heads_used += programs.heads_used;
}

TEST(ReplicationProperty_S6, ProgramsMakeTheFramesAndTheAccountsOfPlainCopies) {
    heads_used = 0;
    EXPECT_TRUE(rc::check([] { compare(any_plan(false)); }));
    EXPECT_GT(heads_used, 1000U) << "programs hardly ran";
}

TEST(ReplicationProperty_S6, PortsThatRefuseFramesCostTheSameCopiesWhateverTheWay) {
    heads_used = 0;
    EXPECT_TRUE(rc::check([] { compare(any_plan(true)); }));
    EXPECT_GT(heads_used, 1000U) << "programs hardly ran";
}

} // namespace
} // namespace replication

int main(int argc, char **argv) {
    ::testing::InitGoogleTest(&argc, argv);
    support::start_eal();
    return RUN_ALL_TESTS();
}
