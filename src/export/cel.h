/*
 * cel.h: the texts of policies: names in CEL, templates of checks.def, base64 as a pattern. Internal to src/export.
 */
#ifndef PXB_EXPORT_CEL_H
#define PXB_EXPORT_CEL_H

#include "base/buf.h"

/* Resources that one policy looks at; sets.def. */
struct set {
	const char *suffix, *rules, *kinds, *pod, *meta;
	bool by_controllers;
};

/* A string literal of CEL in ASCII. */
void cel_quote(struct slice text, struct buf *out);

/* A template of checks.def with `object` ("object", "oldObject") in the place of {o}. */
void cel_expand(const char *text, const struct set *set, const char *object, struct buf *out);

/* Names of the databases, as checks.def lists objects. */
const char *cel_objects(const char *objects, struct buf *scratch);

/* How `text` looks inside base64 when it begins `at` bytes behind a multiple of three: the characters that depend on
   nothing else, and the offset of the first of them when it begins at byte `at` exactly. */
size_t cel_base64_at(struct slice text, size_t at, struct buf *out);

#endif
