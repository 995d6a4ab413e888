/*
 * federated.c: the mode itself.
 *
 * Source: the vendor's install page ("Required; set via the Portworx Central Spec Generator"); the chart's templates:
 * pxcentral-ui-configmap, px-backup, pxcentral-post-install-hook and the hook Jobs pre-install-check,
 * pre-upgrade-check.
 */
#include "chart/chart_object.h"
#include "rules/places.h"
#include "rules/switch_text.h"

static const struct node *ui_flag(const struct gate *g, const struct object **ui)
{
	*ui = chart_object_in(g->release, OBJECT_UI_CONFIG);
	return *ui ? node_lookup(node_lookup((*ui)->root, "data"), chart_env(VALUE_FEDERATED)) : NULL;
}

void rule_federated_unsupported(struct gate *g)
{
	const struct object *ui;
	struct finding *f;

	if (ui_flag(g, &ui) || !ui)
		return;
	f = gate_find(g, ui, node_lookup(ui->root, "data"));
	finding_say(g, f, "this chart does not know Federated mode: the UI ConfigMap has no %s",
		    chart_env(VALUE_FEDERATED));
	finding_expected(g, f, "data.%s", chart_env(VALUE_FEDERATED));
	finding_fix(
		g, f,
		"Install a px-central chart with Federated support (3.0.0 or later): helm install --version 3.0.0 ...");
}

static struct finding *find_flag(struct gate *g, const struct object *o, const struct node *at)
{
	struct finding *f = gate_find(g, o, at);

	f->value = VALUE_FEDERATED;
	finding_expected(g, f, "true");
	finding_fix_value(g, f, VALUE_FEDERATED, "true");
	return f;
}

/* Set by the chart. An object that somebody added is checked, and never changed. */
static bool is_of_chart(const struct object *o)
{
	return object_is_chart(o, OBJECT_UI_CONFIG) || chart_knows(o);
}

static void check_value(struct gate *g, const struct object *o, const struct node *item, const struct node *value)
{
	const struct node *real = node_real(value);
	struct finding *f;

	if (node_string_is(value, "true"))
		return;
	f = find_flag(g, o, value ? value : item);
	if (!real || real->kind != NODE_SCALAR) {
		finding_say(g, f, "%s has no value of its own; Federated mode needs \"true\"",
			    chart_env(VALUE_FEDERATED));
		return;
	}
	finding_found(g, f, node_text(real));
	if (real->type == TYPE_STRING)
		finding_say(g, f, "%s is \"%s\"; Federated mode needs \"true\"", chart_env(VALUE_FEDERATED), f->found);
	else
		finding_say(g, f, "%s is %s, not a string; Federated mode needs \"true\"", chart_env(VALUE_FEDERATED),
			    real->text_n ? f->found : "null");
	if (is_of_chart(o) || o->owner) /* a text is never changed, and the finding says why */
		finding_set(g, f, value, "true");
}

/* An entry may take its value from an object of the release. One that has a value too is refused by the cluster. */
static void check_env_value(struct gate *g, const struct env_var *e)
{
	const struct node *from = node_lookup(e->item, "valueFrom");
	struct env_value v;
	struct finding *f;

	if (node_is_null(from)) {
		check_value(g, e->object, e->item, e->value);
		return;
	}
	v = entry_value(g->release, e->container, e->item, &g->arena);
	if (v.state == ENV_TEXT && slice_is(v.text, "true") && !node_string(e->value).n)
		return;
	f = find_flag(g, e->object, e->item);
	if (node_string(e->value).n)
		finding_say(g, f, "%s has both a value and valueFrom", chart_env(VALUE_FEDERATED));
	else if (v.state == ENV_TEXT)
		finding_say(g, f, "%s comes from another object, and is not \"true\" there",
			    chart_env(VALUE_FEDERATED));
	else
		finding_say(g, f, "%s comes from an object that is not in this stream, or from a key that it lacks",
			    chart_env(VALUE_FEDERATED));
}

static void find_missing(struct gate *g, const struct place_iter *it)
{
	const struct container *c = it->container;
	struct finding *f = find_flag(g, it->at, c->env ? c->env : c->node);

	finding_say(g, f, "%s is missing in container %s: this is Classic mode", chart_env(VALUE_FEDERATED),
		    gate_show(g, c->name));
	/* An object that somebody added is checked, and never changed. */
	if (object_is(it->at, it->place->kind, it->place->name) && node_is_sequence(c->env) && node_count(c->env))
		finding_insert_env(g, f, c->env, it->place->after, chart_env(VALUE_FEDERATED), "true");
}

/* An entry of its own, once. check_all_values() looks at its value. */
static void check_entry(struct gate *g, const struct place_iter *it)
{
	const struct container *c = it->container;
	const struct env_var *first;
	size_t n = env_count(c, chart_env(VALUE_FEDERATED), &first, g->release);
	struct finding *f;

	if (n == 0)
		find_missing(g, it);
	if (n < 2)
		return;
	f = find_flag(g, it->at, first->item);
	finding_say(g, f, "%s is set %zu times in container %s; which one counts depends on the reader",
		    chart_env(VALUE_FEDERATED), n, gate_show(g, c->name));
}

/* From the ConfigMap, or as an entry. A source that has the flag as a key of its own is judged there. */
static void check_source(struct gate *g, const struct place_iter *it)
{
	const struct container *c = it->container;
	struct env_value v = container_env(g->release, c, chart_env(VALUE_FEDERATED), &g->arena);
	struct finding *f;

	if (v.state == ENV_TEXT &&
	    (slice_is(v.text, "true") || !v.key.n || slice_is(v.key, chart_env(VALUE_FEDERATED))))
		return;
	f = gate_find(g, it->at, v.state == ENV_OUT_OF_SIGHT ? v.at : c->node);
	finding_expected(g, f, "true");
	if (v.state == ENV_ABSENT)
		finding_say(g, f, "container %s gets no %s: this is Classic mode", gate_show(g, c->name),
			    chart_env(VALUE_FEDERATED));
	else if (v.state == ENV_OUT_OF_SIGHT)
		finding_say(g, f, "container %s may get %s from an object that is not in this stream",
			    gate_show(g, c->name), chart_env(VALUE_FEDERATED));
	else
		finding_say(g, f, "container %s gets %s from another key, with another value than \"true\"",
			    gate_show(g, c->name), chart_env(VALUE_FEDERATED));
	finding_fix(g, f, "Let the container read ConfigMap %s by envFrom, last.", chart_object_name(OBJECT_UI_CONFIG));
}

static void check_places(struct gate *g)
{
	struct place_iter it = places_of(g->release, VALUE_FEDERATED);

	while (place_next(&it)) {
		if (!it.container)
			continue; /* component-missing and the cluster itself say that */
		if (it.place->way == PLACE_ENV)
			check_entry(g, &it);
		else
			check_source(g, &it);
	}
}

/* A source that makes the flag of a prefix and a key of another name. */
static void check_prefixes(struct gate *g)
{
	for (size_t i = 0; i < g->release->containers.n; i++) {
		const struct container *c = &g->release->containers.v[i];
		struct env_value v;
		struct finding *f;

		if (!node_lookup(c->node, "envFrom"))
			continue;
		v = container_env(g->release, c, chart_env(VALUE_FEDERATED), &g->arena);
		if (v.state != ENV_TEXT || !v.key.n || slice_is(v.key, chart_env(VALUE_FEDERATED)) ||
		    slice_is(v.text, "true"))
			continue;
		f = gate_find(g, v.object, v.at);
		finding_expected(g, f, "true");
		finding_found(g, f, v.text);
		finding_fix(g, f, "Set it to \"true\", or remove the prefix from envFrom.");
		finding_say(g, f, "container %s gets %s from this key; Federated mode needs \"true\"",
			    gate_show(g, c->name), chart_env(VALUE_FEDERATED));
	}
}

static void check_data(struct gate *g, const struct object *o)
{
	const struct node *value;
	struct slice text;
	struct finding *f;

	if (object_is(o, "ConfigMap", NULL)) {
		value = node_lookup(node_lookup(o->root, "data"), chart_env(VALUE_FEDERATED));
		if (value)
			check_value(g, o, NULL, value);
		return;
	}
	value = node_lookup(node_lookup(o->root, "stringData"), chart_env(VALUE_FEDERATED));
	if (value) {
		check_value(g, o, NULL, value);
		return;
	}
	text = object_data(o, slice_str(chart_env(VALUE_FEDERATED)), &g->arena, &value);
	if (!value || slice_is(text, "true"))
		return;
	f = find_flag(g, o, value);
	finding_say(g, f, "%s of this Secret is not \"true\"; Federated mode needs \"true\"",
		    chart_env(VALUE_FEDERATED));
}

/* Every place that carries the flag, wherever it is: later charts may add some. */
static void check_all_values(struct gate *g)
{
	struct env_iter it = envs_of(g->release, chart_env(VALUE_FEDERATED));

	for (size_t i = 0; i < g->release->objects.n; i++)
		if (object_is(g->release->objects.v[i], "ConfigMap", NULL) ||
		    object_is(g->release->objects.v[i], "Secret", NULL))
			check_data(g, g->release->objects.v[i]);
	while (env_next(&it))
		check_env_value(g, it.env);
}

static void check_text(struct gate *g, const char *name, const struct switch_hit *hit)
{
	struct finding *f;

	if (hit->use == SWITCH_SET && slice_is(hit->value, "true"))
		return;
	f = gate_find(g, hit->object, hit->node);
	finding_expected(g, f, "true");
	if (hit->use == SWITCH_UNSET)
		finding_say(g, f, "the text unsets %s; Federated mode needs \"true\"", name);
	else if (hit->use == SWITCH_DYNAMIC)
		finding_say(g, f, "the text sets %s to what is known at run time only; Federated mode needs \"true\"",
			    name);
	else
		finding_say(g, f, "the text sets %s to another value than \"true\"", name);
	finding_fix(g, f, "Remove the assignment: the chart sets the variable.");
}

static size_t replace(struct buf *out, struct slice in, const char *from, const char *to)
{
	size_t at = slice_find(in, from);

	if (at == SIZE_MAX) {
		buf_add(out, in);
		return 0;
	}
	buf_add(out, slice_to(in, at));
	buf_adds(out, to);
	buf_add(out, slice_from(in, at + strlen(from)));
	return 1;
}

/* The comment line right above an env entry, [*from, *to) without indentation and line end. */
static struct slice comment_above(const struct object *o, const struct node *item, uint32_t *from, uint32_t *to)
{
	const char *bytes = o->doc->input->bytes.p;
	size_t line = item->start, end;
	struct slice text;

	while (line > o->doc->start && bytes[line - 1] != '\n')
		line--;
	if (line <= o->doc->start)
		return SLICE_EMPTY;
	end = line - 1;
	line = end;
	while (line > o->doc->start && bytes[line - 1] != '\n')
		line--;
	text = slice_trim(slice_of(bytes + line, end - line));
	*from = (uint32_t)(text.p - bytes);
	*to = (uint32_t)(*from + text.n);
	return text;
}

/* Some document has a comment: the template's own would be there too. */
static bool has_comments(const struct gate *g)
{
	const struct stream *s = g->release->stream;

	for (size_t i = 0; i < s->documents.n; i++)
		if (document_has_comment(&s->documents.v[i]))
			return true;
	return false;
}

static void follow_backfill(struct gate *g, const struct env_var *e, struct slice comment, uint32_t from, uint32_t to)
{
	struct finding *f = find_flag(g, e->object, e->value);
	struct buf once = BUF_TEXT, twice = BUF_TEXT;

	finding_found(g, f, node_string(e->value));
	finding_expected(g, f, "1");
	finding_say(g, f, "BACKUP_INFO_METRICS_BACKFILL_HOURS has the default of Classic mode");
	finding_set(g, f, e->value, "1");
	if (!comment.n)
		return;
	replace(&once, comment, "non-federated", "federated");
	replace(&twice, buf_slice(&once), "DefaultBackfillHours", "DefaultFederatedBackfillHours");
	if (once.failed || twice.failed)
		g->arena.failed = true;
	finding_comment(g, f, from, to, arena_str(&g->arena, buf_slice(&twice)));
	buf_release(&once);
	buf_release(&twice);
}

/*
 * The chart's default of the metrics backfill follows the mode: 24 hours in Classic, 1 in Federated. It is the default,
 * and not a choice of the user, where the template's own comment says so. Where a program has taken all comments away,
 * it counts as the default of a container that the flag is missing in.
 */
static void check_backfill(struct gate *g)
{
	struct env_iter it = envs_of(g->release, "BACKUP_INFO_METRICS_BACKFILL_HOURS");
	bool commented = has_comments(g);

	while (env_next(&it)) {
		const struct env_var *e = it.env, *first;
		struct slice comment;
		uint32_t from = 0, to = 0;

		if (!node_string_is(e->value, "24") || e->object->owner)
			continue;
		comment = comment_above(e->object, e->item, &from, &to);
		if (slice_starts(comment, "# Default for non-federated deployments."))
			follow_backfill(g, e, comment, from, to);
		else if (!commented && !env_count(e->container, chart_env(VALUE_FEDERATED), &first, g->release))
			follow_backfill(g, e, SLICE_EMPTY, 0, 0);
	}
}

static void check_hook_missing(struct gate *g)
{
	struct place_iter it = places_of(g->release, VALUE_FEDERATED);
	struct finding *f;

	while (place_next(&it))
		if (it.place->event)
			return;
	f = find_flag(g, main_object(g), NULL);
	finding_say(g, f, "neither Job %s nor %s is among the hooks, so the check before the installation does not run",
		    chart_object_name(OBJECT_PRE_INSTALL_CHECK), chart_object_name(OBJECT_PRE_UPGRADE_CHECK));
	finding_fix(g, f, "Render the whole chart, hooks included.");
}

void rule_federated_flag(struct gate *g)
{
	const struct object *ui;

	if (!ui_flag(g, &ui) && ui)
		return; /* federated-unsupported says it better */
	check_all_values(g);
	check_places(g);
	check_prefixes(g);
	each_switch_text(g, chart_env(VALUE_FEDERATED), check_text, NULL);
	check_backfill(g);
	if (g->release->hooks_visible)
		check_hook_missing(g);
}
