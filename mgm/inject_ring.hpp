// SPDX-License-Identifier: BSD-3-Clause
// The way down: one bounded ring for each worker by which control asks it to send a frame, to trace
// packets, or to let go of what it holds for a flow, and one bounded, lossy ring by which the
// worker answers with trace records. Both are rte_rings in memzones; nobody waits on either.
//
// Thread: send_frame(), arm_trace(), release_held(), drop_held(), drain_traces() one thread of the
// daemon (control); take(), answer() the worker.
#pragma once

#include "mgm/flow_key.hpp"
#include "mgm/result.hpp"
#include "mgm/ring.hpp"
#include "mgm/verdict.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct rte_mbuf;

namespace mgm {

/// Which packets to trace: the next `count` whose group and source match.
struct TraceRequest {
    Family family = Family::kIpv4;
    bool any_source = true; ///< `source` is not looked at
    bool any_group = true;  ///< `group` is not looked at
    std::uint8_t reserved = 0;
    std::uint32_t count = 0;               ///< 0 disarms
    std::array<std::uint8_t, 16> source{}; ///< network order; IPv4 in the first four octets
    std::array<std::uint8_t, 16> group{};
};

/// What control asks of a worker.
struct InjectMessage {
    enum class Kind : std::uint32_t {
        kSendFrame = 1,   ///< `frame` and `interface` are valid; the worker takes the mbuf
        kArmTrace = 2,    ///< `trace` is valid; replaces what was armed before
        kReleaseHeld = 3, ///< `flow` is valid; its packets are looked up again
        kDropHeld = 4,    ///< `flow` is valid; its packets are dropped as unresolved
    };
    Kind kind{};
    IfSlot interface {};
    rte_mbuf *frame = nullptr; ///< complete L2 frame
    TraceRequest trace;
    AnyFlow flow;
};

/// How one traced packet ended.
struct TraceRecord {
    std::uint64_t tsc = 0; ///< when it was settled
    std::uint32_t worker = 0;
    IfSlot iif{};
    std::uint32_t vrf = 0;
    std::uint32_t oifs_wanted = 0; ///< copies that the olist asked for
    std::uint32_t oifs_sent = 0;   ///< copies that ports took
    std::uint16_t length = 0;      ///< octets of the IP packet
    Family family = Family::kIpv4;
    std::uint8_t ttl = 0; ///< on arrival
    Verdict verdict{};
    std::array<std::uint8_t, 3> reserved{};
    std::array<std::uint8_t, 16> source{};
    std::array<std::uint8_t, 16> group{};
};

class InjectRing {
public:
    static constexpr std::uint32_t kMessages = 512;
    static constexpr std::uint32_t kTraceRecords = 1024;

    /// After rte_eal_init. `worker` names the rings. kNoMemory, kExists.
    static Result<InjectRing> create(std::uint32_t worker);
    InjectRing(InjectRing &&other) noexcept = default;
    InjectRing &operator=(InjectRing &&other) noexcept = default;
    ~InjectRing() = default; ///< frees the frames that nobody took; the worker must have stopped

    // --- control
    /// True: the ring has the frame. False: the ring is full, the frame is still the caller's.
    [[nodiscard]] bool send_frame(rte_mbuf *frame, IfSlot interface) noexcept;
    [[nodiscard]] bool arm_trace(const TraceRequest &request) noexcept;
    /// After the entry was published: what the worker holds of `flow` is looked up again and goes
    /// that way. Packets on an interface that the entry does not accept end as wrong_iif without a
    /// signal; when there is still no entry, all end as unresolved. Either way the next packet
    /// without an entry raises a signal again. Nothing held: nothing happens. Every worker that may
    /// hold some must be told. False: the ring is full.
    [[nodiscard]] bool release_held(const AnyFlow &flow) noexcept;
    /// No entry will come: what is held ends as unresolved.
    [[nodiscard]] bool drop_held(const AnyFlow &flow) noexcept;
    [[nodiscard]] std::vector<TraceRecord> drain_traces();

    // --- worker
    /// Takes up to messages.size() of them; costs two loads when there are none.
    [[nodiscard]] unsigned take(std::span<InjectMessage> messages) noexcept;
    /// False: the ring is full and the record lost; the worker counts Event::kTraceLost.
    bool answer(const TraceRecord &record) noexcept;

private:
    struct FreeMessages {
        void operator()(rte_ring *ring) const noexcept;
    };
    using Messages = std::unique_ptr<rte_ring, FreeMessages>;
    using Traces = std::unique_ptr<rte_ring, FreeRing>;

    InjectRing(Messages messages, Traces traces) noexcept
        : messages_(std::move(messages)), traces_(std::move(traces)) {}
    [[nodiscard]] bool put(const InjectMessage &message) noexcept;

    Messages messages_;
    Traces traces_;
};

} // namespace mgm
