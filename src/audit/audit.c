#include "audit/chart.h"

#include "helm/helm.h"

enum { RENDER_BYTES = 64 << 20, WORDS_BYTES = 1 << 16 };

void audit_init(struct audit *a)
{
	memset(a, 0, sizeof(*a));
	a->arena = ARENA_INIT((size_t)256 << 20);
	fact_set_init(&a->tables);
}

void audit_release(struct audit *a)
{
	for (size_t i = 0; i < a->charts.n; i++)
		fact_set_release(a->charts.v[i]);
	fact_set_release(&a->tables);
	arena_release(&a->arena);
	memset(a, 0, sizeof(*a));
}

/* --- rendering --------------------------------------------------------------------------------------------------- */

struct reading {
	struct plan *plan;
	struct fact_set *facts;
	size_t failed;
};

/* "Error: execution error at (px-central/templates/x.yaml:3:4): text" without "Error: ", printable. */
static const char *first_line(struct arena *a, struct slice words)
{
	struct slice line = SLICE_EMPTY, rest = words;
	char *to;

	while (rest.p) {
		line = slice_trim(slice_cut(rest, '\n', &rest));
		if (slice_starts(line, "Error: "))
			break;
	}
	if (!slice_starts(line, "Error: "))
		line = slice_trim(slice_cut(slice_trim(words), '\n', &rest));
	else
		line = slice_from(line, strlen("Error: "));
	line = slice_to(line, 400);
	to = arena_bytes(a, line.n + 1);
	for (size_t i = 0; to && i < line.n; i++)
		to[i] = (char)((unsigned char)line.p[i] < ' ' || line.p[i] == 0x7f ? ' ' : line.p[i]);
	if (to)
		to[line.n] = '\0';
	return to && line.n ? to : "it said nothing";
}

/* "(px-central/templates/x.yaml:3:4)" in what Helm said. */
static void place_of(struct arena *a, const char *said, struct fact *f)
{
	const char *at = strstr(said, "/templates/"), *from = at, *end;

	if (!at)
		return;
	while (from > said && from[-1] != '(' && from[-1] != ' ' && from[-1] != '"')
		from--;
	end = at + strcspn(at, ":): \"");
	f->source = arena_str(a, slice_of(from, (size_t)(end - from)));
	if (*end == ':')
		f->line = (size_t)strtoul(end + 1, NULL, 10);
}

static int take_render(void *context, const struct child_answer *ans, struct err *err)
{
	struct reading *r = context;
	struct render *to = &r->plan->renders.v[ans->index];
	struct seen_options o = {&r->plan->arena, r->facts,
				 strstr(variant_infos[to->variant].values, "images.registry=") && to->is_base};

	if (ans->status)
		return err_set(err, STATUS_HELPER, SLICE_FMT, SLICE_ARG(ans->errors));
	if (ans->exit_code) {
		r->failed++;
		to->seen.error = first_line(&r->plan->arena, ans->errors);
		return 0;
	}
	return seen_fill(&to->seen, ans->out, &o, err) < 0 ? err_wrap(err, "%s", to->label) : 0;
}

static const char *const quiet_env[] = {"KUBECONFIG=/dev/null", "HELM_KUBECONTEXT", "HELM_DEBUG", NULL};

static int render_all(struct plan *p, struct reading *r, struct err *err)
{
	struct children c = {.n = p->renders.n,
			     .workers = p->options->workers,
			     .bytes = RENDER_BYTES,
			     .words = WORDS_BYTES};
	struct child *v = arena_alloc(&p->arena, (p->renders.n + 1) * sizeof(*v));

	if (!v)
		return err_nomem(err);
	for (size_t i = 0; i < p->renders.n; i++)
		v[i] = (struct child){.argv = p->renders.v[i].argv, .env = quiet_env, .seconds = p->options->seconds};
	c.v = v;
	return p->renders.n ? children_run(&c, take_render, r, err) : 0;
}

/* A variant that fails as a whole is told once, not for each value below it. */
static void note_failures(struct plan *p, struct fact_set *facts)
{
	for (size_t i = 0; i < p->renders.n; i++) {
		const struct render *r = &p->renders.v[i];
		const char *whole = NULL;
		struct fact f = {.kind = FACT_RENDER,
				 .v = {r->label, r->seen.error},
				 .more = r->is_absent ? "absent" : ""};

		for (size_t k = 0; k < p->renders.n && !r->is_base; k++)
			if (p->renders.v[k].is_base && p->renders.v[k].variant == r->variant)
				whole = p->renders.v[k].seen.error;
		if (!r->seen.error || (whole && strcmp(whole, r->seen.error) == 0))
			continue;
		place_of(&facts->arena, r->seen.error, &f);
		fact_add(facts, &f);
	}
}

static int audit_chart(struct audit *a, const struct audit_options *o, const char *helm, const char *chart,
		       struct err *err)
{
	struct fact_set *facts = ARENA_NEW(&a->arena, struct fact_set), **slot = VEC_PUSH(&a->arena, a->charts);
	struct plan p;
	struct reading r = {&p, facts, 0};
	int rc;

	if (!facts || !slot)
		return err_nomem(err);
	fact_set_init(facts);
	*slot = facts;
	plan_init(&p);
	p.options = o;
	p.helm = helm;
	p.chart = chart;
	rc = plan_make(&p, err);
	if (rc == 0)
		rc = facts_of_values(facts, &p.values, err);
	if (rc == 0)
		rc = facts_of_notes(facts, chart, err);
	if (rc == 0)
		rc = render_all(&p, &r, err);
	if (rc == 0) {
		note_failures(&p, facts);
		rc = differ(&p, facts, err);
	}
	a->renders += p.renders.n;
	a->failed += r.failed;
	plan_release(&p);
	return rc;
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

static int check_names(const struct audit_options *o, struct err *err)
{
	for (size_t i = 0; i < o->variants_n; i++) {
		const char *names[64];
		size_t n = 0;

		for (; n < variants_n && n < ARRAY_SIZE(names); n++)
			names[n] = variant_infos[n].name;
		for (n = 0; n < variants_n && strcmp(names[n], o->variants[i]) != 0; n++)
			;
		if (n < variants_n)
			continue;
		const char *near = slice_nearest(slice_str(o->variants[i]), names, variants_n);

		return err_set(err, STATUS_USAGE, "no variant '%.60s'%s%s%s", o->variants[i],
			       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	}
	for (size_t i = 0; i < o->values_n; i++) {
		unsigned v = 0;

		while (v < VALUE_COUNT && strcmp(chart_value_infos[v].key, o->values[i]) != 0)
			v++;
		if (v == VALUE_COUNT)
			return err_set(err, STATUS_USAGE, "no rule is about the value '%.60s'", o->values[i]);
	}
	return 0;
}

static const char *read_version(struct audit *a, const char *helm, const char *chart, struct err *err)
{
	cleanup_buf struct buf text = BUF_TEXT, words = BUF_INIT(WORDS_BYTES);
	char *const argv[] = {HELM_ARG(helm), HELM_ARG("show"), HELM_ARG("chart"),
			      HELM_ARG("--"), HELM_ARG(chart),	NULL};
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	struct child_result result;
	const struct node *root;

	stream_init(&s, &limits);
	if (child_run(&(struct child){.argv = argv, .out = &text, .errors = &words, .seconds = HELM_SECONDS}, &result,
		      err) < 0)
		return NULL;
	if (result.exit_code) {
		err_set(err, STATUS_INPUT, "cannot read the chart '%.200s': %s", chart,
			first_line(&a->arena, buf_slice(&words)));
		return NULL;
	}
	if (stream_add(&s, "Chart.yaml", buf_slice(&text), err) < 0)
		return NULL;
	root = s.problems.n == 0 && s.documents.n ? s.documents.v[0].root : NULL;
	if (!node_string_is(node_lookup(root, "name"), "px-central")) {
		err_set(err, STATUS_USAGE, "'%.200s' is not the chart px-central", chart);
		return NULL;
	}
	return arena_str(&a->arena, node_text(node_real(node_lookup(root, "version"))));
}

int audit_run(struct audit *a, const struct audit_options *o, struct err *err)
{
	if (check_names(o, err) < 0 || facts_of_tables(&a->tables, err) < 0)
		return err->status;
	a->version = read_version(a, o->helms[0], o->chart, err);
	if (a->version && o->against)
		a->old_version = read_version(a, o->helms[0], o->against, err);
	for (size_t i = 0; i < o->helms_n && !err->status; i++)
		audit_chart(a, o, o->helms[i], o->chart, err);
	for (size_t i = 0; i < o->helms_n && o->against && !err->status; i++)
		audit_chart(a, o, o->helms[i], o->against, err);
	return err->status ? err->status : audit_compare(a, o, err);
}
