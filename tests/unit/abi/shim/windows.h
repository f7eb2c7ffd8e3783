/* SPDX-License-Identifier: BSD-3-Clause */
/* The types that mingw-w64's mgm.h and iprtrmib.h need, written for this test alone, apart from
 * ours. */
#pragma once
#include <stddef.h>
#include <stdint.h>
typedef unsigned char BYTE, UCHAR;
typedef unsigned int DWORD, ULONG, UINT;
typedef unsigned short WORD, USHORT, WCHAR;
typedef int WINBOOL, BOOL, LONG;
typedef unsigned long long ULONGLONG, ULONG64;
typedef void *HANDLE, *PVOID;
typedef DWORD *PDWORD;
typedef BYTE *PBYTE;
typedef WCHAR *PWCHAR;
typedef unsigned char BOOLEAN;
typedef union {
    long long QuadPart;
} LARGE_INTEGER;
#define __C89_NAMELESS
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define MAX_INTERFACE_NAME_LEN 256
#define ANY_SIZE 1
#define WINAPI_FAMILY_PARTITION(x) 1
#define WINAPI_PARTITION_DESKTOP 1
