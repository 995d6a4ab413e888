/*
 * app.h: Application and ApplicationSet manifests of Argo CD. Internal to src/rules.
 *
 * An ApplicationSet is judged by its template; a text with "{{" in it is filled in by a generator and cannot be judged.
 */
#ifndef PXB_RULES_APP_H
#define PXB_RULES_APP_H

#include "policy/app_parameters.h"
#include "rules/gate.h"

struct app {
	const struct object *object;
	const struct node *spec; /* of the Application; the object's root when there is none */
	bool is_set;		 /* an ApplicationSet's template */
};

/* The Applications that install px-central, in the order of the stream; others are passed over and counted. */
struct app_iter {
	const struct gate *g;
	size_t at;
	bool all; /* there is one alone, so it was meant */
	size_t skipped;
	const struct object *last_skipped;
	struct app app;
};

struct app_iter app_iter_of(const struct gate *g);
bool app_next(struct app_iter *it);

/* Its sources: spec.source, or the items of spec.sources (which then wins, as in Argo CD), without those that only lend
   their files to others (`ref`). */
struct source_iter {
	const struct node *one;
	struct seq_iter list;
	const struct node *source;
};

struct source_iter source_iter_of(const struct app *a);
bool source_next(struct source_iter *it);

/* spec.source.plugin, NULL when the source has none. */
const struct node *source_plugin(const struct node *source);

/* Its parameters; slips are passed over: rule argocd-app-values tells them. */
struct app_parameters source_parameters(const struct node *source);

/* True for a text that a generator of an ApplicationSet fills in. */
bool app_is_filled_in(const struct app *a, struct slice text);

#endif
