/*
 * argocd.h: the verbs of 'argocd'. Internal to src/cmd.
 */
#ifndef PXB_CMD_ARGOCD_H
#define PXB_CMD_ARGOCD_H

#include "cmd/cmd.h"

/* The options of one verb alone, for help and completion. */
extern const struct option_table argocd_plugin_table;

/* What follows the verb. Each prints and returns the exit code. */
int argocd_generate(const struct command *self, int argc, char **argv);
int argocd_parameters(const struct command *self, int argc, char **argv);
int argocd_plugin(const struct command *self, int argc, char **argv);
int argocd_check_app(const struct command *self, int argc, char **argv);

#endif
