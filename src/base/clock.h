/*
 * clock.h: time that only goes forward, for deadlines and pauses.
 */
#ifndef PXB_BASE_CLOCK_H
#define PXB_BASE_CLOCK_H

#include "base/setup.h"

#include <time.h>

/* Milliseconds since some moment before this process began. */
static inline long long monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
