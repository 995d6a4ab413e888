/*
 * view.c: findings of an audit for the renderers of src/report.
 */
#include "audit/chart.h"

#include <xxhash.h>

_Static_assert((int)KIND_COUNT < (int)RANKS_MAX, "a kind is a rank of a view");

/* As pages of docs/rules are written, so that every form shows it. */
static const char *page_of(struct arena *a, const struct audit_kind_info *k)
{
	return arena_printf(a, "# %s\n\n%s\n\n## Why\n\n%s\n\n## Fix\n\n%s\n", k->id, k->what, k->why, k->fix);
}

static int fill_kinds(const struct audit *a, struct report_view *v, struct err *err)
{
	struct view_rule *kinds = arena_alloc(&v->arena, KIND_COUNT * sizeof(*kinds));

	if (!kinds)
		return err_nomem(err);
	for (unsigned i = 0; i < KIND_COUNT; i++)
		kinds[i] = (struct view_rule){audit_kinds[i].id, page_of(&v->arena, &audit_kinds[i]),
					      audit_kinds[i].severity, a->ran[i]};
	v->kinds = kinds;
	v->kinds_n = KIND_COUNT;
	v->counted = "render";
	v->objects = a->renders;
	return 0;
}

static const char *fingerprint(struct arena *a, const struct audit_finding *f)
{
	uint64_t h = XXH3_64bits(audit_kinds[f->kind].id, strlen(audit_kinds[f->kind].id));

	for (size_t i = 0; i < FACT_TEXTS; i++)
		h = XXH3_64bits_withSeed(f->fact->v[i], strlen(f->fact->v[i]), h + i);
	return arena_printf(a, "%016llx", (unsigned long long)h);
}

/* "px-central/templates/x.yaml" and "values.yaml" as files of the chart, where that is a folder. */
static const char *file_of(struct arena *a, const struct fact *f, const char *chart)
{
	struct slice path = slice_str(f->source);

	if (!path.n || slice_ends(slice_str(chart), ".tgz"))
		return path.n ? f->source : "";
	if (slice_starts(path, "px-central/"))
		path = slice_from(path, strlen("px-central/"));
	return arena_printf(a, "%s%s" SLICE_FMT, chart, slice_ends(slice_str(chart), "/") ? "" : "/", SLICE_ARG(path));
}

/* Where the texts of a fact name its object: what is gone was seen nowhere. */
static const struct view_object *object_of(struct arena *a, const struct fact *f)
{
	const char *kind = f->object_kind, *name = f->object_name;
	struct view_object *o;

	switch (f->kind) {
	case FACT_FIELD:
		kind = f->v[1];
		name = f->v[2];
		break;
	case FACT_PLACE:
		kind = f->v[2];
		name = f->v[3];
		break;
	case FACT_WORKLOAD:
	case FACT_DATABASE:
	case FACT_CLAIM:
	case FACT_RBAC:
	case FACT_BINDING:
	case FACT_HOOK:
		kind = f->v[0];
		name = f->v[1];
		break;
	case FACT_SECRET:
		kind = "Secret";
		name = f->v[0];
		break;
	default:
		break;
	}
	o = kind && *kind ? ARENA_NEW(a, struct view_object) : NULL;
	if (o)
		*o = (struct view_object){"", kind, "", name};
	return o;
}

/* What tells the places of one cause apart. */
static const char *path_of(struct arena *a, const struct fact *f)
{
	switch (f->kind) {
	case FACT_RBAC:
		return arena_printf(a, "%s%s%s: %s", f->v[3], *f->v[2] ? "." : "", f->v[2], f->v[4]);
	case FACT_BINDING:
		return arena_printf(a, "%s/%s: %s", f->v[2], f->v[3], f->v[4]);
	case FACT_FIELD:
		return f->v[3];
	case FACT_PLACE:
		return arena_printf(a, "env[%s].%s", f->v[4], f->v[1]);
	case FACT_SWITCH:
		return *f->path ? arena_printf(a, "env[%s].%s", f->path, f->v[0]) : f->v[0];
	case FACT_KEY:
	case FACT_TYPE:
	case FACT_SHAPE:
	case FACT_MISTYPED:
	case FACT_DEFAULT:
		return f->v[0];
	default:
		return f->path ? f->path : "";
	}
}

/* One look is enough for all rights of a role, and for all fields of a value. */
static const char *cause_of(struct arena *a, const struct audit_finding *f)
{
	const struct fact *x = f->fact;

	switch (x->kind) {
	case FACT_FIELD:
		return arena_printf(a, "%d %d %s", f->kind, f->severity, x->v[0]);
	case FACT_RBAC:
	case FACT_BINDING:
		return arena_printf(a, "%d %d %s %s", f->kind, f->severity, x->v[0], x->v[1]);
	default:
		return "";
	}
}

static void fill(struct report_view *v, struct view_finding *to, const struct audit_finding *f, const char *chart)
{
	struct arena *a = &v->arena;

	*to = (struct view_finding){.rule = audit_kinds[f->kind].id,
				    .rank = f->kind,
				    .severity = f->severity,
				    .object = object_of(a, f->fact),
				    .source = "",
				    .path = view_text(v, path_of(a, f->fact)),
				    .input = f->gone ? "" : view_text(v, file_of(a, f->fact, chart)),
				    .line = f->gone ? 0 : f->fact->line,
				    .column = f->gone ? 0 : f->fact->column,
				    .message = view_text(v, f->message),
				    .found = "",
				    .expected = "",
				    .fingerprint = fingerprint(a, f),
				    .cause = cause_of(a, f)};
	to->fixes = arena_alloc(a, sizeof(*to->fixes));
	if (to->fixes && f->severity >= SEVERITY_WARNING)
		to->fixes[to->fixes_n++] = audit_kinds[f->kind].fix;
}

static const char *meaning(enum verdict v)
{
	switch (v) {
	case VERDICT_UNREADABLE:
		return "A variant of the chart could not be rendered: what it would show is unknown.";
	case VERDICT_REFUSED:
		return "On this chart a rule would find nothing, or say something wrong, before the tables are "
		       "corrected.";
	default:
		return "The tables of this version of pxb-fed fit the chart.";
	}
}

int audit_view(const struct audit *a, const struct audit_options *o, bool warnings_count, struct report_view *v,
	       struct err *err)
{
	memset(v, 0, sizeof(*v));
	v->arena = ARENA_INIT((size_t)256 << 20);
	v->program = "pxb-fed";
	v->milliseconds = -1;
	v->warnings_count = warnings_count;
	v->flavour = FLAVOUR_PLAIN;
	v->findings = arena_alloc(&v->arena, (a->findings.n + 1) * sizeof(*v->findings));
	if (!v->findings || fill_kinds(a, v, err) < 0)
		return err_nomem(err);
	v->verdict = VERDICT_COMPLIANT;
	for (size_t i = 0; i < a->findings.n; i++) {
		const struct audit_finding *f = &a->findings.v[i];
		struct view_finding *to = &v->findings[v->findings_n++];

		fill(v, to, f, o->chart);
		if (view_is_open(v, to) && v->verdict < VERDICT_REFUSED)
			v->verdict = VERDICT_REFUSED;
		if (f->kind == KIND_RENDER_FAILED && f->severity == SEVERITY_ERROR)
			v->verdict = VERDICT_UNREADABLE;
	}
	v->means = meaning(v->verdict);
	v->exit_code = verdict_exit_code(v->verdict);
	return arena_status(&v->arena, err);
}
