// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/link_monitor.hpp"
#include "tests/unit/ports/environment.hpp"

#include <net/if.h>

using dataplane::LinkMonitor;
using port_tests::eventually;
using port_tests::ip;
using port_tests::Veth;

namespace {

bool is_up(LinkMonitor &monitor, unsigned index) {
    (void)monitor.read_changes();
    const auto *device = monitor.find(index);
    return device != nullptr && device->is_up;
}

} // namespace

TEST(LinkMonitor, KnowsDevicesThatWereThereBefore) {
    NEEDS_NAMESPACE();
    const Veth veth("lm37", "lm38");

    auto monitor = LinkMonitor::open();

    ASSERT_TRUE(monitor) << monitor.error().what;
    const auto *device = monitor->find(if_nametoindex("lm37"));
    ASSERT_NE(device, nullptr);
    EXPECT_EQ(device->name, "lm37");
    EXPECT_TRUE(eventually([&] { return is_up(*monitor, if_nametoindex("lm37")); }));
}

TEST(LinkMonitor, SeesTheCarrierGoWithThePeer) {
    NEEDS_NAMESPACE();
    const Veth veth("lm37", "lm38");
    auto monitor = LinkMonitor::open();
    ASSERT_TRUE(monitor);
    const unsigned index = if_nametoindex("lm37");

    ip("link set lm38 down");
    EXPECT_TRUE(eventually([&] { return !is_up(*monitor, index); }));

    ip("link set lm38 up");
    EXPECT_TRUE(eventually([&] { return is_up(*monitor, index); }));
}

TEST(LinkMonitor, TellsADeviceMadeAgainFromTheOldOne) {
    NEEDS_NAMESPACE();
    Veth veth("lm37", "lm38");
    auto monitor = LinkMonitor::open();
    ASSERT_TRUE(monitor);
    const unsigned before = if_nametoindex("lm37");

    veth.remove();
    const Veth again("lm37", "lm38");

    EXPECT_TRUE(eventually([&] { return is_up(*monitor, if_nametoindex("lm37")); }));
    EXPECT_EQ(monitor->find(before), nullptr);
}

TEST(LinkMonitor, ReadsAllAnewAfterMoreChangesThanItsSocketHolds) {
    NEEDS_NAMESPACE();
    auto monitor = LinkMonitor::open();
    ASSERT_TRUE(monitor);
    const Veth veth("lm37", "lm38");
    for (int i = 0; i < 150; ++i) { // nobody reads meanwhile
        ip("link set lm37 down");
        ip("link set lm37 up");
    }

    EXPECT_TRUE(eventually([&] { return is_up(*monitor, if_nametoindex("lm37")); }));
}
