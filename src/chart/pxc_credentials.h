/*
 * pxc_credentials.h: what the Secret pxc-credentials must hold. Values come in and only judgements go out: no message
 * holds a value or a part of one.
 */
#ifndef PXB_CHART_PXC_CREDENTIALS_H
#define PXB_CHART_PXC_CREDENTIALS_H

#include "base/slice.h"

#define PXC_CREDENTIALS "pxc-credentials"

enum { PXC_CREDENTIALS_N = 6 };

struct pxc_credential {
	const char *key;
	size_t least, most; /* bytes */
	size_t made;	    /* length of a generated one */
	unsigned alphabet;
	bool encryption; /* only with pxbackup.encryptMongoDB */
};

extern const struct pxc_credential pxc_credentials[PXC_CREDENTIALS_N];

const struct pxc_credential *pxc_credential_find(struct slice key);

/* What the rules need to know of a value, and all that may leave the program that reads it. */
struct pxc_facts {
	size_t bytes;
	bool line_end;	 /* the last byte is a line end */
	bool alnum;	 /* A-Z a-z 0-9 alone */
	bool base64_set; /* those and + / = */
	bool uri_safe;	 /* printable, without a blank and what has a meaning in a URI */
	bool printable;	 /* of ASCII */
};

struct pxc_facts pxc_facts_of(struct slice value);

/* What is wrong with a decoded value, as the end of a sentence that begins with its key; NULL when nothing is. The text
   is static. */
const char *pxc_facts_fault(const struct pxc_credential *c, const struct pxc_facts *facts);
const char *pxc_credential_fault(const struct pxc_credential *c, struct slice value);

#endif
