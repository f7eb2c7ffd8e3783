// SPDX-License-Identifier: BSD-3-Clause
#include "control/client/module.hpp"

#include "control/client/c_api.hpp"
#include "control/client/include/mgm_ext.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include <dlfcn.h>

namespace control {

struct ProtocolModule::State {
    std::string path;
    std::vector<std::string> arguments;
    decltype(&MgmExtMain) main = nullptr;
    std::mutex mutex;
    std::condition_variable changed;
    bool is_stopping = false;
    bool has_returned = false;
    std::thread thread;

    /// On the module's thread.
    void run();
};

namespace {

/// The module whose thread this is: MgmExtWaitForStop() has no argument.
thread_local const std::function<void()> *wait_for_stop = nullptr;

} // namespace

void ProtocolModule::State::run() {
    const std::function<void()> wait = [this] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return is_stopping; });
    };
    wait_for_stop = &wait;
    std::vector<char *> argv{path.data()};
    for (std::string &argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    main(static_cast<int>(argv.size()) - 1, argv.data());
    end_registrations_of_this_thread();
    const std::scoped_lock lock(mutex);
    has_returned = true;
    changed.notify_all();
}

mgm::Result<std::unique_ptr<ProtocolModule>>
ProtocolModule::start(const std::string &path, const std::vector<std::string> &arguments) {
    // Never unloaded: a callback of it may still run when its thread has ended.
    void *library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps one text a thread
        const char *reason = ::dlerror();
        return mgm::fail(mgm::Errc::kNotFound, "module {} cannot be loaded: {}", path, reason);
    }
    void *entry = ::dlsym(library, "MgmExtMain");
    if (entry == nullptr)
        return mgm::fail(mgm::Errc::kNotFound,
                         "module {} has no function MgmExtMain (see mgm_ext.h)", path);
    auto state = std::make_shared<State>();
    state->path = path;
    state->arguments = arguments;
    state->main = reinterpret_cast<decltype(state->main)>(entry);
    state->thread = std::thread([state] { state->run(); });
    return std::unique_ptr<ProtocolModule>(new ProtocolModule(std::move(state)));
}

ProtocolModule::~ProtocolModule() {
    stop();
}

const std::string &ProtocolModule::path() const noexcept {
    return state_->path;
}

bool ProtocolModule::stop() {
    if (!state_->thread.joinable())
        return state_->has_returned;
    std::unique_lock lock(state_->mutex);
    state_->is_stopping = true;
    state_->changed.notify_all();
    const bool has_returned =
        state_->changed.wait_for(lock, kPatience, [this] { return state_->has_returned; });
    lock.unlock();
    if (has_returned)
        state_->thread.join();
    else
        state_->thread.detach();
    return has_returned;
}

} // namespace control

using namespace control;

DWORD MgmExtWaitForStop(void) {
    if (wait_for_stop == nullptr)
        return ERROR_CAN_NOT_COMPLETE; // not the thread that runs MgmExtMain
    (*wait_for_stop)();
    return NO_ERROR;
}
