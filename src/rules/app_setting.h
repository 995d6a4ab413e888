/*
 * app_setting.h: a value of the chart as an Application gives it, whichever way. Internal to src/rules.
 *
 * The ways win over each other as in Helm: string parameters, parameters, the YAML text (or object), then values files,
 * which are in the repository and are not seen here.
 */
#ifndef PXB_RULES_APP_SETTING_H
#define PXB_RULES_APP_SETTING_H

#include "rules/app.h"

enum setting_kind {
	SETTING_UNSET,	 /* nowhere in the manifest */
	SETTING_UNKNOWN, /* a generator fills it in, or the text cannot be read */
	SETTING_TRUE,
	SETTING_FALSE,
	SETTING_NULL,
	SETTING_TEXT, /* a string, "true" and "false" included */
	SETTING_OTHER,
};

struct setting {
	enum setting_kind kind;
	const struct node *at; /* where in the manifest; NULL when unset */
	struct slice text;     /* in the gate's arena, or borrowed from the manifest */
};

struct setting setting_of(struct gate *g, const struct app *a, const struct node *source, const char *key);

/* The text of values in the source, NULL when there is none; of a plugin's parameter or of helm.values. */
const struct node *source_values_text(const struct node *source);

/* Whether there are values files, which are not seen here. */
bool source_has_values_files(const struct node *source);

/* Where the source's values of px-central are: "" for the root, "px-central" where the chart has it as a dependency,
   which shows by what the source sets. */
const char *source_values_under(struct gate *g, const struct app *a, const struct node *source);

/* A key of px-central as it is written in the values of this source. */
const char *source_key(struct gate *g, const struct app *a, const struct node *source, enum chart_value v);

#endif
