/* SPDX-License-Identifier: BSD-3-Clause */
/* A routing protocol in C, as a module of mgmd: does what the documentation of the group manager
 * asks of one at start and at stop, and prints each callback. It has no neighbours and sends
 * nothing; where a real protocol would signal upstream, it prints that it would.
 *
 *     [[protocol]]
 *     module = "sparse.so"
 *     args = ["p1", "p2"]      # the interfaces that it is enabled on; none: all
 */
#include "printer.h"

#include <mgm_ext.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL_ID 0x40000021U /* multicast, no vendor, 33 */
#define COMPONENT_ID 1U
#define MOST_INTERFACES 256

static const char *const name = "sparse";
static HANDLE handle;
static MGM_EXT_INTERFACE enabled[MOST_INTERFACES];
static DWORD enabled_count;

/* --- callbacks */

static DWORD on_rpf(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, PDWORD in_index,
                    PDWORD in_next_hop, PDWORD upstream, DWORD size, PBYTE header, PBYTE route) {
    char key[TEXT_SIZE];
    (void)in_next_hop, (void)upstream, (void)header, (void)route;
    say(name, "RPF %s expected on %u, a packet of %u octets",
        key_text(key, source, source_mask, group, group_mask), *in_index, size);
    return NO_ERROR; /* what the router expects is what we expect */
}

static DWORD on_creation(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                         DWORD in_index, DWORD in_next_hop, DWORD count, PMGM_IF_ENTRY links) {
    char key[TEXT_SIZE];
    (void)in_next_hop;
    for (DWORD i = 0; i < count; ++i)
        say(name, "CREATION %s from %u to %u",
            key_text(key, source, source_mask, group, group_mask), in_index, links[i].dwIfIndex);
    return NO_ERROR;
}

static DWORD on_join(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                     BOOL is_membership) {
    char key[TEXT_SIZE];
    say(name, "JOIN %s because of %s: would join upstream",
        key_text(key, source, source_mask, group, group_mask),
        is_membership ? "a membership" : "an entry");
    return NO_ERROR;
}

static DWORD on_prune(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, DWORD index,
                      DWORD next_hop, BOOL is_membership, PDWORD timeout) {
    char key[TEXT_SIZE];
    (void)next_hop, (void)timeout;
    say(name, "PRUNE %s on %u because of %s: would prune upstream",
        key_text(key, source, source_mask, group, group_mask), index,
        is_membership ? "a membership" : "an entry");
    return NO_ERROR;
}

static DWORD on_local_join(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                           DWORD index, DWORD next_hop) {
    char key[TEXT_SIZE];
    (void)next_hop;
    say(name, "LOCAL_JOIN %s on %u", key_text(key, source, source_mask, group, group_mask), index);
    return NO_ERROR;
}

static DWORD on_local_leave(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask,
                            DWORD index, DWORD next_hop) {
    char key[TEXT_SIZE];
    (void)next_hop;
    say(name, "LOCAL_LEAVE %s on %u", key_text(key, source, source_mask, group, group_mask), index);
    return NO_ERROR;
}

static DWORD on_wrong_if(DWORD source, DWORD group, DWORD index, DWORD next_hop, DWORD size,
                         PBYTE header) {
    char key[TEXT_SIZE];
    (void)next_hop, (void)size, (void)header;
    say(name, "WRONG_IF %s on %u: would assert", key_text(key, source, 1, group, 1), index);
    return NO_ERROR;
}

/* --- start and stop, in the documented order */

static int is_wanted(const MGM_EXT_INTERFACE *interface, int argc, char **argv) {
    if (argc < 2)
        return 1;
    for (int i = 1; i < argc; ++i)
        if (strcmp(argv[i], interface->szName) == 0)
            return 1;
    return 0;
}

static void enable_interfaces(int argc, char **argv) {
    MGM_EXT_INTERFACE all[MOST_INTERFACES];
    DWORD count = MOST_INTERFACES;
    DWORD status = MgmExtGetInterfaces(all, &count);
    if (status != NO_ERROR) {
        say(name, "cannot list the interfaces: %u", status);
        return;
    }
    for (DWORD i = 0; i < count; ++i) {
        DWORD owner = 0, component = 0;
        if (!is_wanted(&all[i], argc, argv))
            continue;
        status = MgmGetProtocolOnInterface(all[i].dwIfIndex, 0, &owner, &component);
        if (status == NO_ERROR)
            say(name, "%s has protocol %#x, component %u", all[i].szName, owner, component);
        status = MgmTakeInterfaceOwnership(handle, all[i].dwIfIndex, 0);
        say(name, "take %s (%u): %u", all[i].szName, all[i].dwIfIndex, status);
        if (status == NO_ERROR)
            enabled[enabled_count++] = all[i];
    }
}

/* What was joined before we came: no alert tells us. */
static void read_groups(void) {
    HANDLE groups;
    DWORD status = MgmGroupEnumerationStart(handle, ALL_SOURCES, &groups);
    SOURCE_GROUP_ENTRY entries[64];
    for (status = status == NO_ERROR ? ERROR_MORE_DATA : status; status == ERROR_MORE_DATA;) {
        DWORD size = sizeof entries, count = 0;
        status = MgmGroupEnumerationGetNext(groups, &size, (PBYTE)entries, &count);
        for (DWORD i = 0; i < count; ++i) {
            char key[TEXT_SIZE];
            say(name, "joined already: %s",
                key_text(key, entries[i].dwSourceAddr, entries[i].dwSourceMask,
                         entries[i].dwGroupAddr, entries[i].dwGroupMask));
        }
    }
    if (status == ERROR_NO_MORE_ITEMS)
        MgmGroupEnumerationEnd(groups);
    else
        say(name, "cannot read the groups: %u", status);
}

DWORD MgmExtMain(int argc, char **argv) {
    ROUTING_PROTOCOL_CONFIG config = {
        .pfnRpfCallback = on_rpf,
        .pfnCreationAlertCallback = on_creation,
        .pfnPruneAlertCallback = on_prune,
        .pfnJoinAlertCallback = on_join,
        .pfnWrongIfCallback = on_wrong_if,
        .pfnLocalJoinCallback = on_local_join,
        .pfnLocalLeaveCallback = on_local_leave,
    };
    DWORD status = MgmRegisterMProtocol(&config, PROTOCOL_ID, COMPONENT_ID, &handle);
    if (status != NO_ERROR) {
        say(name, "cannot register: %u", status);
        return status;
    }
    enable_interfaces(argc, argv);
    read_groups();
    say(name, "running on %u interfaces", enabled_count);

    MgmExtWaitForStop();

    for (DWORD i = 0; i < enabled_count; ++i) /* memberships there go with it */
        say(name, "release %s: %u", enabled[i].szName,
            MgmReleaseInterfaceOwnership(handle, enabled[i].dwIfIndex, 0));
    say(name, "deregister: %u", MgmDeRegisterMProtocol(handle));
    return NO_ERROR;
}
