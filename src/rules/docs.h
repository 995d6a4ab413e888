/*
 * docs.h: the pages of docs/rules, compiled in by docs/embed.awk.
 */
#ifndef PXB_RULES_DOCS_H
#define PXB_RULES_DOCS_H

#include "base/setup.h"

struct rule_doc {
	const char *id, *text;
};

extern const struct rule_doc rule_docs[];
extern const size_t rule_docs_n;

#endif
