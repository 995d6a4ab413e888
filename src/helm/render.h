/*
 * render.h: what Helm would install, without installing it.
 *
 * Helm renders as it would for the command itself, with ourselves as the post-renderer, which keeps the stream and
 * hands nothing on: so the bytes judged are those that the post-renderer of the real run gets, no kind needs to be
 * known to the cluster yet, and in Helm 4, where that post-renderer fails, nothing could be installed even by mistake.
 * Helm 3 does not show hooks to a post-renderer: they come from the JSON of its dry run, or from what `helm template`
 * prints behind them.
 *
 * Manifests hold Secrets: they stay in memory, in files without a name.
 */
#ifndef PXB_HELM_RENDER_H
#define PXB_HELM_RENDER_H

#include "helm/command_line.h"
#include "helm/helm.h"

struct crds;
struct kube_one;
struct once;

/* How Helm is called in one run of ours. Borrows all it points to. */
struct helm_call {
	struct helm_line *line;
	int major;
	const char *post_renderer; /* what --post-renderer takes */
	struct slice input;	   /* standard input, for `-f -`; .p == NULL: none */
	const struct once *once;   /* values files that are handed on by descriptor; NULL: none */
	unsigned seconds;	   /* for each question */
	struct kube_one *one;	   /* the cluster, which is connected; NULL: only Helm can ask it */
	struct crds *crds;	   /* NULL: the cluster's kinds are not known */
	bool installs;		   /* there is no release of that name: what is rendered is an installation */
};

enum helm_outcome {
	HELM_DONE,
	HELM_REFUSED,	/* by Helm itself: its words are in `errors` */
	HELM_FORBIDDEN, /* the cluster answers, but not to these credentials */
	HELM_NO_CLUSTER,
};

struct rendering {
	struct buf manifests; /* what a post-renderer is given */
	struct buf hooks;     /* the hooks that are not among them */
	struct buf printed;   /* what Helm prints of it, when this was the run that was asked for (printed.h) */
	bool is_printed;
	struct buf errors; /* Helm's own words */
	int exit_code;	   /* of Helm */
};

#define cleanup_rendering PXB_CLEANUP(rendering_release)
void rendering_init(struct rendering *r, size_t cap);
void rendering_release(struct rendering *r);

/* Renders as `command` would; `cluster` lets the chart's templates look things up. A negative status when Helm could
   not be run or was late (STATUS_HELPER) or what it wrote cannot be read. */
int helm_render(const struct helm_call *h, enum helm_command command, bool cluster, struct rendering *r,
		enum helm_outcome *outcome, struct err *err) PXB_MUST_CHECK;

/* Runs a command line that renders, within the time of a question. */
int helm_run(const struct helm_call *h, char *const *argv, struct buf *out, struct buf *errors, int *exit_code,
	     struct err *err) PXB_MUST_CHECK;

/* Asks Helm something else: ends `argv`, runs it, and sorts out why it failed. */
int helm_question(const struct helm_call *h, struct helm_argv *argv, struct buf *out, struct buf *errors,
		  enum helm_outcome *outcome, int *exit_code, struct err *err) PXB_MUST_CHECK;

/* The words of a program that could not reach the cluster, or lost it. */
bool helm_lost_cluster(struct slice errors);

/* --post-renderer with the arguments for our own render command in front. */
void helm_argv_renderer(const struct helm_call *h, struct helm_argv *a, const char *const *args, size_t n);

/* --- the other side: the post-renderer of such a run ------------------------------------------------------------ */

/* Hands a text to the run that waits for it; negative: nothing is open. The text to print, and whether to fail, are
   Helm's business. capture_end(): it is whole. */
int capture_open(const char *path, struct err *err) PXB_MUST_CHECK;
int capture_end(int fd, struct err *err) PXB_MUST_CHECK;
int capture_write(const char *path, struct slice text, struct err *err) PXB_MUST_CHECK;

/* --- this side -------------------------------------------------------------------------------------------------- */

int capture_read(int fd, struct buf *captured, struct err *err) PXB_MUST_CHECK;

/* Cuts the next whole text off what was handed over; false: there is none. */
bool capture_take(struct slice *captured, struct slice *text);

/* The hooks in the release as JSON or YAML, which `-o json` prints in a dry run: a document each, under its path. */
int hooks_of_release(struct slice printed, struct buf *hooks, struct err *err) PXB_MUST_CHECK;

#endif
