/* SPDX-License-Identifier: BSD-3-Clause */
/* The Multicast Group Manager for routing protocols written in C: names, types, layouts and numbers
 * of the public API, so that a protocol written for it compiles and links unchanged. mgm_ext.h has
 * what this lacks.
 *
 * Addresses, masks and next hops: IPv4, network byte order; 0 with mask 0 is a wildcard, anything
 * else has the mask 255.255.255.255. Indices, sizes, counts and times: host order. Threads: calls
 * from any thread. Callbacks come one at a time and in order, on a thread of the client's own; hold
 * no lock in a call that a callback takes. Inside a callback some calls end in
 * ERROR_CAN_NOT_COMPLETE (control/manager/README.md). The value that a callback returns is ignored.
 */
#ifndef MGM_MGM_H
#define MGM_MGM_H

#include "iprtrmib.h"
#include "windows.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MGM_JOIN_STATE_FLAG 0x00000001
#define MGM_FORWARD_STATE_FLAG 0x00000002

#define MGM_MFE_STATS_0 0x00000001 /* MIB_IPMCAST_MFE_STATS */
#define MGM_MFE_STATS_1 0x00000002 /* MIB_IPMCAST_MFE_STATS_EX */

typedef struct _MGM_IF_ENTRY {
    DWORD dwIfIndex;
    DWORD dwIfNextHopAddr;
    BOOL bIGMP;      /* IGMP is enabled on it, too */
    BOOL bIsEnabled; /* TRUE; set it to FALSE and the new entry does not send here */
} MGM_IF_ENTRY, *PMGM_IF_ENTRY;

/* A new entry is being made; may change where its packets are to come from (to an interface of the
 * client's own). pbRoute: MGM_EXT_ROUTE of mgm_ext.h. */
typedef DWORD (*PMGM_RPF_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask, DWORD dwGroupAddr,
                                   DWORD dwGroupMask, PDWORD pdwInIfIndex,
                                   PDWORD pdwInIfNextHopAddr, PDWORD pdwUpStreamNbr,
                                   DWORD dwHdrSize, PBYTE pbPacketHdr, PBYTE pbRoute);
/* The new entry would send to these interfaces of the client. */
typedef DWORD (*PMGM_CREATION_ALERT_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask,
                                              DWORD dwGroupAddr, DWORD dwGroupMask,
                                              DWORD dwInIfIndex, DWORD dwInIfNextHopAddr,
                                              DWORD dwIfCount, PMGM_IF_ENTRY pmieOutIfList);
/* Nobody else wants the data any more. bMemberDelete FALSE: an entry has lost its outgoing
 * interfaces, and *pdwTimeout (900) is how many seconds it stays. */
typedef DWORD (*PMGM_PRUNE_ALERT_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask,
                                           DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                           DWORD dwIfNextHopAddr, BOOL bMemberDelete,
                                           PDWORD pdwTimeout);
/* Somebody else wants the data. */
typedef DWORD (*PMGM_JOIN_ALERT_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask, DWORD dwGroupAddr,
                                          DWORD dwGroupMask, BOOL bMemberUpdate);
/* A packet came in on the client's interface, and not on the entry's. */
typedef DWORD (*PMGM_WRONG_IF_CALLBACK)(DWORD dwSourceAddr, DWORD dwGroupAddr, DWORD dwIfIndex,
                                        DWORD dwIfNextHopAddr, DWORD dwHdrSize, PBYTE pbPacketHdr);
/* IGMP joined or left on an interface of the client. */
typedef DWORD (*PMGM_LOCAL_JOIN_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask, DWORD dwGroupAddr,
                                          DWORD dwGroupMask, DWORD dwIfIndex,
                                          DWORD dwIfNextHopAddr);
typedef DWORD (*PMGM_LOCAL_LEAVE_CALLBACK)(DWORD dwSourceAddr, DWORD dwSourceMask,
                                           DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                           DWORD dwIfNextHopAddr);
/* To IGMP: an interface changes hands; neither add nor delete memberships there until it is enabled
 * again, then add all of them, but not from within the callback. */
typedef DWORD (*PMGM_DISABLE_IGMP_CALLBACK)(DWORD dwIfIndex, DWORD dwIfNextHopAddr);
typedef DWORD (*PMGM_ENABLE_IGMP_CALLBACK)(DWORD dwIfIndex, DWORD dwIfNextHopAddr);

typedef struct _ROUTING_PROTOCOL_CONFIG {
    DWORD dwCallbackFlags;            /* 0 */
    PMGM_RPF_CALLBACK pfnRpfCallback; /* any of them NULL: not interested */
    PMGM_CREATION_ALERT_CALLBACK pfnCreationAlertCallback;
    PMGM_PRUNE_ALERT_CALLBACK pfnPruneAlertCallback;
    PMGM_JOIN_ALERT_CALLBACK pfnJoinAlertCallback;
    PMGM_WRONG_IF_CALLBACK pfnWrongIfCallback;
    PMGM_LOCAL_JOIN_CALLBACK pfnLocalJoinCallback;
    PMGM_LOCAL_LEAVE_CALLBACK pfnLocalLeaveCallback;
    PMGM_DISABLE_IGMP_CALLBACK
    pfnDisableIgmpCallback; /* these two: IGMP only, which must have both */
    PMGM_ENABLE_IGMP_CALLBACK pfnEnableIgmpCallback;
} ROUTING_PROTOCOL_CONFIG, *PROUTING_PROTOCOL_CONFIG;

#ifdef __cplusplus
#define MGM_ENUM_BASE : DWORD /* any number may come in, as in C, and is refused */
#else
#define MGM_ENUM_BASE
#endif
typedef enum _MGM_ENUM_TYPES MGM_ENUM_BASE { ANY_SOURCE = 0, ALL_SOURCES } MGM_ENUM_TYPES;

typedef struct _SOURCE_GROUP_ENTRY {
    DWORD dwSourceAddr;
    DWORD dwSourceMask;
    DWORD dwGroupAddr;
    DWORD dwGroupMask;
} SOURCE_GROUP_ENTRY, *PSOURCE_GROUP_ENTRY;

DWORD MgmRegisterMProtocol(PROUTING_PROTOCOL_CONFIG prpiInfo, DWORD dwProtocolId,
                           DWORD dwComponentId, HANDLE *phProtocol);
DWORD MgmDeRegisterMProtocol(HANDLE hProtocol);
DWORD MgmTakeInterfaceOwnership(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr);
DWORD MgmReleaseInterfaceOwnership(HANDLE hProtocol, DWORD dwIfIndex, DWORD dwIfNextHopAddr);
DWORD MgmGetProtocolOnInterface(DWORD dwIfIndex, DWORD dwIfNextHopAddr, PDWORD pdwIfProtocolId,
                                PDWORD pdwIfComponentId);
DWORD MgmAddGroupMembershipEntry(HANDLE hProtocol, DWORD dwSourceAddr, DWORD dwSourceMask,
                                 DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                 DWORD dwIfNextHopIPAddr, DWORD dwFlags);
DWORD MgmDeleteGroupMembershipEntry(HANDLE hProtocol, DWORD dwSourceAddr, DWORD dwSourceMask,
                                    DWORD dwGroupAddr, DWORD dwGroupMask, DWORD dwIfIndex,
                                    DWORD dwIfNextHopIPAddr, DWORD dwFlags);
DWORD MgmSetMfe(HANDLE hProtocol, PMIB_IPMCAST_MFE pmimm);
DWORD MgmGetMfe(PMIB_IPMCAST_MFE pimm, PDWORD pdwBufferSize, PBYTE pbBuffer);
DWORD MgmGetFirstMfe(PDWORD pdwBufferSize, PBYTE pbBuffer, PDWORD pdwNumEntries);
DWORD MgmGetNextMfe(PMIB_IPMCAST_MFE pimmStart, PDWORD pdwBufferSize, PBYTE pbBuffer,
                    PDWORD pdwNumEntries);
DWORD MgmGetMfeStats(PMIB_IPMCAST_MFE pimm, PDWORD pdwBufferSize, PBYTE pbBuffer, DWORD dwFlags);
DWORD MgmGetFirstMfeStats(PDWORD pdwBufferSize, PBYTE pbBuffer, PDWORD pdwNumEntries,
                          DWORD dwFlags);
DWORD MgmGetNextMfeStats(PMIB_IPMCAST_MFE pimmStart, PDWORD pdwBufferSize, PBYTE pbBuffer,
                         PDWORD pdwNumEntries, DWORD dwFlags);
DWORD MgmGroupEnumerationStart(HANDLE hProtocol, MGM_ENUM_TYPES metEnumType, HANDLE *phEnumHandle);
DWORD MgmGroupEnumerationGetNext(HANDLE hEnum, PDWORD pdwBufferSize, PBYTE pbBuffer,
                                 PDWORD pdwNumEntries);
DWORD MgmGroupEnumerationEnd(HANDLE hEnum);

#ifdef __cplusplus
}
#endif

#endif
