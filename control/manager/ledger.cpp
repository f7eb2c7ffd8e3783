// SPDX-License-Identifier: BSD-3-Clause
#include "control/manager/ledger.hpp"

namespace control::manager {

Ledger::Ledger(const Options &options, const Rib &rib, Effects &effects, ForwardingPlane &plane,
               std::pmr::memory_resource *memory)
    : options_(options),
      rib_(rib),
      effects_(effects),
      plane_(plane),
      memory_(memory),
      clients_(&memory_),
      client_slots_(&memory_),
      enumerations_(&memory_),
      links_(&memory_),
      keys_(&memory_),
      kept_keys_(&memory_),
      entries_(&memory_),
      actions_(&memory_),
      exacts_(&memory_),
      routes_(&memory_),
      wildcards_(&memory_),
      exceptional_(&memory_),
      wrong_(&memory_),
      due_keys_(&memory_),
      late_keys_(&memory_),
      limits_(options_, &memory_),
      requests_(&memory_),
      timers_(&memory_),
      oifs_(&memory_),
      sources_(&memory_) {}

} // namespace control::manager
