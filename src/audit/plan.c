/*
 * plan.c: what is rendered: every variant, and below those that cross, every value of chart_values.def the other way
 * round. What comes to the same arguments is rendered once.
 */
#include "audit/chart.h"
#include "helm/helm.h"

const struct variant_info variant_infos[] = {
#define VARIANT(name, cross, flags, values) {name, cross, flags, values},
#include "audit/variants.def"
};
const size_t variants_n = ARRAY_SIZE(variant_infos);

const struct value_render value_renders[VALUE_COUNT] = {
#define VALUE_RENDER(value, other, needs) [VALUE_##value] = {other, needs, true},
#include "audit/variants.def"
};

/* A Federated installation that has no fault. The Kubernetes version is what a Helm without one takes from its build.
 */
static const char base[] = "pxbackup.enabled=true pxbackup.federated=true persistentStorage.enabled=true "
			   "persistentStorage.storageClassName=px-csi-db";
#define KUBE_VERSION "--kube-version=1.31.0"

enum { ASSIGNMENTS_MAX = 32, FLAGS_MAX = 8, CHART_BYTES = 64 << 20 };

/* Assignments by key: a later one takes the place of an earlier. */
struct settings {
	struct slice v[ASSIGNMENTS_MAX]; /* "key=text" */
	size_t n;
};

void plan_init(struct plan *p)
{
	memset(p, 0, sizeof(*p));
	p->arena = ARENA_INIT((size_t)1 << 30);
	values_init(&p->values);
}

void plan_release(struct plan *p)
{
	values_release(&p->values);
	arena_release(&p->arena);
}

static bool is_among(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return n == 0;
}

bool audit_wants_variant(const struct audit_options *o, size_t variant)
{
	return is_among(variant_infos[variant].name, o->variants, o->variants_n);
}

bool audit_wants_value(const struct audit_options *o, enum chart_value v)
{
	return is_among(chart_value_infos[v].key, o->values, o->values_n);
}

/* --- settings ---------------------------------------------------------------------------------------------------- */

static void set_one(struct settings *s, struct slice assignment)
{
	size_t key = slice_chr(assignment, '=') + 1, i = 0;

	while (i < s->n && !slice_eq(slice_to(s->v[i], key), slice_to(assignment, key)))
		i++;
	if (i == ASSIGNMENTS_MAX)
		return;
	s->v[i] = assignment;
	s->n += i == s->n;
}

static void set_all(struct settings *s, const char *assignments)
{
	struct slice rest = slice_str(assignments);

	while (rest.p) {
		struct slice one = slice_cut(rest, ' ', &rest);

		if (one.n)
			set_one(s, one);
	}
}

/* What a switch is in the chart without anybody setting it. */
static bool is_default(struct plan *p, struct slice assignment)
{
	struct slice text;
	const char *key = arena_str(&p->arena, slice_cut(assignment, '=', &text));
	const struct node *n = p->values.chart.root ? node_find_path(p->values.chart.root, slice_str(key)) : NULL;

	return (slice_is(text, "true") && node_is_bool(n, true)) || (slice_is(text, "false") && node_is_bool(n, false));
}

/* --- renders ----------------------------------------------------------------------------------------------------- */

static void fill_argv(struct plan *p, struct render *r, const char *flags, const struct settings *s, const char *take)
{
	struct slice rest = slice_str(flags);
	size_t n = 0;

	r->argv = arena_alloc(&p->arena, (ASSIGNMENTS_MAX + FLAGS_MAX + 12) * sizeof(*r->argv));
	if (!r->argv)
		return;
	r->argv[n++] = HELM_ARG(p->helm);
	r->argv[n++] = HELM_ARG("template");
	r->argv[n++] = HELM_ARG("--namespace=central");
	if (slice_find(rest, "--kube-version") == SIZE_MAX)
		r->argv[n++] = HELM_ARG(KUBE_VERSION);
	for (size_t i = 0; rest.p && rest.n && i < FLAGS_MAX; i++)
		r->argv[n++] = HELM_ARG(arena_str(&p->arena, slice_cut(rest, ' ', &rest)));
	for (size_t i = 0; i < s->n; i++)
		if (!is_default(p, s->v[i]))
			r->argv[n++] = HELM_ARG(arena_printf(&p->arena, "--set=" SLICE_FMT, SLICE_ARG(s->v[i])));
	if (take)
		r->argv[n++] = HELM_ARG(arena_printf(&p->arena, "--set=%s=null", take));
	r->argv[n++] = HELM_ARG("--");
	r->argv[n++] = HELM_ARG("px-central");
	r->argv[n++] = HELM_ARG(p->chart);
}

static const char *key_of(struct plan *p, char *const *argv)
{
	cleanup_buf struct buf out = BUF_TEXT;

	for (; argv && *argv; argv++)
		buf_addf(&out, "%s\n", *argv);
	if (out.failed)
		arena_fail(&p->arena);
	return arena_str(&p->arena, buf_slice(&out));
}

/* The render of these settings; `again`: even if there is one already. */
static size_t add_render(struct plan *p, size_t variant, const struct settings *s, const char *take, const char *label,
			 bool again)
{
	struct render r = {.variant = variant, .label = label, .is_base = !*label, .is_absent = take};
	struct render *to;

	if (r.is_base)
		r.label = variant_infos[variant].name;
	else
		r.label = arena_printf(&p->arena, "%s, %s", variant_infos[variant].name, label);
	fill_argv(p, &r, variant_infos[variant].flags, s, take);
	r.key = key_of(p, r.argv);
	for (size_t i = 0; !again && i < p->renders.n; i++)
		if (strcmp(p->renders.v[i].key, r.key) == 0)
			return i;
	to = VEC_PUSH(&p->arena, p->renders);
	if (to)
		*to = r;
	return p->renders.n ? p->renders.n - 1 : 0;
}

static void push(struct plan *p, enum chart_value v, size_t a, size_t b)
{
	struct pair *to = a == b ? NULL : VEC_PUSH(&p->arena, p->pairs);

	if (to)
		*to = (struct pair){v, a, b};
}

static struct settings settings_of(size_t variant, const char *needs)
{
	struct settings s = {.n = 0};

	set_all(&s, base);
	set_all(&s, variant_infos[variant].values);
	set_all(&s, needs);
	return s;
}

/* One side as it is written below the variant, the other with the value set another way; in the first variant it is
   taken away as well. */
static void add_value(struct plan *p, size_t variant, enum chart_value v)
{
	const struct value_render *how = &value_renders[v];
	const char *key = chart_value_infos[v].key, *needs = how->set ? how->needs : "";
	struct settings s = settings_of(variant, needs);
	size_t one, other;

	if (chart_value_is_switch(v)) {
		struct settings on = s, off = s;

		set_one(&on, slice_str(arena_printf(&p->arena, "%s=true", key)));
		set_one(&off, slice_str(arena_printf(&p->arena, "%s=false", key)));
		one = add_render(p, variant, &on, NULL, arena_printf(&p->arena, "%s=true", key), false);
		other = add_render(p, variant, &off, NULL, arena_printf(&p->arena, "%s=false", key), false);
	} else {
		struct settings set = s;
		const char *text = arena_printf(&p->arena, "%s=%s", key, how->other);

		set_one(&set, slice_str(text));
		one = add_render(p, variant, &s, NULL, *needs ? needs : "", false);
		other = add_render(p, variant, &set, NULL, text, false);
	}
	push(p, v, one, other);
	if (variant == 0)
		push(p, v, one, add_render(p, variant, &s, key, arena_printf(&p->arena, "without %s", key), false));
}

static void add_variant(struct plan *p, size_t variant)
{
	struct settings s = settings_of(variant, "");
	size_t *first = VEC_PUSH(&p->arena, p->bases), *again = VEC_PUSH(&p->arena, p->again);

	if (!first || !again)
		return;
	*first = add_render(p, variant, &s, NULL, "", false);
	*again = variant_infos[variant].cross ? add_render(p, variant, &s, NULL, "", true) : *first;
	for (unsigned v = 0; variant_infos[variant].cross && v < VALUE_COUNT; v++)
		if (audit_wants_value(p->options, (enum chart_value)v))
			add_value(p, variant, (enum chart_value)v);
}

static int read_values(struct plan *p, struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT(CHART_BYTES), words = BUF_INIT((size_t)1 << 16);
	char *const argv[] = {HELM_ARG(p->helm), HELM_ARG("show"),   HELM_ARG("values"),
			      HELM_ARG("--"),	 HELM_ARG(p->chart), NULL};
	struct child_result result;

	if (child_run(&(struct child){.argv = argv, .out = &out, .errors = &words, .seconds = HELM_SECONDS}, &result,
		      err) < 0)
		return err->status;
	if (result.exit_code)
		return err_set(err, STATUS_INPUT, "cannot read the chart '%.200s': " SLICE_FMT, p->chart,
			       SLICE_ARG(slice_to(slice_trim(buf_slice(&words)), 300)));
	return values_chart_defaults(&p->values, buf_slice(&out), err);
}

int plan_make(struct plan *p, struct err *err)
{
	if (read_values(p, err) < 0)
		return err->status;
	for (size_t i = 0; i < variants_n; i++)
		if (audit_wants_variant(p->options, i))
			add_variant(p, i);
	return arena_status(&p->arena, err);
}
