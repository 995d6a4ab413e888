/*
 * docs.h: the pages of docs/rules, compiled in by docs/embed.awk.
 */
#ifndef PXB_RULES_DOCS_H
#define PXB_RULES_DOCS_H

#include "base/slice.h"

struct rule_doc {
	const char *id, *text;
};

extern const struct rule_doc rule_docs[];
extern const size_t rule_docs_n;

/* The page of a rule, or NULL. */
const char *rule_page(const char *id);

/* Its first paragraph, which says what is demanded, and the paragraphs below "## HEADING"; empty if there are none.
   Line ends are kept. */
struct slice page_demand(const char *page);
struct slice page_section(const char *page, const char *heading);

#endif
