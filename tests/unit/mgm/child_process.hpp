// SPDX-License-Identifier: BSD-3-Clause
// A program with pipes on its standard input and output, killed when it goes out of scope.
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mgm_test {

class ChildProcess {
public:
    explicit ChildProcess(std::vector<std::string> command) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
            return;
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
        std::vector<char *> argv;
        argv.reserve(command.size() + 1);
        for (std::string &word : command)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        if (posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0)
            pid_ = -1;
        posix_spawn_file_actions_destroy(&actions);
        close(in[0]);
        close(out[1]);
        input_ = in[1];
        output_ = out[0];
    }
    ~ChildProcess() {
        send(SIGCONT); // a stopped one would not read its end of input
        send(SIGKILL);
        wait();
        close_input();
        close(output_);
    }
    ChildProcess(const ChildProcess &) = delete;
    ChildProcess &operator=(const ChildProcess &) = delete;

    void send(int signal) const {
        if (pid_ > 0)
            kill(pid_, signal);
    }
    void close_input() {
        if (input_ >= 0)
            close(input_);
        input_ = -1;
    }
    void wait() {
        if (pid_ > 0)
            waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    /// The next line, without its end; empty at the end of output or after the deadline.
    std::string read_line(std::chrono::milliseconds deadline) {
        const auto until = std::chrono::steady_clock::now() + deadline;
        std::string line;
        char letter = 0;
        while (is_readable(until) && read(output_, &letter, 1) == 1 && letter != '\n')
            line += letter;
        return line;
    }

private:
    [[nodiscard]] bool is_readable(std::chrono::steady_clock::time_point until) const {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd wanted{output_, POLLIN, 0};
        return left.count() > 0 && poll(&wanted, 1, static_cast<int>(left.count())) == 1;
    }

    pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
};

} // namespace mgm_test
