/*
 * names.h: what a name says about the value under it.
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
	FAMILY_ACCESS_KEY = 1 << 14, /* the other half of a pair is beside it */
	FAMILY_SECRET_KEY = 1 << 15,
	FAMILY_ROOT_USER = 1 << 16,
	FAMILY_ROOT_PASSWORD = 1 << 17,
	FAMILY_FILE = 1 << 13, /* it is in a nested file or a custom resource, not in env */
};

enum name_kind { NAME_ID, NAME_SECRET, NAME_DOC, NAME_PATH, NAME_PLAIN };

/* What a value must be like to count under a name that others use for other things. */
enum name_asks {
	ASKS_NOTHING,
	ASKS_NO_NAME, /* not the name of a resource */
	ASKS_CHANCE,  /* made by chance, by its looks */
};

struct credential_name {
	const char *name; /* as people write it */
	enum provider_id provider;
	enum name_kind kind;
	unsigned needs; /* enum family, 0: counts anywhere */
	enum name_asks asks;
};

/* NULL when the name is not a credential's. Looks at the whole name, then at its ends. */
const struct credential_name *name_find(struct slice name);

/* The name is a row of the table, from its first to its last letter. */
bool name_is_row(struct slice name);

/* --- name_words.c: the words of a name -------------------------------------------------------------------------- */

struct name_words {
	enum provider_id provider; /* PROVIDER_NONE: no word of one */
	unsigned families;	   /* of its words */
	bool secret;		   /* secret, password, token, credentials: at its end */
	bool key;		   /* key: at its end */
	bool off;		   /* it speaks of something else: a name, a path, an id, a number */
	bool id;		   /* id, uid, guid: at its end */
	bool unknown;		   /* some word is not in the table */
	bool access;		   /* access */
	bool hint;		   /* the provider's word is one that others use, too */
};

struct name_words name_words_of(struct slice name);

/* prod, old, 2: says which of several it is. */
bool name_word_is_copy(struct slice word);
/* Its last two letters may be those of such a word: false of nearly all. The name has two letters or more. */
bool name_ends_in_copy(struct slice name);

/* A provider's word and a secret's word: the row for such names, or NULL. */
const struct credential_name *name_by_words(struct slice name);

/* The families that one word of the surroundings stands for. */
unsigned family_of(struct slice word);

/* The rows, for tests and references. */
const struct credential_name *name_rows(size_t *n);

/* Lower case, without separators; the number of bytes, or 0 when it does not fit. */
size_t name_fold(struct slice name, char *out, size_t room);

#endif
