/* SPDX-License-Identifier: BSD-3-Clause */
/* Multicast forwarding entries as the group manager shows them. Addresses and masks are in network
 * byte order, everything else in host order. Entries end in an array of any length: step by
 * SIZEOF_MIB_MFE() and its like. */
#ifndef MGM_IPRTRMIB_H
#define MGM_IPRTRMIB_H

#include "windows.h"

typedef struct _MIB_IPMCAST_OIF {
    DWORD dwOutIfIndex;
    DWORD dwNextHopAddr; /* 0: a broadcast or point-to-point interface */
    DWORD dwReserved;
    DWORD dwReserved1;
} MIB_IPMCAST_OIF, *PMIB_IPMCAST_OIF;

typedef struct _MIB_IPMCAST_MFE {
    DWORD dwGroup;
    DWORD dwSource;
    DWORD dwSrcMask;
    DWORD dwUpStrmNgbr;
    DWORD dwInIfIndex;
    DWORD dwInIfProtocol;  /* id of the protocol that owns the incoming interface */
    DWORD dwRouteProtocol; /* these three: the route that the reverse-path check used */
    DWORD dwRouteNetwork;
    DWORD dwRouteMask;
    ULONG ulUpTime;     /* seconds since the timer started */
    ULONG ulExpiryTime; /* seconds until it ends */
    ULONG ulTimeOut;    /* the sum of the two */
    ULONG ulNumOutIf;
    DWORD fFlags;     /* 0 */
    DWORD dwReserved; /* 0 */
    MIB_IPMCAST_OIF rgmioOutInfo[ANY_SIZE];
} MIB_IPMCAST_MFE, *PMIB_IPMCAST_MFE;

typedef struct _MIB_MFE_TABLE {
    DWORD dwNumEntries;
    MIB_IPMCAST_MFE table[ANY_SIZE];
} MIB_MFE_TABLE, *PMIB_MFE_TABLE;

#define SIZEOF_BASIC_MIB_MFE MGM_TO_ULONG(FIELD_OFFSET(MIB_IPMCAST_MFE, rgmioOutInfo))
#define SIZEOF_MIB_MFE(n) (SIZEOF_BASIC_MIB_MFE + (n)*MGM_TO_ULONG(sizeof(MIB_IPMCAST_OIF)))

typedef struct _MIB_IPMCAST_OIF_STATS {
    DWORD dwOutIfIndex;
    DWORD dwNextHopAddr;
    DWORD dwDialContext; /* 0 */
    ULONG ulTtlTooLow;
    ULONG ulFragNeeded;
    ULONG ulOutPackets;
    ULONG ulOutDiscards;
} MIB_IPMCAST_OIF_STATS, *PMIB_IPMCAST_OIF_STATS;

typedef struct _MIB_IPMCAST_MFE_STATS {
    DWORD dwGroup;
    DWORD dwSource;
    DWORD dwSrcMask;
    DWORD dwUpStrmNgbr;
    DWORD dwInIfIndex;
    DWORD dwInIfProtocol;
    DWORD dwRouteProtocol;
    DWORD dwRouteNetwork;
    DWORD dwRouteMask;
    ULONG ulUpTime;     /* 1/100 s */
    ULONG ulExpiryTime; /* 1/100 s, 0: not aged */
    ULONG ulNumOutIf;
    ULONG ulInPkts;
    ULONG ulInOctets;
    ULONG ulPktsDifferentIf; /* dropped: they came in elsewhere */
    ULONG ulQueueOverflow;
    MIB_IPMCAST_OIF_STATS rgmiosOutStats[ANY_SIZE];
} MIB_IPMCAST_MFE_STATS, *PMIB_IPMCAST_MFE_STATS;

typedef struct _MIB_MFE_STATS_TABLE {
    DWORD dwNumEntries;
    MIB_IPMCAST_MFE_STATS table[ANY_SIZE];
} MIB_MFE_STATS_TABLE, *PMIB_MFE_STATS_TABLE;

#define SIZEOF_BASIC_MIB_MFE_STATS MGM_TO_ULONG(FIELD_OFFSET(MIB_IPMCAST_MFE_STATS, rgmiosOutStats))
#define SIZEOF_MIB_MFE_STATS(n)                                                                    \
    (SIZEOF_BASIC_MIB_MFE_STATS + (n)*MGM_TO_ULONG(sizeof(MIB_IPMCAST_OIF_STATS)))

typedef struct _MIB_IPMCAST_MFE_STATS_EX {
    DWORD dwGroup;
    DWORD dwSource;
    DWORD dwSrcMask;
    DWORD dwUpStrmNgbr;
    DWORD dwInIfIndex;
    DWORD dwInIfProtocol;
    DWORD dwRouteProtocol;
    DWORD dwRouteNetwork;
    DWORD dwRouteMask;
    ULONG ulUpTime;     /* 1/100 s */
    ULONG ulExpiryTime; /* 1/100 s, 0: not aged */
    ULONG ulNumOutIf;
    ULONG ulInPkts;
    ULONG ulInOctets;
    ULONG ulPktsDifferentIf;
    ULONG ulQueueOverflow;
    ULONG ulUninitMfe;   /* seen while the entry was uninitialised */
    ULONG ulNegativeMfe; /* dropped by a negative entry */
    ULONG ulInDiscards;
    ULONG ulInHdrErrors;
    ULONG ulTotalOutPackets; /* one packet on n interfaces counts n */
    MIB_IPMCAST_OIF_STATS rgmiosOutStats[ANY_SIZE];
} MIB_IPMCAST_MFE_STATS_EX, *PMIB_IPMCAST_MFE_STATS_EX;

typedef struct _MIB_MFE_STATS_TABLE_EX {
    DWORD dwNumEntries;
    MIB_IPMCAST_MFE_STATS_EX table[ANY_SIZE];
} MIB_MFE_STATS_TABLE_EX, *PMIB_MFE_STATS_TABLE_EX;

#define SIZEOF_BASIC_MIB_MFE_STATS_EX                                                              \
    MGM_TO_ULONG(FIELD_OFFSET(MIB_IPMCAST_MFE_STATS_EX, rgmiosOutStats))
#define SIZEOF_MIB_MFE_STATS_EX(n)                                                                 \
    (SIZEOF_BASIC_MIB_MFE_STATS_EX + (n)*MGM_TO_ULONG(sizeof(MIB_IPMCAST_OIF_STATS)))

typedef struct _MIB_IPMCAST_GLOBAL {
    DWORD dwEnable;
} MIB_IPMCAST_GLOBAL, *PMIB_IPMCAST_GLOBAL;

typedef struct _MIB_IPMCAST_IF_ENTRY {
    DWORD dwIfIndex;
    DWORD dwTtl; /* forwarding threshold */
    DWORD dwProtocol;
    DWORD dwRateLimit;
    ULONG ulInMcastOctets;
    ULONG ulOutMcastOctets;
} MIB_IPMCAST_IF_ENTRY, *PMIB_IPMCAST_IF_ENTRY;

#endif
