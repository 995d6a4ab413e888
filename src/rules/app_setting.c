#include "rules/app_setting.h"

#include "userfile/user_file.h"

/* What Helm's --set makes of a text. */
static struct setting as_set(const struct node *at, struct slice text)
{
	struct setting s = {.kind = SETTING_TEXT, .at = at, .text = text};

	if (slice_is(text, "true"))
		s.kind = SETTING_TRUE;
	else if (slice_is(text, "false"))
		s.kind = SETTING_FALSE;
	else if (slice_is(text, "null"))
		s.kind = SETTING_NULL;
	else if (text.n && (text.p[0] != '0' || text.n == 1) && scalar_resolve(NULL, text).type == TYPE_INT)
		s.kind = SETTING_OTHER;
	return s;
}

static struct setting as_yaml(struct gate *g, const struct node *at, const struct node *n)
{
	struct setting s = {.kind = SETTING_OTHER, .at = at};

	n = node_real(n);
	if (node_is_null(n))
		s.kind = SETTING_NULL;
	else if (n->kind == NODE_SCALAR && n->type == TYPE_BOOL)
		s.kind = n->flags & NODE_TRUE ? SETTING_TRUE : SETTING_FALSE;
	else if (node_is_string(n))
		s.kind = SETTING_TEXT;
	if (n && n->kind == NODE_SCALAR)
		s.text = arena_copy(&g->arena, node_text(n));
	return s;
}

/* "a.b.c" below a tree of values; NULL when it is not there. A null on the way takes all below it away. */
static const struct node *dotted(const struct node *tree, struct slice key)
{
	while (tree && key.p && key.n) {
		struct slice part = slice_cut(key, '.', &key);

		if (!node_is_mapping(tree))
			return node_is_null(tree) ? tree : NULL;
		tree = node_get(tree, part);
	}
	return tree;
}

/* --- the plugin's parameters ----------------------------------------------------------------------------------- */

static const struct node *map_value(const struct node *map, const char *key)
{
	return map ? node_lookup(map, key) : NULL;
}

/* --- Argo CD's own Helm source: what such an Application says counts for the advice ----------------------------- */

static bool helm_parameter(const struct node *source, const char *key, struct setting *out)
{
	const struct node *list = node_at(source, "helm/parameters");
	bool found = false;

	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		const struct node *value = node_lookup(it.item, "value");

		if (!node_string_is(node_lookup(it.item, "name"), key))
			continue;
		found = true;
		*out = as_set(value ? value : it.item, node_text(node_real(value)));
		if (node_is_bool(node_lookup(it.item, "forceString"), true))
			out->kind = SETTING_TEXT;
	}
	return found;
}

const struct node *source_values_text(const struct node *source)
{
	struct app_parameters p = source_parameters(source);

	return p.value[APP_VALUES] ? p.value[APP_VALUES] : node_real(node_at(source, "helm/values"));
}

bool source_has_values_files(const struct node *source)
{
	struct app_parameters p = source_parameters(source);
	const struct node *files = node_at(source, "helm/valueFiles");

	return (node_is_sequence(p.value[APP_VALUES_FILES]) && node_count(p.value[APP_VALUES_FILES])) ||
	       (node_is_sequence(files) && node_count(node_real(files)));
}

/* --- all ways -------------------------------------------------------------------------------------------------- */

static struct setting from_text(struct gate *g, const struct app *a, const struct node *at, const char *key)
{
	struct setting s = {.kind = SETTING_UNSET};
	struct slice text = node_string(at);
	const struct node *root, *n;
	struct err ignored = ERR_INIT;
	struct stream stream;

	if (app_is_filled_in(a, text))
		return (struct setting){.kind = SETTING_UNKNOWN, .at = at};
	if (user_file_parse(&stream, "values", text, &root, &ignored) < 0)
		s = (struct setting){.kind = SETTING_UNKNOWN, .at = at};
	else if ((n = dotted(root, slice_str(key))))
		s = as_yaml(g, at, n);
	stream_release(&stream);
	return s;
}

struct setting setting_of(struct gate *g, const struct app *a, const struct node *source, const char *key)
{
	struct app_parameters p = source_parameters(source);
	const struct node *texts = map_value(p.value[APP_HELM_STRING_PARAMETERS], key);
	const struct node *parameter = map_value(p.value[APP_HELM_PARAMETERS], key), *object;
	const struct node *values = source_values_text(source);
	struct setting s = {.kind = SETTING_UNSET};

	if (node_is_string(texts))
		s = (struct setting){.kind = SETTING_TEXT, .at = texts, .text = node_string(texts)};
	else if (node_is_string(parameter))
		s = as_set(parameter, node_string(parameter));
	else if (!helm_parameter(source, key, &s) &&
		 (object = dotted(node_at(source, "helm/valuesObject"), slice_str(key))))
		s = as_yaml(g, object, object);
	else if (s.kind == SETTING_UNSET && node_is_string(values))
		s = from_text(g, a, values, key);
	if (s.at && app_is_filled_in(a, s.text))
		s.kind = SETTING_UNKNOWN;
	return s;
}

/* --- below another chart --------------------------------------------------------------------------------------- */

/* "px-central.pxbackup.federated": what is before the section that only px-central has. */
static struct slice before_section(struct slice key)
{
	size_t at = slice_find(key, ".pxbackup.");

	return at == SIZE_MAX ? SLICE_EMPTY : slice_to(key, at);
}

static struct slice in_keys(const struct node *map)
{
	struct slice found = SLICE_EMPTY;

	for (struct map_iter it = map_iter_of(map); !found.n && map_next(&it);)
		found = before_section(node_text(it.key));
	return found;
}

static struct slice in_tree(const struct node *root)
{
	for (struct map_iter it = map_iter_of(root); map_next(&it);)
		if (node_is_mapping(it.value) && node_get(node_real(it.value), SLICE("pxbackup")))
			return node_text(it.key);
	return SLICE_EMPTY;
}

static const char *in_text(struct gate *g, struct slice text)
{
	const struct node *root;
	const char *under = "";
	struct err ignored = ERR_INIT;
	struct stream stream;

	if (text.n && user_file_parse(&stream, "values", text, &root, &ignored) == 0)
		under = arena_str(&g->arena, in_tree(root));
	if (text.n)
		stream_release(&stream);
	return under;
}

const char *source_values_under(struct gate *g, const struct app *a, const struct node *source)
{
	struct app_parameters p = source_parameters(source);
	struct slice under;

	if (setting_of(g, a, source, chart_value_name(VALUE_FEDERATED)).kind != SETTING_UNSET ||
	    setting_of(g, a, source, chart_value_name(VALUE_BACKUP_ENABLED)).kind != SETTING_UNSET)
		return "";
	under = in_keys(p.value[APP_HELM_PARAMETERS]);
	if (!under.n)
		under = in_keys(p.value[APP_HELM_STRING_PARAMETERS]);
	for (struct seq_iter it = seq_iter_of(node_at(source, "helm/parameters")); !under.n && seq_next(&it);)
		under = before_section(node_string(node_lookup(it.item, "name")));
	if (!under.n)
		under = in_tree(node_at(source, "helm/valuesObject"));
	return under.n ? arena_str(&g->arena, under) : in_text(g, node_string(source_values_text(source)));
}

const char *source_key(struct gate *g, const struct app *a, const struct node *source, enum chart_value v)
{
	const char *under = source_values_under(g, a, source);

	return gate_printf(g, "%s%s%s", under, *under ? "." : "", chart_value_infos[v].key);
}
