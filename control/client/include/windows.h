/* SPDX-License-Identifier: BSD-3-Clause */
/* The few basic types that mgm.h and a protocol written for it use, with the sizes that they have
 * there: DWORD and ULONG are 32 bits on every machine. Nothing else of that platform is here. */
#ifndef MGM_WINDOWS_H
#define MGM_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t BYTE;
typedef uint32_t DWORD;
typedef uint32_t ULONG;
typedef int32_t BOOL;
typedef BOOL WINBOOL;
typedef BYTE *PBYTE;
typedef DWORD *PDWORD;
typedef ULONG *PULONG;
typedef void *PVOID;
typedef void *HANDLE;

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif
#ifndef ANY_SIZE
#define ANY_SIZE 1
#endif
#ifndef FIELD_OFFSET
#define FIELD_OFFSET(type, field) offsetof(type, field)
#endif

#ifdef __cplusplus
#define MGM_TO_ULONG(value) static_cast<ULONG>(value)
#else
#define MGM_TO_ULONG(value) ((ULONG)(value))
#endif

/* What the calls of mgm.h return. */
#define NO_ERROR 0U
#define ERROR_NOT_ENOUGH_MEMORY 8U
#define ERROR_INVALID_PARAMETER 87U
#define ERROR_INSUFFICIENT_BUFFER 122U
#define ERROR_ALREADY_EXISTS 183U
#define ERROR_MORE_DATA 234U
#define ERROR_NO_MORE_ITEMS 259U
#define ERROR_CAN_NOT_COMPLETE 1003U
#define ERROR_NOT_FOUND 1168U

#endif
