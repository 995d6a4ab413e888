#include "argocd/announcement.h"

#include "policy/app_parameters.h"
#include "values/values.h"
#include "yaml/stream.h"

/* --- what the policy wants of the chart ------------------------------------------------------------------------ */

void wanted_values(const struct policy *p, wanted_value_fn fn, void *arg)
{
	const struct {
		enum chart_value value;
		struct slice text; /* empty: the policy leaves it open */
	} wanted[] = {
		{VALUE_BACKUP_ENABLED, SLICE("true")},
		{VALUE_FEDERATED, SLICE("true")},
		{VALUE_ARGO_CD, p->argo_cd == ARGO_FALSE ? SLICE_EMPTY : SLICE("true")},
		{VALUE_STORAGE_ENABLED, SLICE("true")},
		{VALUE_STORAGE_CLASS, p->storage_class},
		{VALUE_TELEMETRY, p->telemetry == TELEMETRY_REQUIRED	? SLICE("true")
				  : p->telemetry == TELEMETRY_FORBIDDEN ? SLICE("false")
									: SLICE_EMPTY},
		{VALUE_ISTIO, p->mesh_mode == MESH_ISTIO ? SLICE("true") : SLICE_EMPTY},
		{VALUE_ISTIO_HOST_NAME, p->shared_gateway ? p->host_name : SLICE_EMPTY},
		{VALUE_LINKERD, p->mesh_mode == MESH_LINKERD ? SLICE("true") : SLICE_EMPTY},
		{VALUE_IMAGES_REGISTRY, p->registry_host},
		{VALUE_IMAGES_REPO, p->registry_repository},
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (wanted[i].text.n)
			fn(arg, chart_value_infos[wanted[i].value].key, wanted[i].text);
	if (p->registry_pull_secret.n)
		fn(arg, chart_value_name(KEY_PULL_SECRET), p->registry_pull_secret);
}

/* --- JSON ------------------------------------------------------------------------------------------------------ */

static void put_pair(struct buf *out, const char *key, struct slice value)
{
	buf_addf(out, "\"%s\": ", key);
	json_quote(value, out);
}

struct map_writer {
	struct buf *out;
	const char *separator;
};

static void put_wanted(void *arg, const char *key, struct slice value)
{
	struct map_writer *w = arg;

	buf_adds(w->out, w->separator);
	json_quote(slice_str(key), w->out);
	buf_adds(w->out, ": ");
	json_quote(value, w->out);
	w->separator = ", ";
}

static struct slice default_text(const struct policy *p, const struct rule_set *rules, enum app_parameter which)
{
	switch (which) {
	case APP_CHART_PATH:
		return SLICE(".");
	case APP_RELEASE_NAME:
		return p->release_name;
	case APP_SKIP_CRDS:
		return SLICE("false");
	case APP_RULE_SET:
		return slice_str(rules->text);
	default:
		return SLICE_EMPTY;
	}
}

static void put_one(const struct policy *p, const struct rule_set *rules, enum app_parameter which, struct buf *out)
{
	const struct app_parameter_info *info = &app_parameter_infos[which];
	struct map_writer w = {out, ""};

	buf_adds(out, "  {");
	put_pair(out, "name", slice_str(info->name));
	buf_adds(out, ", ");
	put_pair(out, "title", slice_str(info->title));
	buf_adds(out, ",\n   ");
	put_pair(out, "tooltip", slice_str(info->tooltip));
	buf_adds(out, ",\n   ");
	buf_addf(out, "\"required\": %s, ", which == APP_RULE_SET ? "true" : "false");
	put_pair(out, "itemType", info->holds == APP_HOLDS_BOOLEAN ? SLICE("boolean") : SLICE("string"));
	buf_adds(out, ", ");
	if (info->holds == APP_HOLDS_ARRAY) {
		buf_adds(out, "\"collectionType\": \"array\", \"array\": []");
	} else if (info->holds == APP_HOLDS_MAP) {
		buf_adds(out, "\"collectionType\": \"map\", \"map\": {");
		if (which == APP_HELM_PARAMETERS)
			wanted_values(p, put_wanted, &w);
		buf_addc(out, '}');
	} else {
		put_pair(out, "collectionType", SLICE(""));
		buf_adds(out, ", ");
		put_pair(out, "string", default_text(p, rules, which));
	}
	buf_addc(out, '}');
}

void announcement_put(const struct policy *p, const struct rule_set *rules, struct buf *out)
{
	buf_adds(out, "[\n");
	for (unsigned i = 0; i < APP_PARAMETERS; i++) {
		put_one(p, rules, (enum app_parameter)i, out);
		buf_adds(out, i + 1 < APP_PARAMETERS ? ",\n" : "\n]\n");
	}
}
