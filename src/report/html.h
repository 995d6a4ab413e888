/*
 * html.h: the parts of the HTML form. Internal to src/report.
 *
 * One file without outside assets. Its own policy (a meta element) lets a browser load nothing and run nothing but the
 * one script below, so that even text that escaped its escaping could do nothing. No style attributes: the policy
 * forbids them too.
 */
#ifndef PXB_REPORT_HTML_H
#define PXB_REPORT_HTML_H

#include "report/outline.h"

/* Made from src/report/html by embed.awk: the texts, and their SHA-256 in base64. */
extern const char html_css[], html_js[], html_css_hash[], html_js_hash[];

/* The findings in their order of importance, grouped by rule. */
struct html_group {
	const char *rule;
	unsigned rank;
	const struct view_finding **all;
	size_t n, shown;
	struct view_counts counts;
};

struct html {
	struct report_view *v;
	const struct view_finding **all; /* by rule, then importance */
	struct html_group *groups;
	size_t groups_n;
	size_t shown; /* of all groups: a page with more would not be usable */
	struct buf *out;
};

enum { FINDINGS_SHOWN = 2000, EACH_SHOWN = 50, OBJECTS_SHOWN = 200 };

/* Text of manifests, escaped. */
void html_text(struct html *h, const char *text);

/* Paragraphs of a rule's page, with `code` in them. */
void html_prose(struct html *h, struct slice text);

/* "Deployment central/px-backup" */
void html_object(struct html *h, const struct view_object *o);

/* "3 errors, 1 excepted", each part in words. */
void html_counts(struct html *h, const struct view_counts *c);

/* "r-RULE": the place of a rule's findings in the page. */
void html_anchor(struct html *h, const char *rule);

/* A table that scrolls by itself where it is wider than the page, by keyboard too, named by the heading with that id.
 */
void html_table(struct html *h, const char *heading, const char *class_name);
void html_table_end(struct html *h);

/* Lines to copy. */
void html_options(struct html *h, const char *const *options, size_t n);

/* html_matrix.c, html_findings.c, html_rules.c. False when memory is short. */
bool html_causes(struct html *h);
bool html_matrix(struct html *h);
void html_findings(struct html *h);
void html_rules(struct html *h);

#endif
