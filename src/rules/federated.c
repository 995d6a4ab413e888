/*
 * federated.c: the mode itself.
 *
 * Source: the vendor's install page ("Required; set via the Portworx Central Spec Generator"); the chart's templates:
 * pxcentral-ui-configmap, px-backup, pxcentral-post-install-hook and the hook Jobs pre-install-check,
 * pre-upgrade-check.
 */
#include "rules/places.h"

#define FLAG "PX_BACKUP_FEDERATED"

static const struct place_row {
	const char *kind, *name, *container; /* NULL: the only container there is */
	bool hook;			     /* a Helm hook: may be invisible, and one of the two is enough */
} env_places[] = {
	{"Deployment", "px-backup", "px-backup", false},
	{"Job", "pxcentral-post-install-hook", NULL, false},
	{"Job", "pre-install-check", NULL, true},
	{"Job", "pre-upgrade-check", NULL, true},
};

static const struct node *ui_flag(const struct gate *g, const struct object **ui)
{
	*ui = release_find(g->release, "ConfigMap", "pxcentral-ui-configmap");
	return *ui ? node_lookup(node_lookup((*ui)->root, "data"), FLAG) : NULL;
}

void rule_federated_unsupported(struct gate *g)
{
	const struct object *ui;
	struct finding *f;

	if (ui_flag(g, &ui) || !ui)
		return;
	f = gate_find(g, ui, node_lookup(ui->root, "data"));
	finding_say(g, f, "this chart does not know Federated mode: the UI ConfigMap has no %s", FLAG);
	finding_expected(g, f, "data.%s", FLAG);
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

static void check_value(struct gate *g, const struct object *o, const struct node *item, const struct node *value)
{
	const struct node *real = node_real(value);
	struct finding *f;

	if (node_string_is(value, "true"))
		return;
	f = find_flag(g, o, value ? value : item);
	if (!real || real->kind != NODE_SCALAR) {
		finding_say(g, f, "%s has no value of its own; Federated mode needs \"true\"", FLAG);
		return;
	}
	finding_found(g, f, node_text(real));
	if (real->type == TYPE_STRING)
		finding_say(g, f, "%s is \"%s\"; Federated mode needs \"true\"", FLAG, f->found);
	else
		finding_say(g, f, "%s is %s, not a string; Federated mode needs \"true\"", FLAG,
			    real->text_n ? f->found : "null");
	finding_set(g, f, value, "true");
}

/* The container that the chart gives the flag: by name, else the one that has it, else the first. */
static const struct container *flag_container(const struct gate *g, const struct object *o, const char *name)
{
	for (size_t i = 0; !name && i < g->release->envs.n; i++)
		if (g->release->envs.v[i].object == o && slice_is(g->release->envs.v[i].name, FLAG))
			return g->release->envs.v[i].container;
	return object_container(g->release, o, name);
}

static void check_env_place(struct gate *g, const struct place_row *row, const struct object *o)
{
	const struct container *c = flag_container(g, o, row->container);
	const struct env_var *first;
	struct finding *f;
	size_t n;

	if (!c)
		return; /* component-missing and the cluster itself say that */
	n = env_count(c, FLAG, &first, g->release);
	if (n == 1)
		return; /* check_all_values() looks at it */
	if (n > 1) {
		f = find_flag(g, o, first->item);
		finding_say(g, f, "%s stands %zu times in container %s; which one counts depends on the reader", FLAG,
			    n, gate_show(g, c->name));
		return;
	}
	f = find_flag(g, o, c->env ? c->env : c->node);
	finding_say(g, f, "%s is missing in container %s: this is Classic mode", FLAG, gate_show(g, c->name));
	if (node_is_sequence(c->env) && node_count(c->env))
		finding_insert_env(g, f, c->env, FLAG, "true");
}

/* Every place that carries the flag, wherever it is: later charts may add some. */
static void check_all_values(struct gate *g)
{
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *value;

		if (!object_is(o, "ConfigMap", NULL) && !object_is(o, "Secret", NULL))
			continue;
		value = node_lookup(node_lookup(o->root, object_is(o, "Secret", NULL) ? "stringData" : "data"), FLAG);
		if (value)
			check_value(g, o, NULL, value);
	}
	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];

		if (slice_is(e->name, FLAG))
			check_value(g, e->object, e->item, e->value);
	}
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

/*
 * The chart's default of the metrics backfill follows the mode: 24 hours in Classic, 1 in Federated. It is the default,
 * and not a choice of the user, only where the template's own comment says so.
 */
static void check_backfill(struct gate *g)
{
	struct finding *f;

	for (size_t i = 0; i < g->release->envs.n; i++) {
		const struct env_var *e = &g->release->envs.v[i];
		struct buf once = BUF_TEXT, twice = BUF_TEXT;
		struct slice comment;
		uint32_t from = 0, to = 0;

		if (!slice_is(e->name, "BACKUP_INFO_METRICS_BACKFILL_HOURS") || !node_string_is(e->value, "24") ||
		    e->object->owner)
			continue;
		comment = comment_above(e->object, e->item, &from, &to);
		if (!slice_starts(comment, "# Default for non-federated deployments."))
			continue;
		f = find_flag(g, e->object, e->value);
		finding_found(g, f, node_string(e->value));
		finding_expected(g, f, "1");
		finding_say(g, f, "BACKUP_INFO_METRICS_BACKFILL_HOURS has the default of Classic mode");
		finding_set(g, f, e->value, "1");
		replace(&once, comment, "non-federated", "federated");
		replace(&twice, buf_slice(&once), "DefaultBackfillHours", "DefaultFederatedBackfillHours");
		if (once.failed || twice.failed)
			g->arena.failed = true;
		finding_comment(g, f, from, to, arena_str(&g->arena, buf_slice(&twice)));
		buf_release(&once);
		buf_release(&twice);
	}
}

static void check_hook_missing(struct gate *g)
{
	struct finding *f;

	for (size_t i = 0; i < ARRAY_SIZE(env_places); i++)
		if (env_places[i].hook && release_find(g->release, env_places[i].kind, env_places[i].name))
			return;
	f = find_flag(g, main_object(g), NULL);
	finding_say(g, f,
		    "neither Job pre-install-check nor pre-upgrade-check is among the hooks, so the check before the "
		    "installation does not run");
	finding_fix(g, f, "Render the whole chart, hooks included.");
}

void rule_federated_flag(struct gate *g)
{
	const struct object *ui;

	if (!ui_flag(g, &ui) && ui)
		return; /* federated-unsupported says it better */
	check_all_values(g);
	for (size_t i = 0; i < ARRAY_SIZE(env_places); i++)
		for (size_t j = 0; j < g->release->objects.n; j++)
			if (object_is(g->release->objects.v[j], env_places[i].kind, env_places[i].name))
				check_env_place(g, &env_places[i], g->release->objects.v[j]);
	check_backfill(g);
	if (g->release->hooks_visible)
		check_hook_missing(g);
}
