// SPDX-License-Identifier: BSD-3-Clause
#include "control/protocol_modules.hpp"

#include "control/client/c_api.hpp"
#include "mgm/log.hpp"

#include <atomic>
#include <thread>
#include <utility>

namespace control {

namespace {

const mgm::Log kLog("mgm.protocols");

} // namespace

mgm::Result<void> ProtocolModules::start(Transport &transport,
                                         const std::vector<ProtocolModuleSpec> &specs) {
    bind_c_api(&transport);
    for (const ProtocolModuleSpec &spec : specs) {
        auto module = ProtocolModule::start(spec.path, spec.arguments);
        if (!module)
            return tl::unexpected<mgm::Error>(std::move(module.error()));
        kLog.notice("started protocol {}", spec.path);
        modules_.push_back(std::move(*module));
    }
    return {};
}

void ProtocolModules::stop(const std::function<void()> &turn) {
    std::atomic<bool> is_done{modules_.empty()};
    std::thread stopper([&] {
        for (const std::unique_ptr<ProtocolModule> &module : modules_)
            if (!module->stop())
                kLog.error("protocol {} does not end within {} s: it is left alone", module->path(),
                           ProtocolModule::kPatience.count());
        is_done = true;
    });
    while (!is_done)
        turn();
    stopper.join();
    modules_.clear();
}

} // namespace control
