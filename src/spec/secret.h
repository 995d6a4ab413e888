/*
 * secret.h: the Secret pxc-credentials, made and checked. Values exist in the struct's own memory alone, which is wiped
 * when it is released; nothing here writes a file or prints.
 */
#ifndef PXB_SPEC_SECRET_H
#define PXB_SPEC_SECRET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "chart/pxc_credentials.h"

enum { SECRET_VALUE_MAX = 1025 };

struct secret {
	struct {
		char text[SECRET_VALUE_MAX];
		size_t n; /* 0: not there */
	} value[PXC_CREDENTIALS_N];
};

#define cleanup_secret PXB_CLEANUP(secret_release)
void secret_init(struct secret *s);
void secret_release(struct secret *s); /* wipes */

/* Overwrites what the buffer holds or held, then releases it. */
#define cleanup_wiped PXB_CLEANUP(wiped_release)
void wiped_release(struct buf *b);

/* Takes a value that exists. STATUS_USAGE when it breaks a rule; the message names the key and the rule. */
int secret_set(struct secret *s, const struct pxc_credential *c, struct slice value, struct err *err) PXB_MUST_CHECK;

/* Fills what is not there with random letters and digits; the master key only with `encrypt`. */
int secret_fill(struct secret *s, bool encrypt, struct err *err) PXB_MUST_CHECK;

/* The manifest, with the Namespace in front if asked for. The buffer must have room for it: it must not grow, or a copy
   would stay in memory. */
enum { SECRET_MANIFEST_MAX = 16 << 10 };
void secret_write(const struct secret *s, const char *ns, bool namespace_object, struct buf *out);

/* Checks the Secret in a manifest or in what kubectl prints. Appends a line per key to `report`, without values.
 *faults counts what is wrong. STATUS_INPUT when there is no such Secret, or more than one. */
int secret_check(const char *name, struct slice text, bool encrypt, struct buf *report, size_t *faults,
		 struct err *err) PXB_MUST_CHECK;

#endif
