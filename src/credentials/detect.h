/*
 * detect.h: what a credential of a cloud looks like, and under which names one is kept.
 *
 * Pure functions over decoded text. A detection never holds a byte of the secret: only what kind it is, and a public
 * part (an access key id's head and tail) where there is one.
 */
#ifndef PXB_CREDENTIALS_DETECT_H
#define PXB_CREDENTIALS_DETECT_H

#include "base/slice.h"

struct detection {
	const char *provider; /* "AWS" */
	const char *what;     /* "an access key id" */
	const char *remedy;   /* one sentence: which workload identity replaces it */
};

/* A value that shows by itself what it is, wherever it stands. */
bool credential_in_value(struct slice value, struct detection *d);

/* A name whose literal value is a credential (case and `_ - .` do not matter). */
bool credential_name(struct slice name, struct detection *d);

/* The value is there, and no template, reference or placeholder. */
bool credential_is_literal(struct slice value);

#endif
