/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints sizes, offsets and constants of mgm.h, one a line. Compiled against our headers and
 * against mingw-w64's: the two must print the same. */
#include <stdio.h>

#include MGM_TYPES_HEADER
#include MGM_MIB_HEADER
#include MGM_HEADER

#define SIZE(type) printf("sizeof(%s) %zu\n", #type, sizeof(type))
#define FIELD(type, field)                                                                         \
    printf("%s.%s %zu %zu\n", #type, #field, offsetof(type, field), sizeof(((type *)0)->field))
#define VALUE(name) printf("%s %lld\n", #name, (long long)(name))

static void registration(void) {
    SIZE(ROUTING_PROTOCOL_CONFIG);
    FIELD(ROUTING_PROTOCOL_CONFIG, dwCallbackFlags);
    FIELD(ROUTING_PROTOCOL_CONFIG, pfnRpfCallback);
    FIELD(ROUTING_PROTOCOL_CONFIG, pfnCreationAlertCallback);
    FIELD(ROUTING_PROTOCOL_CONFIG, pfnPruneAlertCallback);
    FIELD(ROUTING_PROTOCOL_CONFIG, pfnJoinAlertCallback);
    FIELD(ROUTING_PROTOCOL_CONFIG, pfnWrongIfCallback);
    FIELD(ROUTING_PROTOCOL_CONFIG, pfnLocalJoinCallback);
    FIELD(ROUTING_PROTOCOL_CONFIG, pfnLocalLeaveCallback);
    FIELD(ROUTING_PROTOCOL_CONFIG, pfnDisableIgmpCallback);
    FIELD(ROUTING_PROTOCOL_CONFIG, pfnEnableIgmpCallback);
    SIZE(MGM_IF_ENTRY);
    FIELD(MGM_IF_ENTRY, dwIfIndex);
    FIELD(MGM_IF_ENTRY, dwIfNextHopAddr);
    FIELD(MGM_IF_ENTRY, bIGMP);
    FIELD(MGM_IF_ENTRY, bIsEnabled);
    SIZE(SOURCE_GROUP_ENTRY);
    FIELD(SOURCE_GROUP_ENTRY, dwSourceAddr);
    FIELD(SOURCE_GROUP_ENTRY, dwSourceMask);
    FIELD(SOURCE_GROUP_ENTRY, dwGroupAddr);
    FIELD(SOURCE_GROUP_ENTRY, dwGroupMask);
    VALUE(MGM_JOIN_STATE_FLAG);
    VALUE(MGM_FORWARD_STATE_FLAG);
    VALUE(MGM_MFE_STATS_0);
    VALUE(MGM_MFE_STATS_1);
    VALUE(ANY_SOURCE);
    VALUE(ALL_SOURCES);
}

#define KEY_FIELDS(type)                                                                           \
    FIELD(type, dwGroup);                                                                          \
    FIELD(type, dwSource);                                                                         \
    FIELD(type, dwSrcMask);                                                                        \
    FIELD(type, dwUpStrmNgbr);                                                                     \
    FIELD(type, dwInIfIndex);                                                                      \
    FIELD(type, dwInIfProtocol);                                                                   \
    FIELD(type, dwRouteProtocol);                                                                  \
    FIELD(type, dwRouteNetwork);                                                                   \
    FIELD(type, dwRouteMask);                                                                      \
    FIELD(type, ulUpTime);                                                                         \
    FIELD(type, ulExpiryTime);                                                                     \
    FIELD(type, ulNumOutIf)
#define COUNTER_FIELDS(type)                                                                       \
    FIELD(type, ulInPkts);                                                                         \
    FIELD(type, ulInOctets);                                                                       \
    FIELD(type, ulPktsDifferentIf);                                                                \
    FIELD(type, ulQueueOverflow);                                                                  \
    FIELD(type, rgmiosOutStats)

static void entries(void) {
    SIZE(MIB_IPMCAST_MFE);
    KEY_FIELDS(MIB_IPMCAST_MFE);
    FIELD(MIB_IPMCAST_MFE, ulTimeOut);
    FIELD(MIB_IPMCAST_MFE, fFlags);
    FIELD(MIB_IPMCAST_MFE, dwReserved);
    FIELD(MIB_IPMCAST_MFE, rgmioOutInfo);
    SIZE(MIB_IPMCAST_OIF);
    FIELD(MIB_IPMCAST_OIF, dwOutIfIndex);
    FIELD(MIB_IPMCAST_OIF, dwNextHopAddr);
    FIELD(MIB_IPMCAST_OIF, dwReserved);
    FIELD(MIB_IPMCAST_OIF, dwReserved1);
    SIZE(MIB_MFE_TABLE);
    FIELD(MIB_MFE_TABLE, table);
    VALUE(SIZEOF_BASIC_MIB_MFE);
    VALUE(SIZEOF_MIB_MFE(7));
    SIZE(MIB_IPMCAST_GLOBAL);
    SIZE(MIB_IPMCAST_IF_ENTRY);
    FIELD(MIB_IPMCAST_IF_ENTRY, dwIfIndex);
    FIELD(MIB_IPMCAST_IF_ENTRY, dwTtl);
    FIELD(MIB_IPMCAST_IF_ENTRY, dwProtocol);
    FIELD(MIB_IPMCAST_IF_ENTRY, dwRateLimit);
    FIELD(MIB_IPMCAST_IF_ENTRY, ulInMcastOctets);
    FIELD(MIB_IPMCAST_IF_ENTRY, ulOutMcastOctets);
}

static void statistics(void) {
    SIZE(MIB_IPMCAST_MFE_STATS);
    KEY_FIELDS(MIB_IPMCAST_MFE_STATS);
    COUNTER_FIELDS(MIB_IPMCAST_MFE_STATS);
    SIZE(MIB_IPMCAST_MFE_STATS_EX);
    KEY_FIELDS(MIB_IPMCAST_MFE_STATS_EX);
    COUNTER_FIELDS(MIB_IPMCAST_MFE_STATS_EX);
    FIELD(MIB_IPMCAST_MFE_STATS_EX, ulUninitMfe);
    FIELD(MIB_IPMCAST_MFE_STATS_EX, ulNegativeMfe);
    FIELD(MIB_IPMCAST_MFE_STATS_EX, ulInDiscards);
    FIELD(MIB_IPMCAST_MFE_STATS_EX, ulInHdrErrors);
    FIELD(MIB_IPMCAST_MFE_STATS_EX, ulTotalOutPackets);
    SIZE(MIB_IPMCAST_OIF_STATS);
    FIELD(MIB_IPMCAST_OIF_STATS, dwOutIfIndex);
    FIELD(MIB_IPMCAST_OIF_STATS, dwNextHopAddr);
    FIELD(MIB_IPMCAST_OIF_STATS, dwDialContext);
    FIELD(MIB_IPMCAST_OIF_STATS, ulTtlTooLow);
    FIELD(MIB_IPMCAST_OIF_STATS, ulFragNeeded);
    FIELD(MIB_IPMCAST_OIF_STATS, ulOutPackets);
    FIELD(MIB_IPMCAST_OIF_STATS, ulOutDiscards);
    SIZE(MIB_MFE_STATS_TABLE);
    SIZE(MIB_MFE_STATS_TABLE_EX);
    VALUE(SIZEOF_BASIC_MIB_MFE_STATS);
    VALUE(SIZEOF_MIB_MFE_STATS(7));
    VALUE(SIZEOF_BASIC_MIB_MFE_STATS_EX);
    VALUE(SIZEOF_MIB_MFE_STATS_EX(7));
}

int main(void) {
    registration();
    entries();
    statistics();
    return 0;
}
