/*
 * ustar.h: where POSIX's ustar keeps what in the block in front of a file. Source: POSIX, pax, "ustar Interchange
 * Format".
 */
#ifndef PXB_HELM_USTAR_H
#define PXB_HELM_USTAR_H

enum ustar {
	USTAR_BLOCK = 512,
	USTAR_NAME_FIELD = 100, /* bytes, from 0 */
	USTAR_MODE = 100,
	USTAR_SIZE = 124,
	USTAR_SIZE_FIELD = 12,
	USTAR_TIME = 136,
	USTAR_SUM = 148,
	USTAR_TYPE = 156,
	USTAR_MAGIC = 257,
	USTAR_PREFIX = 345,
	USTAR_PREFIX_FIELD = 155,
};

#endif
