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
	unsigned alphabet;
	size_t least, most; /* bytes */
	size_t made;	    /* length of a generated one */
	bool encryption;    /* only with pxbackup.encryptMongoDB */
};

extern const struct pxc_credential pxc_credentials[PXC_CREDENTIALS_N];

const struct pxc_credential *pxc_credential_find(struct slice key);

/* What is wrong with a decoded value, as the end of a sentence that begins with its key; NULL when nothing is. The text
   is static. */
const char *pxc_credential_fault(const struct pxc_credential *c, struct slice value);

#endif
