/*
 * values_types.c: what a single value of the chart must be, from the table of the chart.
 */
#include "kube/quantity.h"
#include "rules/values_stated.h"
#include "userfile/forms.h"

enum value_type {
	TYPE_OF_SWITCH,
	TYPE_OF_NUMBER,
	TYPE_OF_SIZE,
	TYPE_OF_NAME,
	TYPE_OF_SERVICE,
	TYPE_OF_TEXT,
	TYPE_OF_TEXT_OR_NUMBER,
	TYPE_OF_LIST,
	TYPE_OF_MAP,
	TYPE_OF_URL,
	TYPE_OF_HOSTS,
	TYPE_OF_HOST,
	TYPE_OF_REGISTRY,
	TYPE_OF_REPOSITORY,
	TYPE_OF_PULL_POLICY,
	TYPE_OF_ENVIRONMENT
};

static const struct {
	const char *key;
	enum value_type type;
} types[] = {
#define VALUE_TYPE(key, type) {key, TYPE_OF_##type},
#include "chart/value_types.def"
};

static const char *switch_fault(const struct node *n)
{
	return n->type == TYPE_BOOL ? NULL
				    : "must be true or false, without quotes: templates take other values for true";
}

static const char *text_fault(const struct node *n)
{
	return n->kind == NODE_SCALAR && n->type == TYPE_STRING ? NULL : "must be a text: write it in quotes";
}

/* A text of one of the forms; the empty text is the chart's "not set". */
static const char *form_fault(const struct node *n, const char *(*form)(struct slice))
{
	struct slice s = node_string(n);

	return text_fault(n) ? text_fault(n) : s.n ? form(s) : NULL;
}

static const char *word_fault(const struct node *n, const char *const *words, const char *fault)
{
	for (; *words; words++)
		if (node_string_is(n, *words))
			return NULL;
	return fault;
}

static const char *service_fault(const struct node *n)
{
	static const char *const words[] = {"LoadBalancer", "NodePort", "ClusterIP", NULL};

	return word_fault(n, words, "must be LoadBalancer, NodePort or ClusterIP");
}

static const char *pull_policy_fault(const struct node *n)
{
	static const char *const words[] = {"Always", "IfNotPresent", "Never", NULL};

	return word_fault(n, words, "must be Always, IfNotPresent or Never");
}

static const char *environment_fault(const struct node *n)
{
	static const char *const words[] = {"production", "staging", NULL};

	return word_fault(n, words, "must be production or staging");
}

static const char *size_fault(const struct node *n)
{
	struct slice s = node_text(n);

	return n->type == TYPE_STRING && quantity_valid(s) && quantity_cmp(s, SLICE("0")) > 0
		       ? NULL
		       : "must be a size in quotes, for example \"100Gi\"";
}

static const char *type_fault(enum value_type type, const struct node *n)
{
	if (type == TYPE_OF_LIST)
		return node_is_sequence(n) ? NULL : "must be a list; an empty one is []";
	if (type == TYPE_OF_MAP)
		return n->kind == NODE_MAPPING ? NULL : "must be a mapping";
	if (n->kind != NODE_SCALAR)
		return "must be one value";
	switch (type) {
	case TYPE_OF_SWITCH:
		return switch_fault(n);
	case TYPE_OF_NUMBER:
		return n->type == TYPE_INT ? NULL : "must be a whole number, without quotes";
	case TYPE_OF_SIZE:
		return size_fault(n);
	case TYPE_OF_NAME:
		return form_fault(n, form_name_fault);
	case TYPE_OF_URL:
		return form_fault(n, form_url_fault);
	case TYPE_OF_HOSTS:
		return form_fault(n, form_hosts_fault);
	case TYPE_OF_HOST:
		return form_fault(n, form_host_fault);
	case TYPE_OF_REGISTRY:
		return form_fault(n, form_registry_fault);
	case TYPE_OF_REPOSITORY:
		return form_fault(n, form_repository_fault);
	case TYPE_OF_PULL_POLICY:
		return pull_policy_fault(n);
	case TYPE_OF_ENVIRONMENT:
		return environment_fault(n);
	case TYPE_OF_SERVICE:
		return service_fault(n);
	case TYPE_OF_TEXT_OR_NUMBER:
		return n->type == TYPE_INT ? NULL : text_fault(n);
	default:
		return text_fault(n);
	}
}

/* A key with others of the chart below it. */
static bool has_keys_below(struct slice path)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strlen(types[i].key) > path.n && types[i].key[path.n] == '.' &&
		    memcmp(types[i].key, path.p, path.n) == 0)
			return true;
	return false;
}

/* How many names follow "images.": images.NAME.tag has two. 26.10 without quotes would become 26.1. */
static size_t image_depth(struct slice path)
{
	struct slice rest;
	size_t n = 0;

	if (!slice_is(slice_cut(path, '.', &rest), "images"))
		return 0;
	for (; rest.p; n++)
		slice_cut(rest, '.', &rest);
	return n;
}

const char *value_type_fault(struct slice path, const struct node *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (slice_is(path, types[i].key))
			return node_is_null(n) && types[i].type != TYPE_OF_LIST ? NULL : type_fault(types[i].type, n);
	if (has_keys_below(path) || image_depth(path) == 1)
		return n->kind == NODE_MAPPING ? NULL : "must be a mapping: templates read keys below it";
	return image_depth(path) > 1 && n->kind == NODE_SCALAR && !node_is_null(n) ? text_fault(n) : NULL;
}

bool value_type_known(struct slice path)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (slice_is(path, types[i].key))
			return true;
	return false;
}
