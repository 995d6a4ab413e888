#include "cmd/kube_args.h"

#include "checks/saved.h"
#include "cluster/target.h"
#include "cmd/interrupt.h"

#include <fnmatch.h>
#include <limits.h>
#include <unistd.h>

enum { DEFAULT_SECONDS = 30, DEFAULT_PARALLEL = 32, LIST_SECONDS = 20, OUT_MAX = 1 << 30 };

static const struct option kube_rows[] = {
	{"kubeconfig", 0, OPTION_STRING, "FILE",
	 "the kubeconfig ($KUBECONFIG, ~/.kube/config, or the pod's own account)", NULL,
	 offsetof(struct kube_args, kubeconfig)},
	{"context", 0, OPTION_LIST, "PATTERN",
	 "a context of the kubeconfig, or a pattern such as 'shoot-*'; repeatable", NULL,
	 offsetof(struct kube_args, contexts)},
	{"as", 0, OPTION_STRING, "USER", "ask as this user (impersonation)", NULL, offsetof(struct kube_args, as)},
	{"as-group", 0, OPTION_LIST, "GROUP", "and as a member of this group; repeatable", NULL,
	 offsetof(struct kube_args, as_groups)},
	{"timeout", 0, OPTION_SECONDS, "SECONDS", "how long a cluster may take to answer (30)", NULL,
	 offsetof(struct kube_args, seconds)},
	{"save", 0, OPTION_STRING, "DIR", "keep the answers, reduced to what the checks read", NULL,
	 offsetof(struct kube_args, save)},
	{"from", 0, OPTION_STRING, "DIR", "read saved answers; ask no cluster", NULL, offsetof(struct kube_args, from)},
	{"output", 'o', OPTION_CHOICE, "FORM",
	 "text, short (what did not pass), matrix (of many clusters), json, jsonl, sarif, junit, markdown, github or "
	 "html",
	 SHOW_FORM_NAMES, offsetof(struct kube_args, output)},
	{"since", 0, OPTION_STRING, "FILE", "say what changed since the run that printed this json or jsonl", NULL,
	 offsetof(struct kube_args, since)},
	{"fail-on", 0, OPTION_CHOICE, "WHAT", "exit with 1 on warnings too (error)", "error|warning",
	 offsetof(struct kube_args, fail_on)},
	{"policy", 0, OPTION_STRING, "FILE", "policy file; its section 'clusters' says what clusters must have", NULL,
	 offsetof(struct kube_args, policy_file)},
	{"for", 0, OPTION_STRING, "VERSION", "the px-central version that the clusters are for (the newest known)",
	 NULL, offsetof(struct kube_args, for_version)},
};
const struct option_table kube_options_table = {kube_rows, ARRAY_SIZE(kube_rows)};

void kube_args_release(struct kube_args *a)
{
	string_list_release(&a->contexts);
	string_list_release(&a->as_groups);
}

/* --- which clusters -------------------------------------------------------------------------------------------- */

/* Impersonation is for every cluster, wherever its kubeconfig comes from. */
static void impersonate(const struct kube_args *a, struct kube_target *t)
{
	if (a->as)
		t->as = a->as;
	if (a->as_groups.n) {
		t->as_groups = a->as_groups.v;
		t->as_groups_n = a->as_groups.n;
	}
}

static unsigned seconds_of(const struct kube_args *a)
{
	return a->seconds ? (unsigned)a->seconds : DEFAULT_SECONDS;
}

static void apply(const struct kube_args *a, struct kube_target *t)
{
	t->kubeconfig = a->kubeconfig;
	impersonate(a, t);
}

static bool is_pattern(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

struct contexts {
	const struct kube_args *args;
	struct arena *arena;
	survey_clusters *to;
};

static void add_context(const struct contexts *c, const char *name)
{
	struct survey_cluster *slot = VEC_PUSH(c->arena, *c->to);

	if (!slot)
		return;
	slot->name = slot->target.context = name;
	slot->origin = c->args->kubeconfig ? c->args->kubeconfig : "the kubeconfig";
	apply(c->args, &slot->target);
}

/* How many match; fleet_name_apart() drops what is there already. */
static size_t add_matches(const struct contexts *c, const char *pattern, const struct node *contexts)
{
	size_t n = 0;

	for (struct seq_iter it = seq_iter_of(contexts); seq_next(&it);) {
		const char *name = arena_str(c->arena, node_string(node_lookup(it.item, "name")));

		if (pattern && fnmatch(pattern, name, 0) != 0)
			continue;
		add_context(c, name);
		n++;
	}
	return n;
}

/* One that is named must be there; lists and folders may name clusters that are gone. */
static int add_named(const struct contexts *c, const char *name, const struct node *contexts, struct err *err)
{
	VEC(const char *) names = {0};
	const char **slot, *near;

	for (struct seq_iter it = seq_iter_of(contexts); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "name"), name)) {
			add_context(c, name);
			return 0;
		}
	for (struct seq_iter it = seq_iter_of(contexts); seq_next(&it);)
		if ((slot = VEC_PUSH(c->arena, names)))
			*slot = arena_str(c->arena, node_string(node_lookup(it.item, "name")));
	near = slice_nearest(slice_str(name), names.v, names.n);
	return err_set(err, STATUS_USAGE, "context '%.200s' is not in the kubeconfig%s%s%s", name,
		       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int expand(const struct kube_args *a, struct arena *arena, survey_clusters *to, struct err *err)
{
	struct contexts c = {a, arena, to};
	cleanup_kube struct kube k = KUBE_INIT;
	struct kube_event e;
	const struct node *contexts;
	struct slice bad;

	if (kube_open(&k, err) < 0 || kube_contexts(&k, a->kubeconfig, err) < 0 ||
	    kube_next(&k, LIST_SECONDS, &e, err) < 0)
		return err->status;
	bad = node_string(node_lookup(e.head, "error"));
	if (bad.n)
		return err_set(err, STATUS_USAGE, SLICE_FMT, SLICE_ARG(bad));
	contexts = node_lookup(e.head, "contexts");
	if (a->all_contexts)
		add_matches(&c, NULL, contexts);
	for (size_t i = 0; i < a->contexts.n; i++) {
		if (!is_pattern(a->contexts.v[i])) {
			if (add_named(&c, a->contexts.v[i], contexts, err) < 0)
				return err->status;
		} else if (!add_matches(&c, a->contexts.v[i], contexts))
			return err_set(err, STATUS_USAGE, "no context of the kubeconfig matches '%s'",
				       a->contexts.v[i]);
	}
	return to->n ? 0 : err_set(err, STATUS_USAGE, "the kubeconfig has no context");
}

static int from_folder(const struct kube_args *a, struct arena *arena, survey_clusters *to, struct err *err)
{
	struct saved_cluster *saved;
	size_t n;

	if (saved_list(a->from, arena, &saved, &n, err) < 0)
		return err->status;
	for (size_t i = 0; i < n; i++) {
		struct survey_cluster *c = VEC_PUSH(arena, *to);

		if (c)
			*c = (struct survey_cluster){.name = saved[i].name,
						     .origin = saved[i].folder,
						     .folder = saved[i].folder};
	}
	return 0;
}

static int from_sources(struct kube_args *a, struct kube_target *hub, struct arena *arena, survey_clusters *to,
			struct err *err)
{
	size_t before = to->n;

	/* The hub is the one context that was named, or the current one. */
	if (fleet_sources_of_hub(&a->sources)) {
		if (a->all_contexts || a->contexts.n > 1 || (a->contexts.n && is_pattern(a->contexts.v[0])))
			return err_set(err, STATUS_USAGE, "name one context: that of the hub");
		if (a->contexts.n)
			hub->context = a->contexts.v[0];
		a->hub = hub;
	}
	a->sources.seconds = seconds_of(a);
	if (fleet_sources_load(&a->sources, hub, arena, to, err) < 0)
		return err->status;
	for (size_t i = before; i < to->n; i++)
		impersonate(a, &to->v[i].target);
	return 0;
}

int kube_args_clusters(struct kube_args *a, struct arena *arena, struct survey_cluster **v, size_t *n, struct err *err)
{
	survey_clusters to = {0};
	struct kube_target *base = ARENA_NEW(arena, struct kube_target);
	bool named = fleet_sources_named(&a->sources);
	struct survey_cluster *one;
	int rc = 0;

	if (!base)
		return err_nomem(err);
	kube_target_of_helm(base, arena);
	apply(a, base);
	if (a->from && (a->contexts.n || a->all_contexts || a->kubeconfig || a->save || named))
		return err_set(err, STATUS_USAGE, "--from reads saved answers; it takes no cluster and saves nothing");
	if (named)
		rc = from_sources(a, base, arena, &to, err);
	if (rc == 0 && a->from) {
		rc = from_folder(a, arena, &to, err);
	} else if (rc == 0 && !a->hub && (a->contexts.n || a->all_contexts)) {
		rc = expand(a, arena, &to, err);
	} else if (rc == 0 && !named && (one = VEC_PUSH(arena, to))) {
		one->target = *base;
		one->name = one->target.context ? one->target.context : "";
	}
	if (rc == 0 && !arena_failed(arena))
		rc = fleet_name_apart(arena, &to, err);
	*v = to.v;
	*n = to.n;
	return rc < 0 ? rc : arena_failed(arena) ? err_nomem(err) : 0;
}

/* The options lie over the policy, and both only over the vendor's minimum. */
int kube_args_demands(const struct kube_args *a, const struct policy *p, struct demands *d, struct err *err)
{
	const char *px_central = a->for_version;

	if (!px_central && p->clusters_px_central.n)
		px_central = p->clusters_px_central.p;
	if (demands_for(px_central, d, err) < 0)
		return err->status;
	d->px = demands_higher(d->px, p->clusters_px);
	d->operator_ = demands_higher(d->operator_, p->clusters_operator);
	d->stork = demands_higher(d->stork, p->clusters_stork);
	d->kubernetes = demands_higher(d->kubernetes, p->clusters_kubernetes);
	d->storage = p->clusters_storage;
	return 0;
}

/* --- running --------------------------------------------------------------------------------------------------- */

/* Printed as they come in: a long run is not silent, and memory stays bounded. */
static int flush(struct buf *out, struct err *err)
{
	if (out->failed)
		return err_nomem(err);
	if (print_out(buf_slice(out), EXIT_OK) != EXIT_OK)
		return err_set(err, STATUS_FAILED, "cannot write to standard output");
	buf_clear(out);
	return 0;
}

/* What a run of kube_args_run() hands to done(). */
struct running {
	struct show *show;
	size_t clusters, done;
	bool tells;    /* of each cluster on standard error: the report comes at the end */
	bool terminal; /* standard error is one: a line with the count is redrawn */
};

/* One line for a cluster that did not pass, and on a terminal how far it is. */
static void tell(const struct running *r, const struct facts *f)
{
	enum cluster_class class = facts_class(f);
	cleanup_buf struct buf line = BUF_TEXT;
	struct arena arena = ARENA_INIT((size_t)1 << 20);

	if (r->terminal)
		fputs("\r\033[K", stderr);
	if (class != CLASS_PASS) {
		struct matrix one = MATRIX_INIT;

		matrix_add(&one, f);
		if (one.rows.n)
			matrix_group_title(&(struct matrix_group){one.rows.v, 1}, &line);
		fprintf(stderr, "%s: %s\n", facts_printable(&arena, slice_str(f->cluster)), buf_str(&line));
		matrix_release(&one);
	}
	if (r->terminal && r->done < r->clusters)
		fprintf(stderr, "%zu of %zu clusters", r->done, r->clusters);
	fflush(stderr);
	arena_release(&arena);
}

static int done(const struct survey *s, const struct survey_cluster *c, struct facts *f, struct err *err)
{
	struct running *r = s->context;

	(void)c;
	r->done++;
	show_cluster(r->show, f);
	if (r->tells)
		tell(r, f);
	return flush(r->show->out, err);
}

static int warning(const struct survey *s, const struct survey_cluster *c, struct slice text, struct err *err)
{
	cleanup_buf struct buf line = BUF_TEXT;

	(void)s;
	buf_addf(&line, "warning: %s%s" SLICE_FMT, c->name, *c->name ? ": " : "", SLICE_ARG(text));
	if (line.failed)
		return err_nomem(err);
	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)line.p[i] < ' ' || line.p[i] == 0x7f)
			line.p[i] = '?';
	fprintf(stderr, "pxb-fed: %s\n", buf_str(&line));
	return 0;
}

static int outcome_code(const struct kube_args *a, const struct tally *t)
{
	bool strict = a->fail_on && strcmp(a->fail_on, "warning") == 0;

	if (t->n[OUTCOME_FAIL] || (strict && t->n[OUTCOME_WARN]))
		return EXIT_VIOLATIONS;
	return t->n[OUTCOME_UNKNOWN] ? EXIT_HELPER : EXIT_OK;
}

/* Many clusters are one matrix unless another form is asked for. */
static enum show_form form_of(const char *output, size_t clusters)
{
	static const char names[] = SHOW_FORM_NAMES;
	struct slice rest = slice_str(names);
	unsigned form = 0;

	if (!output)
		return clusters > 1 ? SHOW_MATRIX : SHOW_TEXT;
	while (rest.n && !slice_is(slice_cut(rest, '|', &rest), output))
		form++;
	return form < SHOW_FORMS ? (enum show_form)form : SHOW_TEXT;
}

static struct show show_of(const struct kube_args *a, enum check_command command, const struct demands *demands,
			   size_t clusters, struct buf *out)
{
	return (struct show){.form = form_of(a->output, clusters),
			     .color = wants_color(STDOUT_FILENO),
			     .utf8 = speaks_utf8(),
			     .program = program_name(),
			     .command = command,
			     .demands = demands,
			     .out = out};
}

int kube_args_show(const struct kube_args *a, enum check_command command, const struct facts *f, struct buf *out,
		   struct err *err)
{
	struct show show = show_of(a, command, f->demands, 1, out);

	show_start(&show);
	show_cluster(&show, f);
	show_end(&show);
	show_release(&show);
	return flush(out, err) < 0 ? err->status : outcome_code(a, &show.tally);
}

static int run_and_show(struct survey *s, const struct survey_cluster *v, size_t n, struct show *show, struct err *err)
{
	struct running running = {.show = show,
				  .clusters = n,
				  .tells = n > 1 && (show->form == SHOW_MATRIX || show->form == SHOW_HTML),
				  .terminal = can_redraw(STDERR_FILENO)};

	s->done = done;
	s->warning = warning;
	s->context = &running;
	show_start(show);
	if (survey_run(s, v, n, err) == 0)
		show_end(show);
	show_release(show);
	return err->status ? err->status : flush(show->out, err);
}

/* --from reads all of a folder: what another run left in it would be taken for this one's. */
static void tell_older(const char *save, time_t start)
{
	size_t n = save ? saved_older(save, start) : 0;

	if (n)
		fprintf(stderr, "pxb-fed: note: '%s' still has the answers of %zu cluster%s of an earlier run\n", save,
			n, n == 1 ? "" : "s");
}

int kube_args_run(const struct kube_args *a, struct survey *s, const struct survey_cluster *v, size_t n,
		  struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT(OUT_MAX);
	struct show show = show_of(a, s->command, s->demands, n, &out);
	struct past past = PAST_INIT;
	struct err late = ERR_INIT;
	time_t start = time(NULL);

	s->seconds = seconds_of(a);
	s->parallel = !a->parallel ? DEFAULT_PARALLEL : a->parallel < UINT_MAX ? (unsigned)a->parallel : UINT_MAX;
	if (n > 1) {
		interrupt_catch();
		s->stopped = interrupt_came;
	}
	s->save = a->save;
	s->late = &late;
	s->hub = a->hub;
	if (a->since && past_load(&past, a->since, s->command, err) == 0)
		show.past = &past;
	if (err->status == 0)
		run_and_show(s, v, n, &show, err);
	past_release(&past);
	if (err->status)
		return err->status;
	tell_older(a->save, start);
	if (late.status) {
		int code = fail(&late);

		/* What was found before counts. */
		if (late.status != STATUS_HELPER)
			return code;
	}
	return interrupt_came() ? EXIT_INTERRUPTED : outcome_code(a, &show.tally);
}
