/*
 * helm_watch.c: after Helm's success, --watch goes on into `watch`, with what was rendered as what must be there.
 */
#include "cmd/helm_run.h"
#include "cmd/watch_run.h"
#include "helm/connection.h"

int helm_check_watch(const struct helm_run *r, size_t *seconds, struct err *err)
{
	*seconds = WATCH_SECONDS_DEFAULT;
	if (r->args.watch_timeout && watch_seconds(r->args.watch_timeout, seconds, err) < 0)
		return err->status;
	if (!r->args.watch)
		return r->args.watch_timeout ? err_set(err, STATUS_USAGE, "--watch-timeout goes with --watch") : 0;
	if (r->line.command == HELM_TEMPLATE)
		return err_set(err, STATUS_USAGE, "'template' installs nothing that could be watched");
	return 0;
}

static const char *name_of(struct arena *a, const struct object *o)
{
	if (slice_is(o->kind, "Deployment") || slice_is(o->kind, "StatefulSet") || slice_is(o->kind, "Job"))
		return arena_str(a, o->name);
	/* What prometheus-operator makes of its resources. */
	if (slice_is(o->kind, "Prometheus"))
		return arena_printf(a, "prometheus-" SLICE_FMT, SLICE_ARG(o->name));
	if (slice_is(o->kind, "Alertmanager"))
		return arena_printf(a, "alertmanager-" SLICE_FMT, SLICE_ARG(o->name));
	return NULL;
}

typedef VEC(const char *) names;

static void expect(struct arena *a, const struct release *r, names *to)
{
	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];
		const char *name = o->hook ? NULL : name_of(a, o);
		const char **slot = name ? VEC_PUSH(a, *to) : NULL;

		if (slot)
			*slot = name;
	}
}

int helm_watch(struct helm_run *r, int *code, struct err *err)
{
	struct watch_options o = {.ns = r->ns, .release = r->line.name, .seconds = r->watch_seconds};
	struct arena arena = ARENA_INIT((size_t)16 << 20);
	names expected = {0};
	int rc;

	if (!r->args.watch || *code != EXIT_OK || helm_line_is_dry_run(&r->line))
		return 0;
	fflush(stdout);
	expect(&arena, &r->pass.release, &expected);
	o.expected = expected.v;
	o.expected_n = expected.n;
	helm_connection(&r->line, &arena, &o.target);
	rc = arena_failed(&arena) ? err_nomem(err) : watch_run(&o, err);
	arena_release(&arena);
	if (rc < 0)
		return err_wrap(err, "Helm has done its work, but it cannot be watched");
	*code = rc;
	return 0;
}
