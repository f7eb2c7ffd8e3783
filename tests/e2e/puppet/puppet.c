/* SPDX-License-Identifier: BSD-3-Clause */
/* A protocol that does as it is told: a module of mgmd with commands from a pipe, one a line. It prints every callback, and
 * every command with its outcome. argv: the name that it prints, its component id, the pipe.
 *
 *     take IF | release IF
 *     add S G IF FLAGS | delete S G IF FLAGS      0.0.0.0 is "any"; FLAGS: 1 join, 2 forward
 *     veto IF                                     CREATION leaves IF out from here on; "veto 0": none
 *     rpf IF                                      RPF answers IF from here on; "rpf 0": what it is asked
 *     prune SECONDS                               what PRUNE answers
 *     hang CALLBACK                               RPF or CREATION does not return from here on; "hang 0": it does again
 *     mfe S G                                     the entry, or its error
 *     stats S G                                   its counters
 *     probe G IF COUNT                            joins and leaves so often; how long the calls took
 */
#include "printer.h"

#include <mgm_ext.h>
#include <pthread.h>
#include <routprot.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *name = "puppet";
static HANDLE handle;
static _Atomic DWORD vetoed, rpf, prune_seconds = 900;

/* Where callbacks hang, until somebody says otherwise. */
static pthread_mutex_t hang_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t hang_changed = PTHREAD_COND_INITIALIZER;
static char hanging[16];

static void set_hanging(const char *callback) {
    pthread_mutex_lock(&hang_mutex);
    snprintf(hanging, sizeof hanging, "%s", callback);
    pthread_cond_broadcast(&hang_changed);
    pthread_mutex_unlock(&hang_mutex);
}

static void maybe_hang(const char *callback) {
    pthread_mutex_lock(&hang_mutex);
    while (strcmp(hanging, callback) == 0)
        pthread_cond_wait(&hang_changed, &hang_mutex);
    pthread_mutex_unlock(&hang_mutex);
}

static DWORD on_rpf(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, PDWORD index, PDWORD next_hop,
                    PDWORD upstream, DWORD size, PBYTE header, PBYTE route) {
    char key[TEXT_SIZE];
    (void)next_hop, (void)upstream, (void)size, (void)header, (void)route;
    say(name, "RPF %s %u", key_text(key, source, source_mask, group, group_mask), *index);
    maybe_hang("RPF");
    if (rpf != 0)
        *index = rpf;
    return NO_ERROR;
}

static DWORD on_creation(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, DWORD in_index,
                         DWORD in_next_hop, DWORD count, PMGM_IF_ENTRY links) {
    char key[TEXT_SIZE];
    (void)in_next_hop;
    for (DWORD i = 0; i < count; ++i) {
        links[i].bIsEnabled = links[i].dwIfIndex != vetoed;
        say(name, "CREATION %s %u to %u%s", key_text(key, source, source_mask, group, group_mask), in_index,
            links[i].dwIfIndex, links[i].bIsEnabled ? "" : " vetoed");
    }
    maybe_hang("CREATION");
    return NO_ERROR;
}

static DWORD on_join(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, BOOL is_membership) {
    char key[TEXT_SIZE];
    say(name, "JOIN %s %s", key_text(key, source, source_mask, group, group_mask), is_membership ? "TRUE" : "FALSE");
    return NO_ERROR;
}

static DWORD on_prune(DWORD source, DWORD source_mask, DWORD group, DWORD group_mask, DWORD index, DWORD next_hop,
                      BOOL is_membership, PDWORD timeout) {
    char key[TEXT_SIZE];
    (void)next_hop;
    say(name, "PRUNE %s %u %s %u", key_text(key, source, source_mask, group, group_mask), index,
        is_membership ? "TRUE" : "FALSE", *timeout);
    *timeout = prune_seconds;
    return NO_ERROR;
}

static DWORD on_wrong_if(DWORD source, DWORD group, DWORD index, DWORD next_hop, DWORD size, PBYTE header) {
    char key[TEXT_SIZE];
    (void)next_hop, (void)header;
    say(name, "WRONG_IF %s %u, %s header", key_text(key, source, 1, group, 1), index, size >= 20 ? "whole" : "no");
    return NO_ERROR;
}

static void show_mfe(DWORD source, DWORD group) {
    union {
        MIB_IPMCAST_MFE mfe;
        BYTE room[SIZEOF_MIB_MFE(64)];
    } answer;
    MIB_IPMCAST_MFE key = {.dwSource = source, .dwGroup = group};
    DWORD size = sizeof answer;
    const DWORD status = MgmGetMfe(&key, &size, answer.room);
    char text[TEXT_SIZE], oifs[512] = "";
    key_text(text, source, 1, group, 1);
    if (status != NO_ERROR) {
        say(name, "mfe %s: %u", text, status);
        return;
    }
    const MIB_IPMCAST_OIF *oif = answer.mfe.rgmioOutInfo;
    for (ULONG i = 0; i < answer.mfe.ulNumOutIf; ++i)
        snprintf(oifs + strlen(oifs), sizeof oifs - strlen(oifs), " %u", oif[i].dwOutIfIndex);
    say(name, "mfe %s: in %u of protocol %#x, out%s, time-out %u", text, answer.mfe.dwInIfIndex, answer.mfe.dwInIfProtocol,
        oifs, answer.mfe.ulTimeOut);
}

static void show_stats(DWORD source, DWORD group) {
    union {
        MIB_IPMCAST_MFE_STATS_EX stats;
        BYTE room[SIZEOF_MIB_MFE_STATS_EX(64)];
    } answer;
    MIB_IPMCAST_MFE key = {.dwSource = source, .dwGroup = group};
    DWORD size = sizeof answer;
    const DWORD status = MgmGetMfeStats(&key, &size, answer.room, MGM_MFE_STATS_1);
    char text[TEXT_SIZE], oifs[2048] = "";
    key_text(text, source, 1, group, 1);
    if (status != NO_ERROR) {
        say(name, "stats %s: %u", text, status);
        return;
    }
    const MIB_IPMCAST_OIF_STATS *oif = answer.stats.rgmiosOutStats;
    for (ULONG i = 0; i < answer.stats.ulNumOutIf; ++i)
        snprintf(oifs + strlen(oifs), sizeof oifs - strlen(oifs), ", %u: %u and %u lost", oif[i].dwOutIfIndex,
                 oif[i].ulOutPackets, oif[i].ulTtlTooLow + oif[i].ulFragNeeded + oif[i].ulOutDiscards);
    say(name, "stats %s: in %u, different-if %u, negative %u, out %u%s", text, answer.stats.ulInPkts,
        answer.stats.ulPktsDifferentIf, answer.stats.ulNegativeMfe, answer.stats.ulTotalOutPackets, oifs);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int by_size(const void *a, const void *b) {
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void probe(const char *line, DWORD group, DWORD index, unsigned count) {
    double *times = calloc(count, sizeof *times);
    DWORD status = times == NULL || count == 0 ? ERROR_NOT_ENOUGH_MEMORY : NO_ERROR;
    for (unsigned i = 0; i < count && status == NO_ERROR; ++i) {
        const double begun = now();
        status = i % 2 == 0
                     ? MgmAddGroupMembershipEntry(handle, 0, 0, group, 0xffffffffU, index, 0, MGM_JOIN_STATE_FLAG)
                     : MgmDeleteGroupMembershipEntry(handle, 0, 0, group, 0xffffffffU, index, 0, MGM_JOIN_STATE_FLAG);
        times[i] = now() - begun;
    }
    if (status == NO_ERROR) {
        qsort(times, count, sizeof *times, by_size);
        say(name, "%u calls took ms: p50 %.3f, p99 %.3f, most %.3f", count, times[count / 2], times[count * 99 / 100],
            times[count - 1]);
    }
    free(times);
    say(name, "%s: %u", line, status);
}

static void obey(const char *line) {
    char verb[16] = "", first[32] = "", second[32] = "";
    unsigned index = 0, flags = 0;
    struct in_addr source = {0}, group = {0};
    if (sscanf(line, "probe %31s %u %u", first, &index, &flags) == 3 && inet_pton(AF_INET, first, &group) == 1) {
        probe(line, group.s_addr, index, flags);
        return;
    }
    const int words = sscanf(line, "%15s %31s %31s %u %u", verb, first, second, &index, &flags);
    const DWORD number = (DWORD)strtoul(first, NULL, 10);
    if (words >= 3 && (inet_pton(AF_INET, first, &source) != 1 || inet_pton(AF_INET, second, &group) != 1))
        say(name, "not addresses: %s", line);
    const DWORD source_mask = source.s_addr == 0 ? 0 : 0xffffffffU, group_mask = group.s_addr == 0 ? 0 : 0xffffffffU;
    if (strcmp(verb, "take") == 0)
        say(name, "%s: %u", line, MgmTakeInterfaceOwnership(handle, number, 0));
    else if (strcmp(verb, "release") == 0)
        say(name, "%s: %u", line, MgmReleaseInterfaceOwnership(handle, number, 0));
    else if (strcmp(verb, "add") == 0)
        say(name, "%s: %u", line,
            MgmAddGroupMembershipEntry(handle, source.s_addr, source_mask, group.s_addr, group_mask, index, 0, flags));
    else if (strcmp(verb, "delete") == 0)
        say(name, "%s: %u", line,
            MgmDeleteGroupMembershipEntry(handle, source.s_addr, source_mask, group.s_addr, group_mask, index, 0, flags));
    else if (strcmp(verb, "veto") == 0) {
        vetoed = number;
        say(name, "%s: %u", line, number);
    } else if (strcmp(verb, "rpf") == 0) {
        rpf = number;
        say(name, "%s: %u", line, number);
    } else if (strcmp(verb, "prune") == 0) {
        prune_seconds = number;
        say(name, "%s: %u", line, number);
    } else if (strcmp(verb, "hang") == 0)
        set_hanging(first), say(name, "%s: 0", line);
    else if (strcmp(verb, "mfe") == 0)
        show_mfe(source.s_addr, group.s_addr);
    else if (strcmp(verb, "stats") == 0)
        show_stats(source.s_addr, group.s_addr);
    else
        say(name, "what is %s?", line);
}

static void *read_commands(void *pipe) {
    char line[256];
    while (fgets(line, sizeof line, pipe) != NULL && strncmp(line, "quit", 4) != 0) {
        line[strcspn(line, "\n")] = '\0';
        obey(line);
    }
    return NULL;
}

static DWORD on_disable(DWORD index, DWORD next_hop) {
    (void)next_hop;
    say(name, "DISABLE %u", index);
    maybe_hang("DISABLE");
    return NO_ERROR;
}

static DWORD on_enable(DWORD index, DWORD next_hop) {
    (void)next_hop;
    say(name, "ENABLE %u", index);
    return NO_ERROR;
}

DWORD MgmExtMain(int argc, char **argv) {
    ROUTING_PROTOCOL_CONFIG config = {.pfnRpfCallback = on_rpf,
                                      .pfnCreationAlertCallback = on_creation,
                                      .pfnPruneAlertCallback = on_prune,
                                      .pfnJoinAlertCallback = on_join,
                                      .pfnWrongIfCallback = on_wrong_if};
    if (argc != 4)
        return ERROR_INVALID_PARAMETER;
    name = argv[1];
    if (atoi(argv[2]) == PROTO_IP_IGMP) {
        config.pfnDisableIgmpCallback = on_disable;
        config.pfnEnableIgmpCallback = on_enable;
    }
    FILE *commands = fopen(argv[3], "r+"); /* both ways, so that it has no end */
    const DWORD status = MgmRegisterMProtocol(&config, 0x40000000U + (DWORD)atoi(argv[2]), 7, &handle);
    say(name, "register: %u", status);
    pthread_t reader;
    if (commands == NULL || status != NO_ERROR || pthread_create(&reader, NULL, read_commands, commands) != 0)
        return ERROR_CAN_NOT_COMPLETE;

    MgmExtWaitForStop();

    FILE *last = fopen(argv[3], "w");
    fputs("quit\n", last);
    fclose(last);
    pthread_join(reader, NULL);
    fclose(commands);
    set_hanging("");
    return NO_ERROR; /* what is still owned goes with it */
}
