/*
 * setup.h: the first include of every source file. It fixes the language level, the attributes, and the
 * functions that this project does not use because a safer neighbour exists (src/base/banned.h).
 */
#ifndef PXB_SETUP_H
#define PXB_SETUP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2, memmem, memfd_create, closefrom: glibc 2.34 or later */
#endif

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Offsets, limits and hashes are computed in size_t and held in 64 bits. */
_Static_assert(sizeof(size_t) >= 8, "a 64-bit system is required");

#define PXB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define PXB_CLEANUP(fn)	      __attribute__((cleanup(fn)))
#define PXB_UNUSED	      __attribute__((unused))
#define PXB_MUST_CHECK	      __attribute__((warn_unused_result))
#define ARRAY_SIZE(a)	      (sizeof(a) / sizeof((a)[0]))

#include "base/banned.h"

#endif
