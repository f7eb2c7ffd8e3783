/* SPDX-License-Identifier: BSD-3-Clause */
/* Flood and prune, as a module of mgmd: wants everything everywhere, so that it is asked about each
 * new source, and keeps it off the interfaces that it was told are pruned. A real protocol learns
 * that from its neighbours.
 *
 *     [[protocol]]
 *     module = "dense.so"
 *     args = ["p1", "p2", "-p3"]      # flood over these; "-p3": owned, but everything there is
 * pruned
 */
#include "printer.h"

#include <mgm_ext.h>
#include <string.h>

#define PROTOCOL_ID 0x40000022U /* multicast, no vendor, 34 */
#define MOST_INTERFACES 256

static const char *const name = "dense";
static HANDLE handle;
static DWORD owned[MOST_INTERFACES];
static BOOL is_pruned[MOST_INTERFACES];
static DWORD owned_count;

static DWORD on_creation(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                         DWORD in_index, DWORD in_next_hop, DWORD count, PMGM_IF_ENTRY links) {
    char key[TEXT_SIZE];
    (void)in_next_hop;
    key_text(key, source, source_mask, group, group_mask);
    for (DWORD i = 0; i < count; ++i) {
        for (DWORD k = 0; k < owned_count; ++k)
            if (owned[k] == links[i].dwIfIndex && is_pruned[k])
                links[i].bIsEnabled = FALSE;
        say(name, "CREATION %s from %u: %s %u", key, in_index,
            links[i].bIsEnabled ? "flood to" : "pruned on", links[i].dwIfIndex);
    }
    return NO_ERROR;
}

static DWORD on_prune(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, DWORD index,
                      DWORD next_hop, BOOL is_membership, PDWORD timeout) {
    char key[TEXT_SIZE];
    (void)next_hop;
    if (is_membership)
        return NO_ERROR;
    *timeout = 180; /* seconds until we want to be asked again */
    say(name, "PRUNE %s on %u: nobody wants it",
        key_text(key, source, source_mask, group, group_mask), index);
    return NO_ERROR;
}

static DWORD own(const MGM_EXT_INTERFACE *interface, BOOL pruned) {
    DWORD status = MgmTakeInterfaceOwnership(handle, interface->dwIfIndex, 0);
    if (status == NO_ERROR)
        status = MgmAddGroupMembershipEntry(handle, 0, 0, 0, 0, interface->dwIfIndex, 0,
                                            MGM_JOIN_STATE_FLAG);
    say(name, "take %s and join (*,*): %u", interface->szName, status);
    if (status == NO_ERROR && owned_count < MOST_INTERFACES) {
        is_pruned[owned_count] = pruned;
        owned[owned_count++] = interface->dwIfIndex;
    }
    return status;
}

DWORD MgmExtMain(int argc, char **argv) {
    ROUTING_PROTOCOL_CONFIG config = {.pfnCreationAlertCallback = on_creation,
                                      .pfnPruneAlertCallback = on_prune};
    DWORD status = MgmRegisterMProtocol(&config, PROTOCOL_ID, 1, &handle);
    if (status != NO_ERROR) {
        say(name, "cannot register: %u", status);
        return status;
    }
    MGM_EXT_INTERFACE all[MOST_INTERFACES];
    DWORD count = MOST_INTERFACES;
    if (MgmExtGetInterfaces(all, &count) == NO_ERROR)
        for (DWORD i = 0; i < count; ++i)
            for (int k = 1; k < argc; ++k) {
                const BOOL pruned = argv[k][0] == '-';
                if (strcmp(argv[k] + pruned, all[i].szName) == 0)
                    own(&all[i], pruned);
            }
    say(name, "running on %u interfaces", owned_count);

    MgmExtWaitForStop();

    for (DWORD i = 0; i < owned_count; ++i)
        MgmReleaseInterfaceOwnership(handle, owned[i], 0);
    say(name, "deregister: %u", MgmDeRegisterMProtocol(handle));
    return NO_ERROR;
}
