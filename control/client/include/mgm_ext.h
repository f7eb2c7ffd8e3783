/* SPDX-License-Identifier: BSD-3-Clause */
/* What mgm.h lacks and a protocol needs. */
#ifndef MGM_MGM_EXT_H
#define MGM_MGM_EXT_H

#include "windows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What pbRoute of the RPF callback points at; the callback may change it, and the entry shows it.
 */
typedef struct _MGM_EXT_ROUTE {
    DWORD dwProtocol; /* MIB_IPFORWARD_PROTO: 2 connected, 3 configured */
    DWORD dwNetwork;  /* network byte order */
    DWORD dwMask;     /* network byte order */
} MGM_EXT_ROUTE, *PMGM_EXT_ROUTE;

/* A protocol that mgmd loads ([[protocol]] of its configuration) is a shared object with this
 * function. It runs on a thread of its own; argv[0] is the path of the module, the rest is `args`.
 * When it returns, what it did not give back is given back for it. The value is ignored. */
DWORD MgmExtMain(int argc, char **argv);

/* Called by MgmExtMain, on its thread: returns when mgmd stops. */
DWORD MgmExtWaitForStop(void);

#define MGM_EXT_NAME_SIZE 32

typedef struct _MGM_EXT_INTERFACE {
    DWORD dwIfIndex;
    char szName[MGM_EXT_NAME_SIZE];
    DWORD dwAddress; /* the first IPv4 address, network byte order; 0: none */
    DWORD dwMask;
    BOOL bIsUp;
} MGM_EXT_INTERFACE, *PMGM_EXT_INTERFACE;

/* The interfaces of vrf 0, by index. As many as fit into *pdwNumEntries records are written and
 * *pdwNumEntries becomes the number that there are; ERROR_INSUFFICIENT_BUFFER when that is more. */
DWORD MgmExtGetInterfaces(PMGM_EXT_INTERFACE pInterfaces, PDWORD pdwNumEntries);

/* Returns when every callback that was due, whoever's, has returned. ERROR_CAN_NOT_COMPLETE inside
 * one. */
DWORD MgmExtFlush(void);

#ifdef __cplusplus
}
#endif

#endif
