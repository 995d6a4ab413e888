/*
 * scan.h: every text of every object scanned for credentials, once.
 *
 * Takes the objects of a release; gives hits, each with the scalar of the stream it was found in and the way from there
 * to the credential (decodings, documents inside documents). What may be shown of it (kind, length,
 * public part) is decided here, in hit.c, and nowhere else; its bytes are kept to be hidden from every other place.
 *
 * Structure first: the tree is walked with key names, the automaton finds candidates in decoded scalars, names judge
 * what is under them, halves of pairs are searched for in the same object or the same nested file. What cannot be
 * scanned (a cap, a base64 that is none) is a hit of its own, never silence.
 *
 * All memory is the caller's arena. Nothing here prints.
 */
#ifndef PXB_CREDENTIALS_SCAN_H
#define PXB_CREDENTIALS_SCAN_H

#include "credentials/custom.h"
#include "credentials/detect.h"
#include "kube/release.h"

enum hit_class {
	HIT_VALUE,	    /* a cloud credential */
	HIT_UNCHECKED,	    /* could not be scanned */
	HIT_UNDECODED,	    /* under a key that asks for base64, and no base64; scanned as it is */
	HIT_SLOT,	    /* the place of one, empty or with a placeholder */
	HIT_REGISTRY,	    /* a registry login that is a cloud identity's long-lived key */
	HIT_REGISTRY_SHORT, /* ... a token of hours */
	HIT_PLAIN,	    /* another secret in clear text */
};

struct credential_hit {
	enum hit_class class;
	enum provider_id provider;
	enum confidence confidence;
	const struct object *object;	 /* NULL: in a document that is not an object, or is a list of them */
	const struct document *document; /* then */
	const struct node *node;	 /* of the object or document; NULL: in a comment */
	bool in_key;			 /* a mapping key (node) holds it: the path itself is secret */
	bool in_comment;
	const char *what;    /* "an access key id" */
	const char *reason;  /* "its shape", "its name AWS_SECRET_ACCESS_KEY", "the access key id beside it" */
	const char *chain;   /* "base64 > INI > default.aws_secret_access_key"; "" */
	const char *shown;   /* the public part; "" */
	size_t length;	     /* of the secret, in characters; 0: not reported */
	struct slice secret; /* its bytes, so that nothing else shows them; never shown themselves */
};

/* The bytes are a secret, not only a place for one or a text that could not be scanned. */
static inline bool credential_hit_is_secret(const struct credential_hit *h)
{
	return h->class != HIT_SLOT && h->class != HIT_UNCHECKED && h->class != HIT_UNDECODED;
}

/* Pointers, sorted by who asks. */
struct credential_index {
	const void **v;
	size_t n, cap;
};

struct credential_scan {
	struct arena *arena;
	const struct credential_custom *custom; /* the policy's own names and patterns; NULL: none */
	VEC(struct credential_hit) hits;
	bool failed;						 /* memory */
	struct credential_index objects_hit, nodes_hit, secrets; /* for rules that look something up */
};

/* Scans every object of r that does not stand inside another one's text. False when memory is short. */
bool credential_scan_release(struct credential_scan *s, const struct release *r);

/* The names of a Secret's keys and env entries whose values would be credentials, for references. */
bool credential_name_counts(struct slice name, enum provider_id *provider);

#endif
