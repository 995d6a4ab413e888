/*
 * stream.c: what was read is a px-central release, whole and in one piece.
 */
#include "chart/chart_object.h"
#include "rules/identity.h"
#include "rules/places.h"

static void place_problem(struct gate *g, struct finding *f, const struct problem *p)
{
	struct position pos = input_position(p->input, p->at);

	f->place = (struct place){.input = p->input->name, .line = pos.line, .column = pos.column, .length = 1};
	finding_say(g, f, "%s", p->message);
	finding_fix(g, f, "Fix the template or value that renders this line; nothing was passed on.");
}

static void report_problems(struct gate *g, enum problem_kind kind)
{
	const struct stream *s = g->release->stream;

	for (size_t i = 0; i < s->problems.n; i++)
		if (s->problems.v[i].kind == kind)
			place_problem(g, gate_find(g, NULL, NULL), &s->problems.v[i]);
}

void rule_ambiguous_yaml(struct gate *g)
{
	report_problems(g, PROBLEM_AMBIGUOUS);
}

/* Keys of this chart in the root. */
static bool looks_like_values(const struct node *root)
{
	for (size_t i = 0; i < VALUE_COUNT; i++) {
		struct slice rest, first = slice_cut(slice_str(chart_value_infos[i].key), '.', &rest);

		if (node_is_mapping(root) && node_get(root, first))
			return true;
	}
	return false;
}

static bool is_chart(const struct node *root)
{
	return node_is_mapping(root) && !node_lookup(root, "kind") && node_lookup(root, "apiVersion") &&
	       node_lookup(root, "name") && node_lookup(root, "version");
}

static void not_an_object(struct gate *g, const struct document *d, const struct node *root)
{
	const struct node *at;
	const char *fault = release_object_fault(root, &at);
	struct position pos;
	struct finding *f;

	if (!fault || (g->release->nameless && release_is_object_like(root)))
		return;
	f = gate_find(g, NULL, NULL);
	pos = input_position(d->input, at->start);
	f->place = (struct place){.input = d->input->name, .line = pos.line, .column = pos.column, .length = 1};
	finding_say(g, f, "the document is not a Kubernetes object: %s", fault);
	if (g->options.scope == GATE_OBJECTS) {
		finding_severity(f, SEVERITY_NOTE);
		return;
	}
	if (looks_like_values(root))
		finding_fix(g, f, "This looks like a values file: render with it, and pass it with --values as well.");
	else if (is_chart(root))
		finding_fix(g, f, "This is the Chart.yaml of a chart: check what 'helm template' renders.");
	else
		finding_fix(g, f, "Give every document apiVersion, kind and metadata.name.");
}

static void find_faults_in(struct gate *g, const struct document *d, const struct node *root)
{
	const struct node *kind = node_lookup(root, "kind");
	struct position pos;
	struct finding *f;

	if (release_is_object_like(root) && document_is_misread(g, d, root))
		return;
	if (!release_is_list(root) || (g->options.scope == GATE_OBJECTS && !release_is_object_like(root))) {
		not_an_object(g, d, root);
		return;
	}
	/* kubectl and Helm take `items` for a list whatever the kind says: the rest of such an object never arrives. */
	if (!slice_ends(node_string(kind), "List")) {
		f = gate_find(g, NULL, NULL);
		pos = input_position(d->input, node_lookup(root, "items")->start);
		f->place = (struct place){.input = d->input->name, .line = pos.line, .column = pos.column, .length = 1};
		finding_say(g, f, "an object with 'items' at its top is a list to the cluster, whatever its kind");
		finding_fix(g, f, "Remove the key 'items', or give the document a kind that ends in List.");
		return;
	}
	if (!node_is_sequence(node_lookup(root, "items"))) {
		f = gate_find(g, NULL, NULL);
		pos = input_position(d->input, root->start);
		f->place = (struct place){.input = d->input->name, .line = pos.line, .column = pos.column, .length = 1};
		finding_say(g, f, "a list whose 'items' is not a list");
		finding_fix(g, f, "Render the objects one by one.");
		return;
	}
	for (struct seq_iter it = seq_iter_of(node_lookup(root, "items")); seq_next(&it);)
		find_faults_in(g, d, it.item);
}

static void find_faults(struct gate *g)
{
	const struct stream *s = g->release->stream;

	for (size_t i = 0; i < s->documents.n; i++)
		if (s->documents.v[i].root)
			find_faults_in(g, &s->documents.v[i], s->documents.v[i].root);
}

/* What the cluster tells objects apart by. The namespace is the one the object ends up in. */
struct identity {
	const struct object *object;
	struct slice ns;
};

static int compare_identity(const void *pa, const void *pb)
{
	const struct identity *a = pa, *b = pb;
	int c = slice_cmp(a->object->kind, b->object->kind);

	if (!c)
		c = slice_cmp(a->object->name, b->object->name);
	if (!c)
		c = slice_cmp(a->ns, b->ns);
	return c ? c : slice_cmp(object_group(a->object), object_group(b->object));
}

static void find_twins(struct gate *g)
{
	struct slice release_ns = expected_namespace(g);
	size_t n = 0;
	struct identity *all = arena_alloc(&g->arena, g->release->objects.n * sizeof(*all) + 1);

	if (!all)
		return;
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		bool cluster = object_is_cluster_scoped(o);

		/* generateName makes a new object each time; a nested document may repeat one of the stream. */
		if (!o->owner && !o->is_generated)
			all[n++] = (struct identity){o, cluster				    ? SLICE_EMPTY
							: o->ns.n || !gate_is_of_release(g) ? o->ns
											    : release_ns};
	}
	if (n)
		qsort(all, n, sizeof(*all), compare_identity);
	for (size_t i = 1; i < n; i++) {
		struct finding *f;

		if (compare_identity(&all[i - 1], &all[i]) != 0)
			continue;
		f = gate_find(g, all[i].object, NULL);
		finding_say(g, f, "%s appears twice in the stream", object_title(g->release, all[i].object));
		finding_fix(g, f, "Render each object once; the cluster would keep only one of the two.");
	}
}

/* Helm ends every stream with a line end: without one its last document was cut off on the way. */
static void find_cut(struct gate *g)
{
	const struct stream *s = g->release->stream;
	const struct input *last = s->inputs.n ? s->inputs.v[s->inputs.n - 1] : NULL;
	struct position pos;
	struct finding *f;

	if (g->release->flavour == FLAVOUR_PLAIN || !last || !last->bytes.n || last->bytes.p[last->bytes.n - 1] == '\n')
		return;
	f = gate_find(g, NULL, NULL);
	pos = input_position(last, last->bytes.n);
	f->place = (struct place){.input = last->name, .line = pos.line, .column = pos.column, .length = 1};
	if (g->options.cut_accepted) {
		finding_severity(f, SEVERITY_NOTE);
		finding_say(g, f, "the last line has no line end; 'render' refuses this without --no-final-newline");
		return;
	}
	finding_say(g, f, "the last line has no line end: the stream may be cut off");
	finding_fix(g, f,
		    "Pass on all of what Helm renders, or give --no-final-newline if a script removes the line end.");
}

/* Names that no other chart uses, and the chart's own label. */
static bool is_px_central(const struct release *r)
{
	static const enum chart_object_id marks[] = {OBJECT_PX_BACKUP, OBJECT_UI_CONFIG, OBJECT_MONGODB,
						     OBJECT_POST_INSTALL, OBJECT_MYSQL};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (chart_object_in(r, marks[i]))
			return true;
	for (size_t i = 0; i < r->objects.n; i++)
		if (slice_starts(object_label(r->objects.v[i], "helm.sh/chart"), "px-central-"))
			return true;
	return false;
}

/* An Application or ApplicationSet of Argo CD, NULL if there is none. */
static const struct object *application_of(const struct release *r)
{
	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];

		if (object_in_group(o, "argoproj.io") &&
		    (object_is(o, "Application", NULL) || object_is(o, "ApplicationSet", NULL)))
			return o;
	}
	return NULL;
}

/* The rules about single objects say little of an Application: what it installs is not in it. */
static void note_applications(struct gate *g)
{
	const struct object *o = application_of(g->release);
	struct finding *f;

	if (!o)
		return;
	f = gate_find(g, o, NULL);
	finding_severity(f, SEVERITY_NOTE);
	finding_say(g, f, "what this %s installs is checked by 'argocd check-app', not here",
		    object_is(o, "Application", NULL) ? "Application" : "ApplicationSet");
}

static bool has_errors(const struct gate *g)
{
	for (size_t i = 0; i < g->findings.n; i++)
		if (g->findings.v[i]->severity == SEVERITY_ERROR)
			return true;
	return false;
}

/* One of many files may be empty; that all of them are is for the caller to see. */
static void find_nothing(struct gate *g)
{
	const struct stream *s = g->release->stream;
	struct finding *f = gate_find(g, NULL, NULL);

	f->place = (struct place){.input = s->inputs.n ? s->inputs.v[0]->name : NULL};
	finding_severity(f, SEVERITY_NOTE);
	finding_say(g, f, "the input contains no Kubernetes object");
}

void rule_stream(struct gate *g)
{
	struct finding *f;

	report_problems(g, PROBLEM_STREAM);
	find_faults(g);
	if (has_errors(g) || g->release->stream->problems.n)
		return;
	if (g->options.scope == GATE_OBJECTS && g->release->objects.n == 0 && g->findings.n == 0)
		find_nothing(g);
	if (g->options.scope == GATE_OBJECTS)
		note_applications(g);
	find_twins(g);
	check_identities(g);
	if (has_errors(g) || !gate_is_of_release(g))
		return;
	find_cut(g);
	if (g->release->objects.n == 0) {
		f = gate_find(g, NULL, NULL);
		finding_say(g, f, "the stream contains no object");
		finding_fix(g, f,
			    "Check that the chart rendered anything: an empty release deletes what is installed.");
	} else if (!is_px_central(g->release)) {
		f = gate_find(g, g->release->objects.v[0], NULL);
		finding_say(g, f, "not a px-central release: none of its objects is in the stream");
		if (application_of(g->release))
			finding_fix(g, f, "Check an Application of Argo CD with 'argocd check-app'.");
		else
			finding_fix(g, f,
				    "Use pxb-fed for the px-central chart only; 'check --any' checks other manifests.");
	}
}
