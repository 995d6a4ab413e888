#include "rules/app.h"

static bool next(struct app_iter *it)
{
	while (it->at < it->g->release->objects.n) {
		const struct object *o = it->g->release->objects.v[it->at++];
		bool set = object_is(o, "ApplicationSet", NULL);
		const struct node *spec = node_at(o->root, set ? "spec/template/spec" : "spec");

		if (!object_in_group(o, "argoproj.io") || !(set || object_is(o, "Application", NULL)))
			continue;
		it->app = (struct app){.object = o, .spec = node_is_mapping(spec) ? spec : o->root, .is_set = set};
		return true;
	}
	return false;
}

/* --- whose Applications these are ------------------------------------------------------------------------------ */

static bool says_product(struct slice text)
{
	static const char *const words[] = {"px-central", "px-backup", "pxbackup", "pxb-fed", "portworx"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_find(text, words[i]) != SIZE_MAX)
			return true;
	return slice_distance(text, SLICE("px-central"), 2) <= 2;
}

/* Some key or text below n speaks of the product. */
static bool mentions_product(const struct node *n)
{
	n = node_real(n);
	if (!n)
		return false;
	if (n->kind == NODE_SCALAR)
		return says_product(node_text(n));
	for (const struct node *c = n->child; c; c = c->next) {
		if (c->flags & NODE_KEY && slice_is(node_text(c), "repoURL"))
			c = c->next;
		else if (mentions_product(c))
			return true;
	}
	return false;
}

/* Of the address of a repository its last part counts: an organisation may be named after anything. */
static bool is_product_repository(const struct node *source)
{
	struct slice url = node_string(node_lookup(source, "repoURL"));
	size_t slash = slice_rchr(url, '/');

	return says_product(slash == SIZE_MAX ? url : slice_from(url, slash + 1));
}

static bool is_of_product(const struct gate *g, const struct app *a)
{
	for (struct source_iter it = source_iter_of(a); source_next(&it);) {
		struct slice name = node_string(node_lookup(source_plugin(it.source), "name"));

		if (mentions_product(it.source) || is_product_repository(it.source) ||
		    slice_is(name, g->options.applications->plugin) ||
		    app_is_filled_in(a, node_string(node_lookup(it.source, "chart"))) ||
		    app_is_filled_in(a, node_string(node_lookup(it.source, "path"))))
			return true;
	}
	return mentions_product(node_at(a->spec, "sourceHydrator")) || says_product(a->object->name);
}

/* Other Applications are none of our business where one of ours is there; a single one was meant. */
struct app_iter app_iter_of(const struct gate *g)
{
	struct app_iter all = {.g = g};
	size_t n = 0;

	while (next(&all))
		n++;
	return (struct app_iter){.g = g, .all = n < 2};
}

bool app_next(struct app_iter *it)
{
	while (next(it)) {
		if (it->all || is_of_product(it->g, &it->app))
			return true;
		it->skipped++;
		it->last_skipped = it->app.object;
	}
	return false;
}

struct source_iter source_iter_of(const struct app *a)
{
	const struct node *list = node_lookup(a->spec, "sources");

	if (node_is_sequence(list) && node_count(node_real(list)))
		return (struct source_iter){.list = seq_iter_of(list)};
	return (struct source_iter){.one = node_real(node_lookup(a->spec, "source"))};
}

/* `ref: values` without chart and path renders nothing: other sources take files from it. */
static bool is_reference(const struct node *source)
{
	return node_string(node_lookup(source, "ref")).n && node_is_null(node_lookup(source, "chart")) &&
	       node_is_null(node_lookup(source, "path")) && !source_plugin(source);
}

bool source_next(struct source_iter *it)
{
	if (it->one) {
		it->source = it->one;
		it->one = NULL;
		return node_is_mapping(it->source);
	}
	while (it->list.at || it->list.item) {
		if (!seq_next(&it->list))
			return false;
		it->source = node_real(it->list.item);
		if (node_is_mapping(it->source) && !is_reference(it->source))
			return true;
	}
	return false;
}

const struct node *source_plugin(const struct node *source)
{
	const struct node *plugin = node_lookup(source, "plugin");

	return node_is_mapping(plugin) ? node_real(plugin) : NULL;
}

static int pass_over(void *arg, const struct node *at, const char *message)
{
	(void)arg;
	(void)at;
	(void)message;
	return 0;
}

struct app_parameters source_parameters(const struct node *source)
{
	struct app_parameters p;

	app_parameters_read(&p, node_lookup(source_plugin(source), "parameters"), pass_over, NULL);
	return p;
}

bool app_is_filled_in(const struct app *a, struct slice text)
{
	return a->is_set && slice_find(text, "{{") != SIZE_MAX;
}
