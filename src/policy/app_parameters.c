#include "policy/app_parameters.h"

#include "policy/policy_key.h"
#include "userfile/user_file.h"

const struct app_parameter_info app_parameter_infos[APP_PARAMETERS] = {
#define APP_PARAMETER(id, name_, holds_, title_, tooltip_) \
	[APP_##id] = {.name = (name_), .holds = APP_HOLDS_##holds_, .title = (title_), .tooltip = (tooltip_)},
#include "policy/app_parameters.def"
#undef APP_PARAMETER
};

/* The key of {name, string | array | map} that carries each kind. */
static const char *const carriers[] = {
	[APP_HOLDS_STRING] = "string",
	[APP_HOLDS_BOOLEAN] = "string",
	[APP_HOLDS_ARRAY] = "array",
	[APP_HOLDS_MAP] = "map",
};

struct reading {
	struct app_parameters *p;
	app_fault_fn fault;
	void *arg;
};

static int say(const struct reading *r, const struct node *at, const char *fmt, ...) PXB_PRINTF(3, 4);

static int say(const struct reading *r, const struct node *at, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return r->fault(r->arg, at, text);
}

/* --- names ----------------------------------------------------------------------------------------------------- */

bool app_name_is_policy(struct slice name)
{
	static const char *const options[] = {"policy",	     "severity", "severities", "exceptions", "exception",
					      "credentials", "patch",	 "report",     "fail-on",    "max-size",
					      "timeout",     "lock",	 "namespace",  "rules",	     "rule"};

	while (name.n && name.p[0] == '-')
		name = slice_from(name, 1);
	if (name.n >= 7 && slice_eq_nocase(slice_to(name, 7), SLICE("PXB_FED")))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (key_alike(name, slice_str(options[i])))
			return true;
	for (size_t i = 0; i < POLICY_FIELDS; i++)
		if (key_alike(name, slice_str(policy_keys[i].key)) || key_alike(name, slice_str(policy_keys[i].name)))
			return true;
	return false;
}

static int unknown(const struct reading *r, const struct node *at, struct slice name)
{
	const char *names[APP_PARAMETERS], *near;

	for (size_t i = 0; i < APP_PARAMETERS; i++)
		names[i] = app_parameter_infos[i].name;
	near = key_nearest(name, names, APP_PARAMETERS);
	if (near)
		return say(r, at, "no parameter %s; did you mean '%s'?", show_text(name).text, near);
	if (app_name_is_policy(name))
		return say(r, at,
			   "no parameter %s: an Application chooses values; what is required of them is the platform "
			   "team's policy",
			   show_text(name).text);
	return say(r, at, "no parameter %s", show_text(name).text);
}

/* --- values ---------------------------------------------------------------------------------------------------- */

static int check_items(const struct reading *r, const char *name, const struct node *value)
{
	for (struct seq_iter it = seq_iter_of(value); seq_next(&it);)
		if (!node_is_string(it.item) &&
		    say(r, it.item, "parameter '%s' contains %s where a text is needed", name, node_noun(it.item)) < 0)
			return -1;
	return 0;
}

static int check_pairs(const struct reading *r, const char *name, const struct node *value)
{
	for (struct map_iter it = map_iter_of(value); map_next(&it);)
		if (!node_is_string(it.value) &&
		    say(r, it.value, "key %s of parameter '%s' is %s; Argo CD takes texts only, so quote it",
			show_text(node_text(it.key)).text, name, node_noun(it.value)) < 0)
			return -1;
	return 0;
}

static int check_value(const struct reading *r, const struct app_parameter_info *info, const struct node *value)
{
	switch (info->holds) {
	case APP_HOLDS_STRING:
		return node_is_string(value)
			       ? 0
			       : say(r, value, "parameter '%s' needs a text, not %s", info->name, node_noun(value));
	case APP_HOLDS_BOOLEAN:
		return node_string_is(value, "true") || node_string_is(value, "false")
			       ? 0
			       : say(r, value, "parameter '%s' needs the text \"true\" or \"false\"", info->name);
	case APP_HOLDS_ARRAY:
		return node_is_sequence(value) ? check_items(r, info->name, value)
					       : say(r, value, "parameter '%s' needs a list of texts, not %s",
						     info->name, node_noun(value));
	case APP_HOLDS_MAP:
		break;
	}
	return node_is_mapping(value)
		       ? check_pairs(r, info->name, value)
		       : say(r, value, "parameter '%s' needs a mapping of texts, not %s", info->name, node_noun(value));
}

/* A key beside the one that is read would be dropped in silence. */
static int check_carriers(const struct reading *r, const struct app_parameter_info *info, const struct node *item,
			  const struct node **value)
{
	const char *want = carriers[info->holds];

	*value = NULL;
	for (struct map_iter it = map_iter_of(item); map_next(&it);) {
		struct slice key = node_text(it.key);

		if (slice_is(key, "name") || node_is_null(it.value))
			continue;
		if (slice_is(key, want)) {
			*value = it.value;
			continue;
		}
		if (say(r, it.key, "parameter '%s' is given as %s; it is a '%s'", info->name, show_text(key).text,
			want) < 0)
			return -1;
	}
	return 0;
}

static int read_one(const struct reading *r, const struct node *item)
{
	const struct node *name = node_lookup(item, "name"), *value;
	unsigned which = 0;

	if (!node_is_mapping(item))
		return say(r, item, "a parameter is a mapping with a 'name', not %s", node_noun(item));
	if (!node_is_string(name) || !node_string(name).n)
		return say(r, name ? name : item, "a parameter has no name");
	while (which < APP_PARAMETERS && !slice_is(node_string(name), app_parameter_infos[which].name))
		which++;
	if (which == APP_PARAMETERS)
		return unknown(r, name, node_string(name));
	if (r->p->value[which])
		return say(r, name, "parameter '%s' is set twice", app_parameter_infos[which].name);
	if (check_carriers(r, &app_parameter_infos[which], item, &value) < 0)
		return -1;
	if (!value)
		return 0;
	r->p->value[which] = node_real(value);
	return check_value(r, &app_parameter_infos[which], value);
}

int app_parameters_read(struct app_parameters *p, const struct node *list, app_fault_fn fault, void *arg)
{
	struct reading r = {p, fault, arg};

	*p = (struct app_parameters){0};
	if (node_is_null(list))
		return 0;
	if (!node_is_sequence(list))
		return say(&r, list, "the parameters are %s, not a list", node_noun(list));
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);)
		if (read_one(&r, it.item) < 0)
			return -1;
	return 0;
}

struct slice app_parameter_text(const struct app_parameters *p, enum app_parameter which)
{
	return node_string(p->value[which]);
}
