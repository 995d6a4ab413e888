/*
 * secret_facts.h: what may be known of a Secret's value outside the program that read it: how long it is and which
 * kinds of characters it has. The value itself is wiped.
 */
#ifndef PXB_CLUSTER_SECRET_FACTS_H
#define PXB_CLUSTER_SECRET_FACTS_H

#include "base/buf.h"

/* Appends {"bytes":N, ...}. A value that is not base64 gives {"base64":false}. */
void secret_facts_write(struct slice base64, struct buf *out);

/* The same of a decoded value. */
void secret_facts_of(struct slice value, struct buf *out);

/* {"cloud":"AWS: an access key id"}, or {} for a text that is not a credential of a cloud. */
void cloud_facts_write(struct slice text, struct buf *out);

#endif
