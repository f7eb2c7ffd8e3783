/* SPDX-License-Identifier: BSD-3-Clause */
/* Identifiers of multicast routing protocols. */
#ifndef MGM_ROUTPROT_H
#define MGM_ROUTPROT_H

#define PROTO_IP_MSDP 9
#define PROTO_IP_IGMP                                                                              \
    10 /* the low 16 bits of its dwProtocolId tell the group manager that a client is IGMP */
#define PROTO_IP_BGMP 11

#endif
