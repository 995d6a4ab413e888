/*
 * caller.h: what the user said to the Helm that called us as its plugin. Helm takes the options of its own away from a
 * plugin's arguments and passes on what became of them, not whether anybody named them.
 */
#ifndef PXB_HELM_CALLER_H
#define PXB_HELM_CALLER_H

#include "base/setup.h"

/* Somebody named a namespace: by -n, --namespace or HELM_NAMESPACE, not by the kubeconfig alone. False as well when it
   cannot be found out. */
bool caller_names_namespace(void);

/* The variable was in the environment of that Helm already: it did not come by an option. */
bool caller_has_variable(const char *name, const char *value);

#endif
