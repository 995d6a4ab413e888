/*
 * show.h: results of checks as text in the manner of `linkerd check`, as JSON, JUnit and Markdown.
 */
#ifndef PXB_CHECKS_SHOW_H
#define PXB_CHECKS_SHOW_H

#include "checks/checks.h"

struct tally {
	size_t n[OUTCOMES];
	size_t clusters, lost; /* lost: could not be asked at all */
};

/* A managed identity, and how many clusters use it. */
struct shared_identity {
	struct slice client;
	size_t clusters;
};

enum show_form { SHOW_TEXT, SHOW_SHORT, SHOW_JSON, SHOW_JUNIT, SHOW_MARKDOWN };

struct show {
	enum show_form form;
	bool color, utf8;
	const char *program; /* "pxb-fed", for hints */
	enum check_command command;
	const struct demands *demands;
	struct buf *out;
	struct tally tally;
	bool first;
	struct arena arena; /* of the identities */
	VEC(struct shared_identity) identities;
};

void show_start(struct show *s);
void show_cluster(struct show *s, const struct facts *f);
void show_end(struct show *s);
void show_release(struct show *s);

/* show_files.c */
void junit_cluster(struct show *s, const struct facts *f);
void markdown_cluster(struct show *s, const struct facts *f);

/* Whether no path of the cluster could be asked. */
bool facts_are_lost(const struct facts *f);

#endif
