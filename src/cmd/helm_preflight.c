/*
 * helm_preflight.c: --preflight: before Helm runs, the checks of `preflight` over what was rendered. What failed stops
 * the run; what could not be asked is told, for not everybody may read everything.
 */
#include "checks/preflight.h"
#include "cmd/helm_run.h"
#include "cmd/kube_args.h"
#include "helm/storage.h"
#include "helm/connection.h"

#include <unistd.h>

enum { SECONDS = 30, OUT_MAX = 16 << 20 };

int helm_check_preflight(const struct helm_run *r, struct err *err)
{
	if (r->args.preflight && r->line.command == HELM_TEMPLATE)
		return err_set(err, STATUS_USAGE, "'template' installs nothing; 'pxb-fed preflight' checks a cluster");
	return 0;
}

static int done(const struct survey *s, const struct survey_cluster *c, struct facts *f, struct err *err)
{
	struct show *show = s->context;

	(void)c;
	(void)err;
	show_cluster(show, f);
	return 0;
}

static int ask(struct helm_run *r, struct arena *a, const struct demands *demands, struct show *show, struct err *err)
{
	const struct values *values = &r->setup.pass.values;
	struct preflight p = {.ns = r->ns,
			      .release = r->line.name ? r->line.name : "px-central",
			      .policy = &r->setup.pass.policy,
			      .values = values->files.n ? values : NULL,
			      .rendered = &r->pass.release,
			      .helm_version = r->version,
			      .driver = helm_driver_resource(helm_driver())};
	struct survey_cluster cluster = {.name = ""};
	struct survey s = {.command = PREFLIGHT,
			   .demands = demands,
			   .more = &p,
			   .seconds = SECONDS,
			   .parallel = 1,
			   .done = done,
			   .context = show};

	if (helm_ask_version(r, err) < 0)
		return err->status;
	helm_connection(&r->line, a, &cluster.target);
	if (arena_failed(a))
		return err_nomem(err);
	show_start(show);
	if (survey_run(&s, &cluster, 1, err) < 0)
		return err->status;
	show_end(show);
	return show->out->failed ? err_nomem(err) : 0;
}

static int decide(struct helm_run *r, const struct tally *t)
{
	const char *what = r->line.command == HELM_UPGRADE ? "upgraded" : "installed";

	if (t->lost) {
		fprintf(stderr, "pxb-fed: the backup cluster could not be checked: nothing was %s\n", what);
		return EXIT_HELPER;
	}
	if (t->n[OUTCOME_FAIL]) {
		fprintf(stderr, "pxb-fed: the backup cluster is not ready: nothing was %s\n", what);
		return EXIT_VIOLATIONS;
	}
	return EXIT_OK;
}

int helm_preflight(struct helm_run *r, int *code, struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT(OUT_MAX);
	struct arena arena = ARENA_INIT((size_t)16 << 20);
	const struct kube_args none = {0};
	struct demands demands;
	struct show show = {.form = SHOW_SHORT,
			    .demands = &demands,
			    .color = wants_color(STDERR_FILENO),
			    .utf8 = speaks_utf8(),
			    .program = program_name(),
			    .command = PREFLIGHT,
			    .out = &out};

	*code = EXIT_OK;
	if (!r->args.preflight)
		return 0;
	progress_say(&r->progress, "checking the backup cluster");
	if (kube_args_demands(&none, &r->setup.pass.policy, &demands, err) == 0 &&
	    ask(r, &arena, &demands, &show, err) == 0) {
		progress_clear(&r->progress);
		fputs(buf_str(&out), stderr);
		*code = decide(r, &show.tally);
	}
	show_release(&show);
	arena_release(&arena);
	return err->status;
}
