/*
 * names.h: what a name tells about the value under it.
 */
#ifndef PXB_CREDENTIALS_NAMES_H
#define PXB_CREDENTIALS_NAMES_H

#include "credentials/provider.h"

#include "base/slice.h"

enum family {
	FAMILY_KEYS = 1 << 0, /* S3 and its kin: an access key and a secret key */
	FAMILY_AZURE = 1 << 1,
	FAMILY_GCP = 1 << 2,
	FAMILY_IBM = 1 << 3,
	FAMILY_OCI = 1 << 4,
	FAMILY_SWIFT = 1 << 5,
	FAMILY_TENCENT = 1 << 6,
	FAMILY_MINIO = 1 << 7,
	FAMILY_B2 = 1 << 8,
	FAMILY_VSPHERE = 1 << 9,
	FAMILY_RANCHER = 1 << 10,
	FAMILY_OIDC = 1 << 11,
	FAMILY_STORK = 1 << 12,
	FAMILY_ACCESS_KEY = 1 << 14, /* the other half of a pair stands beside it */
	FAMILY_SECRET_KEY = 1 << 15,
	FAMILY_ROOT_USER = 1 << 16,
	FAMILY_ROOT_PASSWORD = 1 << 17,
	FAMILY_FILE = 1 << 13, /* it stands in a nested file or a custom resource, not in env */
};

enum name_kind { NAME_ID, NAME_SECRET, NAME_DOC, NAME_PATH, NAME_PLAIN };

struct credential_name {
	const char *name; /* as people write it */
	enum provider_id provider;
	enum name_kind kind;
	unsigned needs; /* enum family, 0: counts anywhere */
};

/* NULL when the name is no credential's. Looks at the whole name, then at its ends. */
const struct credential_name *name_find(struct slice name);

/* The families that one word of the surroundings stands for. */
unsigned family_of(struct slice word);

/* The rows, for tests and references. */
const struct credential_name *name_rows(size_t *n);

/* Lower case, without separators; the number of bytes, or 0 when it does not fit. */
size_t name_fold(struct slice name, char *out, size_t room);

#endif
