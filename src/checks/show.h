/*
 * show.h: results of checks: as text in the manner of `linkerd check`, as one matrix of many clusters, and for
 * programs.
 *
 * A form is written as the clusters come in, but for the matrix and HTML, which need all of them and keep a row of
 * each.
 */
#ifndef PXB_CHECKS_SHOW_H
#define PXB_CHECKS_SHOW_H

#include "checks/matrix.h"

struct tally {
	size_t n[OUTCOMES];
	size_t clusters, lost; /* lost: could not be asked at all */
};

/* A managed identity, and how many clusters use it: a cluster that was asked under several names is one. */
struct shared_identity {
	struct slice client;
	VEC(struct slice) uids; /* of the StorageClusters; sorted, each once, by show_end() */
	size_t clusters;
};

enum show_form {
	SHOW_TEXT,
	SHOW_SHORT,
	SHOW_MATRIX,
	SHOW_JSON,
	SHOW_JSONL,
	SHOW_SARIF,
	SHOW_JUNIT,
	SHOW_MARKDOWN,
	SHOW_GITHUB,
	SHOW_HTML,
	SHOW_FORMS
};

/* "text|short|..." */
#define SHOW_FORM_NAMES "text|short|matrix|json|jsonl|sarif|junit|markdown|github|html"

struct show {
	enum show_form form;
	bool color, utf8;
	const char *program; /* "pxb-fed", for hints */
	enum check_command command;
	const struct demands *demands;
	struct buf *out;
	struct tally tally;
	bool first;
	size_t reported;    /* results of SARIF */
	struct arena arena; /* of the identities */
	VEC(struct shared_identity) identities;
	struct matrix matrix;	 /* rows, where the form or `past` needs them */
	const struct past *past; /* an earlier run; NULL: none */
};

void show_start(struct show *s);
void show_cluster(struct show *s, const struct facts *f);
void show_end(struct show *s);
void show_release(struct show *s);

/* --- internal to show*.c -------------------------------------------------------------------------------------------
 */

void put_mark(const struct show *s, enum outcome o);

/* A name of a kubeconfig may hold anything. */
void put_name(struct buf *out, struct slice name);
/* A sentence in lines; a command stays whole, to be pasted. */
void fix_put(struct slice fix, size_t column, size_t indent, struct buf *out);
bool is_crowded(const struct shared_identity *i);
void text_identities(struct show *s);
void text_end(struct show *s);
void json_results(const struct facts *f, const char *lead, struct buf *out);
void json_identities(struct show *s);
void json_summary(const struct show *s);

/* show_files.c */
void junit_cluster(struct show *s, const struct facts *f);
void markdown_cluster(struct show *s, const struct facts *f);

/* show_scan.c: what code hosts read */
void sarif_start(struct show *s);
void sarif_cluster(struct show *s, const struct facts *f);
void sarif_end(struct show *s);
void github_cluster(struct show *s, const struct facts *f);

/* show_matrix.c */
void matrix_text(struct show *s);
void changes_text(struct show *s);
void changes_json(struct show *s);
void jsonl_cluster(struct show *s, const struct facts *f);
void jsonl_end(struct show *s);

/* show_html.c */
void html_fleet(struct show *s);

#endif
