/*
 * ascii.h: classes of single bytes that do not depend on the locale, as ctype.h does.
 */
#ifndef PXB_ASCII_H
#define PXB_ASCII_H

#include "base/setup.h"

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_alnum(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
