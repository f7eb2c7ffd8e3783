/* SPDX-License-Identifier: BSD-3-Clause */
/* What both example protocols print. One line a callback, flushed, so that it can be followed. */
#ifndef EXAMPLE_PRINTER_H
#define EXAMPLE_PRINTER_H

#include <arpa/inet.h>
#include <mgm.h>
#include <stdarg.h>
#include <stdio.h>

#define TEXT_SIZE 64

/* "(10.0.0.5,239.1.1.1)"; a mask of 0 is "*". */
static inline const char *key_text(char *text, DWORD source, DWORD source_mask, DWORD group,
                                   DWORD group_mask) {
    char s[INET_ADDRSTRLEN] = "*", g[INET_ADDRSTRLEN] = "*";
    if (source_mask != 0)
        inet_ntop(AF_INET, &source, s, sizeof s);
    if (group_mask != 0)
        inet_ntop(AF_INET, &group, g, sizeof g);
    snprintf(text, TEXT_SIZE, "(%s,%s)", s, g);
    return text;
}

/* Not "static inline" alone: the format is checked where it is called. */
__attribute__((format(printf, 2, 3))) static inline void say(const char *who, const char *format,
                                                             ...) {
    va_list arguments;
    va_start(arguments, format);
    flockfile(stdout);
    printf("%s: ", who);
    vprintf(format, arguments);
    printf("\n");
    fflush(stdout);
    funlockfile(stdout);
    va_end(arguments);
}

#endif
