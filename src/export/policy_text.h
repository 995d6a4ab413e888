/*
 * policy_text.h: a policy while it is being put together. Internal to src/export.
 */
#ifndef PXB_EXPORT_POLICY_TEXT_H
#define PXB_EXPORT_POLICY_TEXT_H

#include "export/vap.h"

struct policy_text {
	const struct demands *d;
	const struct vap_options *opt;
	const struct check *c;
	const struct set *set;
	struct buf name, part, old_part, texts, remarks, objects, parts, after;
	size_t objects_n, parts_n;
	struct probe probes[24];
	size_t probes_n;
};

bool set_is_data(const struct set *s); /* Secrets and ConfigMaps */

/* Comments, policy and binding, as YAML documents. */
void policy_text_write(const struct policy_text *p, struct buf *out);

#endif
