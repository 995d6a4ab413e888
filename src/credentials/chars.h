/*
 * chars.h: alphabets of credentials, runs of them, and how random a run is.
 */
#ifndef PXB_CREDENTIALS_CHARS_H
#define PXB_CREDENTIALS_CHARS_H

#include "base/slice.h"

enum char_bits {
	CHAR_UPPER = 1 << 0,
	CHAR_LOWER = 1 << 1,
	CHAR_DIGIT = 1 << 2,
	CHAR_HEX = 1 << 3,   /* 0-9 a-f */
	CHAR_STD = 1 << 4,   /* + / */
	CHAR_URL = 1 << 5,   /* - _ */
	CHAR_ENTRA = 1 << 6, /* . _ ~ - */
	CHAR_NAME = 1 << 7,  /* letters, digits, _ - . : what a name may hold */
	CHAR_SPACE = 1 << 8, /* blank, tab, line ends */
	CHAR_DOT = 1 << 9,
	CHAR_ENDS = 1 << 10, /* ends a value in running text */
};

enum char_class {
	CLASS_ALNUM = CHAR_UPPER | CHAR_LOWER | CHAR_DIGIT,
	CLASS_CAPS = CHAR_UPPER | CHAR_DIGIT,
	CLASS_LOWER = CHAR_LOWER | CHAR_DIGIT,
	CLASS_HEX = CHAR_HEX,
	CLASS_BASE64 = CHAR_UPPER | CHAR_LOWER | CHAR_DIGIT | CHAR_STD,
	CLASS_URL64 = CHAR_UPPER | CHAR_LOWER | CHAR_DIGIT | CHAR_URL,
	CLASS_ANY64 = CHAR_UPPER | CHAR_LOWER | CHAR_DIGIT | CHAR_STD | CHAR_URL,
	CLASS_ENTRA = CHAR_UPPER | CHAR_LOWER | CHAR_DIGIT | CHAR_ENTRA,
	CLASS_JWT = CHAR_UPPER | CHAR_LOWER | CHAR_DIGIT | CHAR_URL | CHAR_DOT,
};

extern const uint16_t char_bits[256];

static inline bool char_in(char c, unsigned class)
{
	return (char_bits[(unsigned char)c] & class) != 0;
}

/* Length of the run of `class` that starts at `at`, examined no further than max. */
size_t run_forward(struct slice s, size_t at, unsigned class, size_t max);

/* Length of the run that ends just before `at`. */
size_t run_back(struct slice s, size_t at, unsigned class, size_t max);

bool slice_all(struct slice s, unsigned class);

/* Shannon entropy in hundredths of a bit per byte. */
unsigned entropy_of(struct slice s);

/* How many different bytes. */
unsigned variety_of(struct slice s);

/* Upper case, lower case and a digit are all there. */
bool is_mixed(struct slice s);

#endif
