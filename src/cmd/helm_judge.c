#include "base/file.h"
#include "cmd/helm_run.h"
#include "helm/chart_files.h"
#include "rules/fixes.h"

enum { CHART_BYTES = 64 << 20 };

/* --- values ---------------------------------------------------------------------------------------------------- */

static bool is_remote(const char *file)
{
	return strstr(file, "://") != NULL;
}

/* Under the name that the user gave it. */
static int add_once(struct helm_run *r, const struct once_file *file, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(r->setup.pass.limits.bytes + 1);

	if (file_read(arena_printf(&r->line.arena, "/dev/fd/%d", file->fd), &text, STATUS_FAILED, err) < 0)
		return err->status;
	return values_add_text(&r->setup.pass.values, file->word, buf_slice(&text), err);
}

static int add_file(struct helm_run *r, const char *file, struct err *err)
{
	struct values *v = &r->setup.pass.values;

	if (strcmp(file, "-") == 0)
		return values_add_text(v, "standard input (-f -)", r->call.input, err);
	if (once_find(&r->once, file))
		return add_once(r, once_find(&r->once, file), err);
	if (!is_remote(file))
		return values_add(v, file, err);
	helm_note(r, "a values file of '%.*s://' is read by Helm alone: its keys are not compared",
		  (int)slice_find(slice_str(file), "://"), file);
	return 0;
}

/* Called in the order in which Helm merges them. */
static int add_value(void *arg, const struct helm_flag *flag, const char *value, struct err *err)
{
	static const struct {
		const char *flag;
		enum set_kind kind;
	} kinds[] = {{"set-json", SET_JSON},
		     {"set", SET},
		     {"set-string", SET_STRING},
		     {"set-file", SET_FILE},
		     {"set-literal", SET_LITERAL}};
	struct helm_run *r = arg;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(flag->name, kinds[i].flag) == 0)
			return values_add_set(&r->setup.pass.values, kinds[i].kind, value, err);
	return add_file(r, value, err);
}

/* Only Helm knows what these make of the files that are there now. */
static bool is_as_it_lies(const struct helm_run *r)
{
	return !helm_line_has(&r->line, "dependency-update") && !helm_line_has(&r->line, "verify");
}

static int read_chart(struct helm_run *r, struct err *err)
{
	struct chart_facts f = {.values = BUF_INIT((size_t)CHART_BYTES), .crds = BUF_INIT((size_t)CHART_BYTES)};
	int rc = chart_facts_read(r->line.chart, &f, &r->chart_local, err);

	if (rc < 0 || !r->chart_local) {
		buf_release(&f.values);
		buf_release(&f.crds);
		return rc;
	}
	r->defaults = f.values;
	r->chart_crds = f.crds;
	r->chart_there = true;
	return 0;
}

/* The chart's values and CRDs, whatever becomes of the user's values: read here if the chart is here, else what `helm
   show values` prints. No cluster is needed for it: where it fails, the chart is not to be had, and the render will
   fail for the same reason. */
int helm_ask_chart(struct helm_run *r, struct err *err)
{
	cleanup_buf struct buf errors = BUF_INIT((size_t)1 << 20);
	struct helm_argv argv = {0};
	enum helm_outcome outcome;
	int code;

	r->defaults = BUF_INIT((size_t)CHART_BYTES);
	if (!r->line.chart)
		return 0;
	if (is_as_it_lies(r) && read_chart(r, err) < 0)
		return err->status;
	if (r->chart_local)
		return 0;
	helm_argv_add(&r->line, &argv, helm_program());
	helm_argv_add(&r->line, &argv, "show");
	helm_argv_add(&r->line, &argv, "values");
	helm_argv_items(&r->line, &argv, PART_SOURCE | PART_REGISTRY, r->line.command, false);
	helm_argv_add(&r->line, &argv, "--");
	helm_argv_add(&r->line, &argv, r->line.chart);
	if (helm_question(&r->call, &argv, &r->defaults, &errors, &outcome, &code, err) < 0)
		return err->status;
	r->chart_there = outcome == HELM_DONE;
	if (!r->chart_there)
		buf_clear(&r->defaults);
	return 0;
}

/* The values as they are now given, and the chart's own beside them. */
static int take_values(struct helm_run *r, struct err *err)
{
	values_release(&r->setup.pass.values);
	values_init(&r->setup.pass.values);
	if (helm_line_values(&r->line, add_value, r, err) < 0)
		return err->status;
	return r->defaults.n ? values_chart_defaults(&r->setup.pass.values, buf_slice(&r->defaults), err) : 0;
}

/* --- one render ------------------------------------------------------------------------------------------------ */

static int render_once(struct helm_run *r, enum helm_outcome *outcome, struct err *err)
{
	enum helm_command command = r->line.command;
	bool cluster = r->cluster && !r->without;

	/* Helm 3 wants a cluster for an installation's dry run too. */
	if (r->without || (!r->cluster && (r->args.plan || !helm_line_is_dry_run(&r->line))))
		command = HELM_TEMPLATE;
	rendering_release(&r->rendering);
	rendering_init(&r->rendering, r->setup.pass.limits.bytes + 1);
	progress_say(&r->progress, "rendering with Helm %d%s", r->call.major, cluster ? "" : ", without a cluster");
	return helm_render(&r->call, command, cluster, &r->rendering, outcome, err);
}

/* The same words come from a chart repository that cannot be reached: a cluster that answers was not lost. */
static int find_who_is_lost(struct helm_run *r, enum helm_outcome *outcome, struct err *err)
{
	cleanup_buf struct buf errors = BUF_INIT((size_t)1 << 20);
	struct baseline none;
	int rc = 0;

	if (*outcome != HELM_NO_CLUSTER)
		return 0;
	if (!r->cluster || r->without || !r->chart_there) {
		*outcome = HELM_REFUSED;
		return 0;
	}
	baseline_init(&none);
	rc = baseline_list(&none, &r->call, r->ns, &errors, outcome, err);
	if (rc == 0 && (*outcome == HELM_DONE || *outcome == HELM_FORBIDDEN))
		*outcome = HELM_REFUSED;
	else
		*outcome = HELM_NO_CLUSTER;
	baseline_release(&none);
	return rc;
}

static int render(struct helm_run *r, bool *done, int *code, struct err *err)
{
	enum helm_outcome outcome = HELM_DONE;
	bool again = false, finished;

	if (helm_render_single(r, &finished, err) < 0 || finished)
		return err->status;
	if (render_once(r, &outcome, err) < 0)
		return err->status;
	if (outcome == HELM_REFUSED && helm_crds_explain(r, &again, err) < 0)
		return err->status;
	if (again && (helm_render_single(r, &finished, err) < 0 || finished))
		return err->status;
	if (again && render_once(r, &outcome, err) < 0)
		return err->status;
	if (outcome == HELM_DONE)
		return 0;
	if (find_who_is_lost(r, &outcome, err) < 0)
		return err->status;
	progress_clear(&r->progress);
	*done = true;
	fputs(buf_str(&r->rendering.errors), stderr);
	if (outcome == HELM_NO_CLUSTER) {
		err_set(err, STATUS_HELPER, "the cluster could not be asked; nothing was changed");
		*code = fail(err);
		return 0;
	}
	if (r->chart_there)
		helm_hint_values(r);
	*code = helm_failed(r, r->rendering.exit_code, "; nothing was changed");
	return 0;
}

/* Once: what is installed does not depend on what is rendered now, save which claims are a StatefulSet's. */
static int take_locks(struct helm_run *r, struct err *err)
{
	struct gate_options *o = &r->setup.pass.options;
	const struct lock *file = o->locks_n ? o->locks[0] : NULL;

	if (r->locks.all.n)
		return 0;
	if (lock_set_fill(&r->locks, file, &r->baseline, r->line.name, buf_slice(&r->rendering.manifests), err) < 0)
		return err->status;
	o->locks = r->locks.all.v;
	o->locks_n = r->locks.all.n;
	return 0;
}

static int judge(struct helm_run *r, struct err *err)
{
	const struct rendering *in = &r->rendering;

	progress_say(&r->progress, "checking what was rendered");
	pass_release(&r->pass);
	r->setup.pass.options.hooks_out_of_reach = r->call.major == 3;
	r->setup.pass.options.namespace_given = r->line.command != HELM_TEMPLATE;
	if (take_locks(r, err) < 0)
		return err->status;
	pass_init(&r->pass, &r->setup.pass);
	if (pass_add(&r->pass, r->so, "manifests", buf_slice(&in->manifests), err) < 0 ||
	    (in->hooks.n && pass_add(&r->pass, r->so, "hooks", buf_slice(&in->hooks), err) < 0))
		return err->status;
	return pass_judge(&r->pass, &r->setup.pass, r->so, err);
}

/* --- --fix-values ---------------------------------------------------------------------------------------------- */

static const char *value_now(struct helm_run *r, const char *key)
{
	const struct node *n = node_real(values_get(&r->setup.pass.values, key, NULL));

	if (!n)
		return "not set";
	return n->kind == NODE_SCALAR ? gate_show(&r->pass.gate, node_text(n)) : "a collection";
}

void helm_tell_change(struct helm_run *r, const struct value_set *set)
{
	struct slice value, key = slice_cut(slice_str(set->text), '=', &value);
	const char *name = arena_str(&r->line.arena, key);

	fprintf(stderr, "  %s: %s -> %s\n", name, value_now(r, name), gate_show(&r->pass.gate, value));
}

struct replaced {
	const struct helm_run *run;
	const struct set_fixes *fixes;
	struct arena *arena;
	struct slice key;		       /* of the option that is examined */
	VEC(const struct values_file *) slips; /* the options with a mistyped key that were dropped */
	const struct values_file *slip, *left;
};

static bool is_slip(const struct unknown_key *u)
{
	return u->file->is_option &&
	       (u->kind == UNKNOWN_OUTER || (u->kind == UNKNOWN_KEY && u->near && u->distance <= 2));
}

/* The value is in force under the right key, or a fix puts it there: nothing that was meant is lost. */
static bool is_restored(const struct gate *g, const struct values_file *option)
{
	bool refused = false;

	for (size_t i = 0; i < g->findings.n; i++) {
		const struct finding *f = g->findings.v[i];

		if (f->rule != RULE_VALUES || f->place.input != option->name)
			continue;
		for (size_t k = 0; k < f->fixes.n; k++)
			if (strncmp(f->fixes.v[k], "--set", 5) == 0)
				return true;
		refused |= f->severity == SEVERITY_ERROR;
	}
	return !refused;
}

static void match_slip(void *arg, const struct unknown_key *u)
{
	struct replaced *r = arg;
	struct slice rest = slice_from(r->key, strlen(u->path));

	if (is_slip(u) && slice_starts(r->key, u->path) && (!rest.n || rest.p[0] == '.' || rest.p[0] == '['))
		r->slip = u->file;
}

static bool is_near_fixed(const struct replaced *r, bool known)
{
	struct slice value;

	for (size_t i = 0; i < r->fixes->sets.n; i++) {
		struct slice fixed = slice_cut(slice_str(r->fixes->sets.v[i].text), '=', &value);

		if (slice_eq(r->key, fixed) || (!known && slice_distance(r->key, fixed, 2) <= 2))
			return true;
	}
	return false;
}

/* The key itself, or one that the chart does not know and that is nearly it or another known key. */
static bool is_replaced(void *arg, struct slice key)
{
	struct replaced *r = arg;
	const struct helm_run *run = r->run;
	const struct values *values = &run->setup.pass.values;
	const struct values_file **dropped;
	char path[256];

	snprintf(path, sizeof(path), SLICE_FMT, SLICE_ARG(key));
	r->key = key;
	r->slip = NULL;
	values_unknown_keys(values, run->pass.gate.values_under, match_slip, r);
	if (!is_near_fixed(r, values_knows(values, run->pass.gate.values_under, path)) &&
	    !(r->slip && is_restored(&run->pass.gate, r->slip)))
		return false;
	dropped = r->slip ? VEC_PUSH(r->arena, r->slips) : NULL;
	if (dropped)
		*dropped = r->slip;
	return true;
}

static void find_left(void *arg, const struct unknown_key *u)
{
	struct replaced *r = arg;
	bool dropped = !is_slip(u);

	for (size_t i = 0; i < r->slips.n; i++)
		dropped |= r->slips.v[i] == u->file;
	if (!dropped && !r->left)
		r->left = u->file;
}

const char *helm_drop_replaced(struct helm_run *r, const struct set_fixes *fixes)
{
	struct replaced replaced = {.run = r, .fixes = fixes, .arena = &r->line.arena};

	helm_line_drop_values(&r->line, is_replaced, &replaced);
	values_unknown_keys(&r->setup.pass.values, r->pass.gate.values_under, find_left, &replaced);
	return replaced.left ? replaced.left->name : NULL;
}

/* Puts the values that the findings name in the place of those of the user. */
static void apply(struct helm_run *r, const struct set_fixes *fixes)
{
	progress_clear(&r->progress);
	fputs("pxb-fed: --fix-values sets\n", stderr);
	helm_drop_replaced(r, fixes);
	for (size_t i = 0; i < fixes->sets.n; i++) {
		const struct value_set *set = &fixes->sets.v[i];

		helm_tell_change(r, set);
		helm_line_add_value(&r->line, set_kind_name(set->kind) + strlen("--"),
				    arena_str(&r->line.arena, slice_str(set->text)));
	}
}

static int judge_again(struct helm_run *r, bool *done, int *code, struct err *err)
{
	struct set_fixes fixes;

	if (gate_set_fixes(&r->pass.gate, &r->line.arena, &fixes, err) < 0)
		return err->status;
	if (fixes.why_not)
		helm_note(r, "%s sets nothing: %s", r->args.fix_file ? "--fix-values-file" : "--fix-values",
			  fixes.why_not);
	if (fixes.why_not || !fixes.sets.n)
		return 0;
	if (r->args.fix_file) {
		if (helm_fix_file(r, &fixes, err) < 0)
			return err->status;
		helm_drop_replaced(r, &fixes);
	} else {
		apply(r, &fixes);
	}
	if (take_values(r, err) < 0 || render(r, done, code, err) < 0)
		return err->status;
	return *done ? 0 : judge(r, err);
}

int helm_judge(struct helm_run *r, bool *done, int *code, struct err *err)
{
	enum verdict v;

	if (take_values(r, err) < 0 || render(r, done, code, err) < 0)
		return err->status;
	if (*done)
		return 0;
	if (judge(r, err) < 0)
		return err->status;
	v = r->pass.gate.verdict;
	if ((r->args.fix_values || r->args.fix_file) && (v == VERDICT_REFUSED || v == VERDICT_PATCHED))
		return judge_again(r, done, code, err);
	return 0;
}
