/*
 * helm_run.h: one run of `template`, `install` or `upgrade`, from the command line to Helm's exit code.
 *
 * helm_command.c keeps the order of things, helm_parse.c takes the arguments apart, helm_prepare.c asks the cluster,
 * helm_judge.c and helm_single.c render, helm_judge.c judges, helm_tell.c reports, helm_do.c runs Helm. Functions that
 * return an int give 0 or a negative status, with the error in err, unless the comment says something else.
 */
#ifndef PXB_CMD_HELM_RUN_H
#define PXB_CMD_HELM_RUN_H

#include "cmd/cmd.h"
#include "cmd/gate_args.h"
#include "cmd/progress.h"
#include "helm/crds.h"
#include "helm/locks.h"
#include "helm/once.h"
#include "helm/render.h"
#include "rules/fixes.h"

#include <limits.h>

struct helm_args {
	struct gate_args gate;
	bool plan, fix_values, preflight, watch;
	size_t timeout; /* seconds, 0: the default */
	const char *watch_timeout;
	const char *fix_file; /* a values file of the command line, which gets the fixes */
};

struct helm_run {
	struct helm_args args;
	struct string_list own, helms; /* our own options and Helm's words, as they were written */
	struct helm_line line;
	struct helm_call call;
	struct gate_setup setup;
	struct second_opinion *so;
	struct baseline baseline;
	struct lock_set locks;
	struct rendering rendering;
	struct pass pass;
	struct buf input;    /* standard input, for -f - */
	struct buf defaults; /* the chart's own values; cap 0: not asked yet */
	struct buf chart_crds;
	struct progress progress;
	char post_renderer[PATH_MAX], version[HELM_VERSION_ROOM]; /* "": helm_ask_version() has not asked yet */
	const char *ns;						  /* where Helm installs */
	bool ns_named;						  /* and somebody said so: not the kubeconfig alone */
	bool cluster;						  /* it can be reached */
	struct once once;
	struct crds crds;
	bool chart_there; /* Helm could read the chart */
	bool chart_local; /* its files were read here: `defaults` and `chart_crds` */
	bool without;	  /* rendered without the cluster's answers: it lacks kinds that the chart brings */
	const char *fix;  /* what to do about the error, NULL: it says so itself */
	size_t judged_n;  /* bytes of the list of checked objects */
	size_t watch_seconds;
	double started;
};

int helm_parse(struct helm_run *r, const struct command *self, int argc, char **argv, bool *help,
	       struct err *err) PXB_MUST_CHECK;
int helm_prepare(struct helm_run *r, struct err *err) PXB_MUST_CHECK;
int helm_ask_version(struct helm_run *r, struct err *err) PXB_MUST_CHECK;

/* helm_crds.c. helm_installs(): Helm will make an installation, not an upgrade of one. helm_crds_explain(): Helm's last
   refusal to render comes from kinds that only the chart brings; STATUS_REFUSED when nothing will bring them there,
   else `without` is set, to render again. helm_check_kinds(): the same for the objects that were rendered. */
const struct installed *helm_find_release(const struct helm_run *r); /* of this name, NULL: there is none */
bool helm_installs(const struct helm_run *r);
int helm_ask_crds(struct helm_run *r, struct err *err) PXB_MUST_CHECK;
int helm_crds_explain(struct helm_run *r, bool *explained, struct err *err) PXB_MUST_CHECK;
int helm_check_kinds(struct helm_run *r, struct err *err) PXB_MUST_CHECK;
int helm_check_classes(struct helm_run *r,
		       struct err *err) PXB_MUST_CHECK; /* claims of classes that the cluster does not have */

/* helm_owners.c: cluster roles of the render that are another release's already. */
int helm_check_owners(struct helm_run *r, struct err *err) PXB_MUST_CHECK;

/* helm_judge.c: what the chart itself says, and whether Helm can read it. */
int helm_ask_chart(struct helm_run *r, struct err *err) PXB_MUST_CHECK;

/* Helm's renders, judged; with --fix-values once more. `done` with the exit code when Helm refused the
   command itself, in its own words. */
int helm_judge(struct helm_run *r, bool *done, int *code, struct err *err) PXB_MUST_CHECK;

void helm_hint_values(struct helm_run *r); /* helm_hints.c: after a render that Helm has refused */

/* helm_fix_file.c: before Helm is asked, whether --fix-values-file names a file that can take the fixes; later, the
   fixes written into it, with a line for each on standard error. */
int helm_check_fix_file(struct helm_run *r, struct err *err) PXB_MUST_CHECK;
int helm_fix_file(struct helm_run *r, const struct set_fixes *fixes, struct err *err) PXB_MUST_CHECK;
void helm_tell_change(struct helm_run *r, const struct value_set *set); /* "  KEY: OLD -> NEW" */

/* Takes the user's values of keys that the fixes set out of the command line, and mistyped keys whose value is in force
   all the same. Returns the option with a mistyped key that is left, NULL: none. */
const char *helm_drop_replaced(struct helm_run *r, const struct set_fixes *fixes);

/* helm_do.c: the list of judged objects goes into a file without a name, which Helm's post-renderer reads while we wait
   for Helm; *code is Helm's. */
int helm_failed(struct helm_run *r, int code, const char *what); /* says so; the exit code for it */
int helm_write_judged(struct helm_run *r, int fd, struct err *err) PXB_MUST_CHECK;
int helm_do(struct helm_run *r, int judged, int *code, struct err *err) PXB_MUST_CHECK;

/* Helm's work with the gate in it, which compares what it gets with the list of judged objects in fd, or keeps it there
   together with what it hands on. NULL when memory is short. */
enum helm_inner { HELM_COMPARES, HELM_KEEPS };
char *const *helm_final_argv(struct helm_run *r, enum helm_inner inner, int fd);

/* helm_single.c: the render and the work in one, where Helm changes nothing. *done: `rendering` holds both, and
   helm_print_single() prints it; else nothing is known. */
int helm_render_single(struct helm_run *r, bool *done, struct err *err) PXB_MUST_CHECK;
int helm_print_single(struct helm_run *r, int *code, struct err *err) PXB_MUST_CHECK;

/* helm_preflight.c: --preflight. *code is not 0 when it stops the run; it has said why. */
int helm_check_preflight(const struct helm_run *r, struct err *err) PXB_MUST_CHECK;
int helm_preflight(struct helm_run *r, int *code, struct err *err) PXB_MUST_CHECK;

/* helm_watch.c: the options of --watch; after Helm's success the watch itself, whose exit code becomes ours. */
int helm_check_watch(const struct helm_run *r, size_t *seconds, struct err *err) PXB_MUST_CHECK;
int helm_watch(struct helm_run *r, int *code, struct err *err) PXB_MUST_CHECK;

/* helm_tell.c. helm_tell_choices(): one line before Helm runs, with what can never be changed. The report goes to
 * standard error, to the files of --report and to the state. */
int helm_report(struct helm_run *r, struct err *err) PXB_MUST_CHECK;
int helm_tell_choices(struct helm_run *r, struct err *err) PXB_MUST_CHECK;
void helm_tell_refused(struct helm_run *r);
void helm_note(struct helm_run *r, const char *fmt, ...) PXB_PRINTF(2, 3);

/* helm_plan.c: what --plan prints, by Helm's -o as text or JSON. */
int helm_tell_plan(struct helm_run *r, struct buf *out, struct err *err) PXB_MUST_CHECK;

int verdict_code(enum verdict v);

#endif
