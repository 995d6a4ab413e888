/*
 * app_parameters.h: the parameters of an Application's plugin, as Argo CD hands them over and as they are written in
 * the manifest: a list of {name, string | array | map}.
 *
 * The struct borrows the nodes it was filled from. A fault goes to the caller, who may stop at it or collect it.
 */
#ifndef PXB_POLICY_APP_PARAMETERS_H
#define PXB_POLICY_APP_PARAMETERS_H

#include "base/err.h"
#include "yaml/stream.h"

enum app_parameter {
#define APP_PARAMETER(name, text, holds, title, tooltip) APP_##name,
#include "policy/app_parameters.def"
#undef APP_PARAMETER
	APP_PARAMETERS
};

enum app_parameter_holds { APP_HOLDS_STRING, APP_HOLDS_BOOLEAN, APP_HOLDS_ARRAY, APP_HOLDS_MAP };

struct app_parameter_info {
	const char *name;
	enum app_parameter_holds holds; /* a boolean is the string "true" or "false" */
	const char *title, *tooltip;
};

extern const struct app_parameter_info app_parameter_infos[APP_PARAMETERS];

struct app_parameters {
	const struct node *value[APP_PARAMETERS]; /* NULL: not given */
};

/* `at` is the node that is wrong, `message` lives during the call. A negative result ends the reading. */
typedef int (*app_fault_fn)(void *arg, const struct node *at, const char *message);

/* Fills p from the list (NULL and null: no parameters). Every slip is a fault: an unknown name, a wrong type, a name
   given twice. 0, or what the fault function returned. */
int app_parameters_read(struct app_parameters *p, const struct node *list, app_fault_fn fault, void *arg);

/* A text; empty when it is not given. */
struct slice app_parameter_text(const struct app_parameters *p, enum app_parameter which);

/* True for names by which somebody would try to choose what the platform team decides: "policy", "--patch". */
bool app_name_is_policy(struct slice name);

#endif
