#include "chart/chart_value.h"
#include "rules/causes.h"

#include "rules/settle.h"
#include "rules/values_stated.h"

#include <xxhash.h>

/* --- the chart's own faults ------------------------------------------------------------------------------------ */

static const struct chart_fault {
	const char *kind, *name, *first, *last;
	const char *mapping, *key; /* that is defined twice; NULL: the object names no namespace */
} chart_faults[] = {
#define CHART_FAULT(kind, name, mapping, key, first, last) {kind, name, first, last, mapping, key},
#define CHART_HOMELESS(kind, name, first, last)		   {kind, name, first, last, NULL, NULL},
#include "chart/chart_faults.def"
#undef CHART_FAULT
#undef CHART_HOMELESS
};

/* What the chart calls itself in its labels: Helm gives a dependency the name of its alias. */
static struct slice chart_name(const struct gate *g)
{
	struct slice under = slice_str(g->values_under[0] ? g->values_under : "px-central");
	size_t dot = slice_rchr(under, '.');

	return dot == SIZE_MAX ? under : slice_from(under, dot + 1);
}

/* Versions of three numbers below ten compare as text; what follows them ("3.1.0-fc1") does not count. */
static bool in_versions(const struct gate *g, const struct chart_fault *row, struct slice chart)
{
	struct slice name = chart_name(g), version = slice_from(chart, name.n);

	if (!chart.n)
		return true;
	if (!slice_eq(slice_to(chart, name.n), name) || !slice_starts(version, "-"))
		return false;
	version = slice_to(slice_from(version, 1), 5);
	return slice_cmp(version, slice_str(row->first)) >= 0 && slice_cmp(version, slice_str(row->last)) <= 0;
}

static bool is_of_row(const struct gate *g, const struct finding *f, const struct chart_fault *row)
{
	return object_is(f->object, row->kind, row->name) &&
	       in_versions(g, row, object_label(f->object, "helm.sh/chart"));
}

/* A text under a label that the chart's own template defines twice, without a consequence: the rule has left it a
 * warning. */
static bool is_doubled(struct gate *g, const struct finding *f)
{
	if (f->rule != RULE_DUPLICATE_KEY || f->severity != SEVERITY_WARNING || !f->object || f->object->owner ||
	    !f->node || !node_is_string(f->node->next))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(chart_faults); i++) {
		const struct chart_fault *row = &chart_faults[i];

		if (row->mapping && slice_is(node_text(f->node), row->key) && is_of_row(g, f, row) &&
		    strcmp(f->path, gate_printf(g, "%s[\"%s\"]", row->mapping, row->key)) == 0)
			return true;
	}
	return false;
}

/* The chart's own template names no namespace. The advice stays: kubectl, unlike Helm, needs to be told. */
static bool is_homeless(const struct gate *g, const struct finding *f)
{
	if (f->rule != RULE_NAMESPACE || f->severity != SEVERITY_NOTE || !f->object || f->object->ns.n)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(chart_faults); i++)
		if (!chart_faults[i].mapping && is_of_row(g, f, &chart_faults[i]))
			return true;
	return false;
}

static void settle_chart_fault(struct gate *g, struct finding *f)
{
	if (g->options.scope != GATE_RELEASE)
		return;
	if (is_doubled(g, f)) {
		f->severity = SEVERITY_NOTE;
		f->chart_fault = true;
		f->fixes.n = 0;
	}
	f->chart_fault |= is_homeless(g, f);
}

/* --- advice that knows the chart ------------------------------------------------------------------------------- */

static bool is_proxy(struct slice name)
{
	static const char *const names[] = {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

/* The name of the env entry whose value the finding is about. */
static struct slice env_name(const struct finding *f)
{
	const struct node *item = f->node ? f->node->parent : NULL;

	return item && node_is_mapping(item) ? node_string(node_lookup(item, "name")) : SLICE_EMPTY;
}

void advise_proxy_secret(struct gate *g, struct finding *f)
{
	f->fixes.n = 0;
	finding_fix(g, f,
		    "Put the addresses into a Secret with the keys HTTP_PROXY, HTTPS_PROXY and NO_PROXY, set %s to its "
		    "name, and remove %s and %s.",
		    gate_key(g, chart_value_name(KEY_PROXY_SECRET)), gate_key(g, chart_value_name(KEY_PROXY_HTTP)),
		    gate_key(g, chart_value_name(KEY_PROXY_HTTPS)));
	finding_fix(g, f, "--set %s=%s --set %s= --set %s=", gate_key(g, chart_value_name(KEY_PROXY_SECRET)), FIX_BLANK,
		    gate_key(g, chart_value_name(KEY_PROXY_HTTP)), gate_key(g, chart_value_name(KEY_PROXY_HTTPS)));
}

static bool advise_proxy(struct gate *g, struct finding *f)
{
	if (f->rule != RULE_PLAIN_SECRET || g->options.scope != GATE_RELEASE || !is_proxy(env_name(f)))
		return false;
	f->stated = slice_starts(env_name(f), "HTTPS") || slice_starts(env_name(f), "https")
			    ? chart_value_name(KEY_PROXY_HTTPS)
			    : chart_value_name(KEY_PROXY_HTTP);
	finding_say(g, f, "the proxy address contains a password in clear text, and so does every pod");
	advise_proxy_secret(g, f);
	return true;
}

/* The chart knows no other place for it: advice to move it could not be followed. */
static bool advise_oidc(struct gate *g, struct finding *f)
{
	static const char name[] = "EXTERNAL_OIDC_CLIENT_SECRET";

	if (f->rule != RULE_PLAIN_SECRET || g->options.scope != GATE_RELEASE || !f->object ||
	    !object_is(f->object, "ConfigMap", NULL) || slice_find(slice_str(f->path), name) == SIZE_MAX)
		return false;
	f->fixes.n = 0;
	f->stated = chart_value_name(KEY_OIDC_CLIENT_SECRET);
	finding_say(g, f, "the value of %s is in clear text: the chart writes %s into this ConfigMap", name,
		    gate_key(g, chart_value_name(KEY_OIDC_CLIENT_SECRET)));
	finding_fix(g, f,
		    "Limit who can read ConfigMaps in the namespace, and except data.%s of ConfigMap/%s in the policy "
		    "with a "
		    "reason and an expiry: the chart takes %s from values only.",
		    name, gate_name(g, f->object->name), gate_key(g, chart_value_name(KEY_OIDC_CLIENT_SECRET)));
	return true;
}

/* --- causes ---------------------------------------------------------------------------------------------------- */

/* The key of the first "--set KEY=VALUE" among the fixes, without an index. */
static struct slice fixed_key(const struct finding *f)
{
	for (size_t i = 0; i < f->fixes.n; i++) {
		struct slice fix = slice_str(f->fixes.v[i]);

		if (!slice_starts(fix, "--set"))
			continue;
		fix = slice_from(fix, slice_chr(fix, ' ') == SIZE_MAX ? fix.n : slice_chr(fix, ' ') + 1);
		fix = slice_to(fix, slice_chr(fix, '='));
		return slice_to(fix, slice_chr(fix, '['));
	}
	return SLICE_EMPTY;
}

/* Rules about the installation, whose advice is one change for all the places that it names. */
static bool advice_is_one_change(const struct finding *f)
{
	return f->fixes.n && rule_infos[f->rule].subject == SUBJECT_RELEASE && f->rule != RULE_UNVERIFIABLE &&
	       f->rule != RULE_VALUES;
}

static const char *object_address(struct gate *g, const struct finding *f)
{
	const struct object *o = f->object;

	return o ? gate_printf(g, "%s\n" SLICE_FMT "\n" SLICE_FMT "\n" SLICE_FMT, f->place.input ? f->place.input : "",
			       SLICE_ARG(o->kind), SLICE_ARG(o->ns), SLICE_ARG(o->name))
		 : gate_printf(g, "%s\n%zu", f->place.input ? f->place.input : "", f->place.line);
}

static bool has_fix_of(const struct gate *g, const struct finding *f, enum chart_value v)
{
	size_t n = strlen(g->value_keys[v]);

	for (size_t i = 0; i < f->fixes.n; i++) {
		const char *key = strstr(f->fixes.v[i], g->value_keys[v]);

		if (strncmp(f->fixes.v[i], "--set", 5) == 0 && key && key[n] == '=')
			return true;
	}
	return false;
}

/* No storage and no class: the advice to switch storage on names the class too, so that it fixes both. */
static bool names_class_too(const struct gate *g, const struct finding *f)
{
	return f->rule == RULE_STORAGE_EPHEMERAL && has_fix_of(g, f, VALUE_STORAGE_ENABLED) &&
	       has_fix_of(g, f, VALUE_STORAGE_CLASS);
}

static bool goes_with_storage(const struct gate *g, const struct finding *f)
{
	return (f->rule == RULE_STORAGE_CLASS || f->rule == RULE_STORAGE_EPHEMERAL) &&
	       slice_is(fixed_key(f), g->value_keys[VALUE_STORAGE_CLASS]);
}

static bool is_storage_off(const struct gate *g)
{
	for (size_t i = 0; i < g->findings.n; i++)
		if (names_class_too(g, g->findings.v[i]))
			return true;
	return false;
}

static const char *cause_of(struct gate *g, const struct finding *f)
{
	const char *rule = rule_infos[f->rule].id;
	struct slice key = fixed_key(f);

	if (f->chart_fault)
		return "chart";
	if (f->value >= 0)
		return gate_printf(g, "value %s", g->value_keys[f->value]);
	if (key.n)
		return gate_printf(g, "value " SLICE_FMT, SLICE_ARG(key));
	if (f->rule == RULE_DUPLICATE_KEY && f->source[0])
		return gate_printf(g, "%s %s", rule, f->source);
	if (f->fixes.n && strncmp(f->fixes.v[0], "--namespace", 11) == 0)
		return gate_printf(g, "%s %s %d", rule, f->fixes.v[0], f->severity);
	if (advice_is_one_change(f))
		return gate_printf(g, "%s %s %s", rule, f->fixes.v[0], f->expected);
	switch (f->rule) {
	case RULE_CLOUD_CREDENTIAL:
	case RULE_CLOUD_CREDENTIAL_REFERENCE:
	case RULE_REGISTRY_CREDENTIAL:
		return gate_printf(g, "%s %s %d", rule, object_address(g, f), f->severity);
	case RULE_PLAIN_SECRET: /* one value, wherever it is repeated */
		if (f->node && f->node->kind == NODE_SCALAR && f->node->text_n)
			return gate_printf(g, "%s %llx", rule,
					   (unsigned long long)XXH3_64bits(node_text(f->node).p, f->node->text_n));
		break;
	default:
		break;
	}
	return gate_printf(g, "%s %s %s %s", rule, object_address(g, f), f->path, f->message);
}

/* How much of the others a finding explains. */
static unsigned depth_of(const struct finding *f)
{
	if (f->rule != RULE_VALUES)
		return 0;
	return f->depth ? f->depth : f->severity == SEVERITY_ERROR ? 2 : 1;
}

void gate_settle_causes(struct gate *g)
{
	bool storage_off = is_storage_off(g);

	for (size_t i = 0; i < g->findings.n; i++) {
		struct finding *f = g->findings.v[i];

		settle_chart_fault(g, f);
		if (!advise_proxy(g, f))
			advise_oidc(g, f);
		f->cause = cause_of(g, f);
		f->depth = depth_of(f);
		if (storage_off && names_class_too(g, f))
			f->depth = 1;
		if (storage_off && (names_class_too(g, f) || goes_with_storage(g, f)))
			f->cause = gate_printf(g, "value %s", g->value_keys[VALUE_STORAGE_ENABLED]);
	}
	explain_causes_by_values(g);
	gate_settle_findings(g);
}
