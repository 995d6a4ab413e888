/*
 * spec.h: what an installation is made of, from its answers: the values file, the policy, the commands in their order,
 * and for Argo CD the Application. The same answers give the same bytes; no clock and no random number is asked.
 *
 * Each writer appends one whole file to a buffer, which remembers a failure. No text of a secret goes into any of them
 * but spec_write_secret_values(), whose file is for its owner's eyes alone.
 */
#ifndef PXB_SPEC_SPEC_H
#define PXB_SPEC_SPEC_H

#include "spec/answers.h"

/* One overridden value of the chart. */
struct spec_value {
	const char *key; /* dotted; a trailing "[0]" makes a list of one */
	struct slice text;
	bool is_switch;
	const char *why;
};

enum { SPEC_VALUES_MAX = 40 };

struct spec_values {
	struct spec_value v[SPEC_VALUES_MAX];
	size_t n;
};

/* What differs from the chart's defaults, and what must be said in any case. Texts are those of the answers. */
void spec_values(const struct answers *a, struct spec_values *out);

void spec_write_values(const struct answers *a, struct buf *out);
void spec_write_secret_values(const struct answers *a, struct slice client_secret, struct buf *out);
void spec_write_policy(const struct answers *a, struct buf *out);
void spec_write_application(const struct answers *a, struct buf *out);

/* `chart_sha256`: of the chart's archive where it is at hand, "" otherwise. */
void spec_write_install(const struct answers *a, const char *chart_sha256, struct buf *out);

/* "values-px-central-3.0.0.yaml". */
void spec_values_name(const struct answers *a, struct buf *out);

#define SPEC_SECRET_VALUES "values-secret.yaml"
#define SPEC_MASTER_KEY	   "master-key.txt" /* what INSTALL.md calls the copy of MongoDB's key */
#define SPEC_POLICY	   "pxb-fed.yaml"
#define SPEC_INSTALL	   "INSTALL.md"
#define SPEC_APPLICATION   "application.yaml"
#define SPEC_ANSWERS	   "answers.yaml"
#define SPEC_CHARTS	   "http://charts.portworx.io/"

#endif
