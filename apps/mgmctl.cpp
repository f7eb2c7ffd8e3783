// SPDX-License-Identifier: BSD-3-Clause
// mgmctl: what a running mgmd does, for operators and scripts. Options -> source -> print.
#include "apps/mgmctl_attach.hpp"
#include "apps/mgmctl_show.hpp"
#include "apps/mgmctl_source.hpp"
#include "control/rpc/segment_pages.hpp"
#include "control/rpc/socket_file.hpp"
#include "mgm/attach.hpp"
#include "mgm/types.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>

namespace {

enum ExitCode : int {
    kDone = 0,
    kRefused = 1,     ///< mgmd answered with an error, a reload was refused, output failed
    kUsage = 2,       ///< options that make no sense
    kUnavailable = 3, ///< no mgmd, no segment, or it does not answer
    kVersion = 4,     ///< mgmd or the segment is of another version
};

constexpr const char *kFooter = R"(Exit codes:
  0  done
  1  mgmd refused (for instance a reload with mistakes), or the output could not be written
  2  wrong options
  3  mgmd is not there or does not answer
  4  mgmd is of another version

Examples:
  mgmctl show routes --group 239.0.0.0/8 --json
  mgmctl show interfaces --watch 2
  mgmctl --instance lab show counters --interfaces
  mgmctl dump --attach)";

using Command = std::function<mgm::Result<void>(apps::Source &, apps::Output &)>;

struct Options {
    std::string instance = "mgm";
    std::string socket_path;
    bool attach = false;
    apps::ShowOptions show;
    Command command;
};

int exit_code(mgm::Errc code) {
    switch (code) {
    case mgm::Errc::kUnavailable:
        return kUnavailable;
    case mgm::Errc::kVersionMismatch:
        return kVersion;
    default:
        return kRefused;
    }
}

void set_group(mgm::v1::ShowRoutesRequest &request, const std::string &text) {
    const std::optional<mgm::IpPrefix> prefix = mgm::IpPrefix::parse(text);
    if (!prefix)
        throw CLI::ValidationError("--group", fmt::format("'{}' is no address or prefix", text));
    request.mutable_group()->set_address(control::rpc::octets_of(prefix->address));
    request.mutable_group()->set_length(prefix->length);
}

/// As gRPC wants it.
std::string address_octets(const char *option, const std::string &text) {
    const std::optional<mgm::IpAddress> address = mgm::IpAddress::parse(text);
    if (!address)
        throw CLI::ValidationError(option, fmt::format("'{}' is no address", text));
    return control::rpc::octets_of(*address);
}

void add_json(CLI::App &command, Options &options) {
    command.add_flag("--json", options.show.json, "as JSON, names are stable");
}

void add_filter(CLI::App &command, Options &options) {
    mgm::v1::ShowRoutesRequest &request = options.show.routes;
    command
        .add_option_function<std::string>(
            "--group", [&request](const std::string &text) { set_group(request, text); },
            "only groups inside this address or prefix")
        ->type_name("PREFIX");
    command
        .add_option_function<std::string>(
            "--source",
            [&request](const std::string &text) {
                request.set_source(address_octets("--source", text));
            },
            "only entries with this source")
        ->type_name("ADDRESS");
    command
        .add_option_function<std::uint16_t>(
            "--vrf", [&request](const std::uint16_t &vrf) { request.set_vrf(vrf); },
            "only entries of this vrf")
        ->type_name("N");
    CLI::Option *v4 = command.add_flag_callback(
        "-4,--ipv4", [&request] { request.set_family(4); }, "only IPv4");
    command
        .add_flag_callback(
            "-6,--ipv6", [&request] { request.set_family(6); }, "only IPv6")
        ->excludes(v4);
}

void add_watch(CLI::App &command, Options &options) {
    CLI::Option *watch = command.add_option_function<std::vector<double>>(
        "--watch",
        [&options](const std::vector<double> &seconds) {
            options.show.watch_seconds = seconds.empty() ? 1 : seconds.front();
        },
        "rates, every so many seconds (1), until interrupted");
    watch->expected(0, 1)->check(CLI::Range(0.05, 86400.0))->type_name("[SECONDS]");
    command.add_option("--count", options.show.watch_count, "end after so many intervals")
        ->needs(watch)
        ->type_name("N");
}

using Show = mgm::Result<void> (*)(apps::Source &, const apps::ShowOptions &, apps::Output &);

/// `once` or, with --watch, `often`.
CLI::App &add_show(CLI::App &parent, Options &options, const char *name, const char *text,
                   Show once, Show often) {
    CLI::App &command = *parent.add_subcommand(name, text);
    add_json(command, options);
    if (often != nullptr)
        add_watch(command, options);
    command.callback([&options, once, often] {
        options.command = [&options, once, often](apps::Source &source, apps::Output &out) {
            const Show show = options.show.watch_seconds ? often : once;
            return show(source, options.show, out);
        };
    });
    return command;
}

void add_trace(CLI::App &app, Options &options) {
    CLI::App &command =
        add_show(app, options, "trace", "how the next packets of a flow end", apps::trace, nullptr);
    mgm::v1::TraceRequest &request = options.show.trace;
    request.set_count(10);
    command
        .add_option_function<std::string>(
            "--group",
            [&request](const std::string &text) {
                request.set_group(address_octets("--group", text));
            },
            "packets to this group")
        ->type_name("ADDRESS")
        ->required();
    command
        .add_option_function<std::string>(
            "--source",
            [&request](const std::string &text) {
                request.set_source(address_octets("--source", text));
            },
            "from this source only")
        ->type_name("ADDRESS");
    command
        .add_option_function<std::uint32_t>(
            "--count", [&request](const std::uint32_t &count) { request.set_count(count); },
            "end after so many packets (10)")
        ->type_name("N")
        ->check(CLI::Range(1U, 10000U));
}

void add_commands(CLI::App &app, Options &options) {
    CLI::App &show = *app.add_subcommand("show", "what mgmd has and does");
    show.require_subcommand(1);
    CLI::App &interfaces =
        add_show(show, options, "interfaces", "interfaces, their state and frames",
                 apps::show_interfaces, apps::watch_interfaces);
    interfaces.add_option("--name", options.show.name, "only this one")->type_name("NAME");
    CLI::App &routes = add_show(show, options, "routes", "forwarding entries and their packets",
                                apps::show_routes, apps::watch_routes);
    add_filter(routes, options);
    routes.add_flag("--all", options.show.all, "with --watch: idle routes, too");
    CLI::App &counters = add_show(show, options, "counters", "how each packet and copy ended",
                                  apps::show_counters, apps::watch_counters);
    counters.add_flag("--all", options.show.all, "those that are zero, too");
    counters.add_flag("--interfaces", options.show.per_interface, "a row for each interface, too");
    add_show(show, options, "workers", "what each worker does", apps::show_workers,
             apps::watch_workers);
    add_show(show, options, "status", "version, uptime, capacity in use", apps::show_status,
             nullptr);
    add_show(app, options, "reload", "read the configuration again; all or nothing", apps::reload,
             nullptr);
    CLI::App &dump = add_show(app, options, "dump", "everything at once", apps::dump_all, nullptr);
    dump.add_flag("--attach", options.attach,
                  "read the hugepage segment itself: works while mgmd is stopped or dead");
    add_filter(dump, options);
    add_trace(app, options);
}

int fail(const mgm::Error &error) {
    fmt::print(stderr, "mgmctl: {}\n", error.what);
    return exit_code(error.code);
}

/// The command's output, whole, and its outcome as an exit code.
int print(const Options &options, apps::Source &source) {
    apps::Output out(stdout);
    const mgm::Result<void> done = options.command(source, out);
    out.flush();
    if (!done)
        return fail(done.error());
    const mgm::Result<void> written = out.result();
    return written ? kDone : fail(written.error());
}

int run_connected(const Options &options) {
    const std::string path = options.socket_path.empty()
                                 ? control::rpc::default_socket_path(options.instance)
                                 : options.socket_path;
    const mgm::Result<std::unique_ptr<apps::Source>> source = apps::connect(path);
    return source ? print(options, **source) : fail(source.error());
}

int run_attached(const Options &options) {
    const mgm::Result<mgm::Attachment> attachment = mgm::Attachment::open(options.instance);
    if (!attachment) {
        const int code = fail(attachment.error());
        std::fflush(nullptr);
        std::_Exit(code); // EAL may hang on a thread of its own
    }
    if (!attachment->was_running())
        fmt::print(stderr, "mgmctl: mgmd '{}' is not running; this is what it left\n",
                   options.instance);
    return print(options, *apps::read_segment(attachment->reader()));
}

int run(int argc, char **argv) {
    Options options;
    CLI::App app("mgmctl shows and steers a running mgmd.", "mgmctl");
    app.footer(kFooter);
    app.set_version_flag("--version", MGM_VERSION);
    app.add_option("--instance", options.instance, "instance, as `name` in its configuration")
        ->type_name("NAME")
        ->capture_default_str();
    app.add_option("--socket", options.socket_path, "its socket (/run/mgm/INSTANCE.sock)")
        ->type_name("PATH");
    app.require_subcommand(1);
    app.fallthrough(); // --instance and --socket may stand anywhere
    add_commands(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    return options.attach ? run_attached(options) : run_connected(options);
}

} // namespace

int main(int argc, char **argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception &error) { // what a library throws ends here, in one line
        std::fprintf(stderr, "mgmctl: %s\n", error.what());
        return kRefused;
    }
}
