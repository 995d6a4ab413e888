#include "rules/app.h"

struct app_iter app_iter_of(const struct gate *g)
{
	return (struct app_iter){.g = g};
}

bool app_next(struct app_iter *it)
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

struct source_iter source_iter_of(const struct app *a)
{
	const struct node *list = node_lookup(a->spec, "sources");

	if (node_is_sequence(list) && node_count(node_real(list)))
		return (struct source_iter){.list = seq_iter_of(list)};
	return (struct source_iter){.one = node_real(node_lookup(a->spec, "source"))};
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
		if (node_is_mapping(it->source))
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
