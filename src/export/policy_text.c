/*
 * policy_text.c: a policy and its binding in YAML.
 */
#include "export/policy_text.h"

#include "export/yaml.h"

/* Helm's own records hold whole manifests, compressed; they are told by name, type and content. */
#define HELM_RECORD                                                                         \
	"object.metadata.name.startsWith(\"sh.helm.release.v1.\") && has(object.data) &&\n" \
	"size(object.data) == 1 && \"release\" in object.data"

static const char by_controller[] =
	"!(request.userInfo.username == \"system:kube-controller-manager\" ||\n"
	"  request.userInfo.username.startsWith(\"system:serviceaccount:kube-system:\") &&\n"
	"  request.userInfo.username.endsWith(\"-controller\"))";

/* In the order in which they need each other. */
static const struct {
	const char *name, *text;
} variables[] = {
	{"data", "has(object.{data}) ? object.{data} : {}"},
	{"oldData", "request.operation == \"UPDATE\" && has(oldObject.{data}) ? oldObject.{data} : {}"},
	{"changed", "variables.data.filter(k, !(k in variables.oldData && variables.oldData[k] == variables.data[k]))"},
	{"meshes", "params.data.serviceMesh == \"any\" ? [\"\", \"istio\", \"linkerd\"] :\n"
		   "params.data.serviceMesh == \"none\" ? [\"\"] : [params.data.serviceMesh]"},
};

bool set_is_data(const struct set *s)
{
	return s == &sets[SET_SECRETS] || s == &sets[SET_CONFIGMAPS] || s == &sets[SET_BINARY];
}

static void put_list(struct buf *out, const char *words, char separator)
{
	size_t n = 0;

	buf_addc(out, '[');
	for (struct slice rest = slice_str(words); rest.p;) {
		struct slice word = slice_cut(rest, separator, &rest);

		buf_addf(out, "%s\"" SLICE_FMT "\"", n++ ? ", " : "", SLICE_ARG(word));
	}
	buf_adds(out, "]\n");
}

/* --- the parts of a policy ------------------------------------------------------------------------------------- */

static void put_comments(const struct policy_text *p, struct buf *out)
{
	cleanup_buf struct buf head = BUF_TEXT, cannot = BUF_TEXT;

	buf_addf(&head, "%s (%s).", rule_infos[p->c->rule].id, severity_name(vap_severity(p->d, p->c->rule)));
	buf_addf(&cannot, "Cannot see: %s.", p->c->cannot);
	yaml_comment(out, 0, 2, buf_str(&head));
	yaml_comment(out, 0, 2, buf_str(&cannot));
	if (p->set->by_controllers)
		yaml_comment(out, 0, 2,
			     "The cluster's controllers pass: what they write comes from an object that was checked.");
	if (set_is_data(p->set))
		yaml_comment(out, 0, 2, "Helm's records of releases pass.");
	buf_add(out, buf_slice(&p->remarks));
	out->failed |= head.failed || cannot.failed;
}

static void put_rules(const struct policy_text *p, struct buf *out)
{
	buf_adds(out, "  matchConstraints:\n    resourceRules:\n");
	for (struct slice rest = slice_str(p->set->rules); rest.p;) {
		struct slice versions, resources, rule = slice_cut(rest, ';', &rest);
		struct slice group = slice_cut(rule, '|', &versions);
		cleanup_buf struct buf v = BUF_TEXT, r = BUF_TEXT;

		versions = slice_cut(versions, '|', &resources);
		buf_add(&v, versions);
		buf_add(&r, resources);
		buf_addf(out, "    - apiGroups: [\"" SLICE_FMT "\"]\n      apiVersions: ", SLICE_ARG(group));
		put_list(out, buf_str(&v), ' ');
		buf_adds(out, "      operations: ");
		put_list(out, p->c->operations == CREATE_ONLY ? "CREATE" : "CREATE UPDATE", ' ');
		buf_adds(out, "      resources: ");
		put_list(out, buf_str(&r), ' ');
		buf_adds(out, "      scope: Namespaced\n");
		out->failed |= v.failed || r.failed;
	}
}

static void put_condition(struct buf *out, bool *any, const char *name, const char *expression)
{
	if (!*any)
		buf_adds(out, "  matchConditions:\n");
	*any = true;
	buf_addf(out, "  - name: %s\n", name);
	yaml_block(out, 4, "expression", slice_str(expression));
}

static void put_objects_condition(const struct policy_text *p, struct buf *out, bool *any)
{
	cleanup_buf struct buf names = BUF_TEXT, text = BUF_TEXT;
	struct slice objects = slice_str(cel_objects(p->c->objects, &names));

	if (slice_ends(objects, "*")) {
		buf_adds(&text, "object.metadata.name.startsWith(");
		cel_quote(slice_to(objects, objects.n - 1), &text);
		buf_addc(&text, ')');
	} else {
		buf_adds(&text, "object.metadata.name in ");
		put_list(&text, objects.p, ' ');
	}
	put_condition(out, any, "objects", buf_str(&text));
	out->failed |= names.failed || text.failed;
}

static void put_conditions(const struct policy_text *p, struct buf *out)
{
	bool any = false;

	if (p->c->objects)
		put_objects_condition(p, out, &any);
	if (p->set == &sets[SET_SECRETS])
		put_condition(out, &any, "no-record-of-helm",
			      "!(object.type == \"helm.sh/release.v1\" && " HELM_RECORD ")");
	else if (set_is_data(p->set))
		put_condition(out, &any, "no-record-of-helm",
			      "!(has(object.metadata.labels) && \"owner\" in object.metadata.labels &&\n"
			      "object.metadata.labels[\"owner\"] == \"helm\" && " HELM_RECORD ")");
	if (p->set->by_controllers)
		put_condition(out, &any, "no-controller", by_controller);
	if (p->objects_n) {
		cleanup_buf struct buf text = BUF_TEXT;

		buf_adds(&text, "!((request.kind.kind + \"/\" + object.metadata.name) in [");
		buf_add(&text, buf_slice(&p->objects));
		buf_adds(&text, "])");
		put_condition(out, &any, "no-exception", buf_str(&text));
		out->failed |= text.failed;
	}
}

static void put_variable(struct buf *out, const char *name, struct slice text)
{
	buf_addf(out, "  - name: %s\n", name);
	yaml_block(out, 4, "expression", text);
}

static bool mentions(const struct policy_text *p, const char *name)
{
	char word[40];

	snprintf(word, sizeof(word), "variables.%s", name);
	return slice_find(buf_slice(&p->texts), word) != SIZE_MAX || slice_find(buf_slice(&p->part), word) != SIZE_MAX;
}

static void put_variables(const struct policy_text *p, struct buf *out)
{
	bool needed[ARRAY_SIZE(variables)] = {false};

	for (size_t i = ARRAY_SIZE(variables); i-- > 0;) {
		char word[40];

		snprintf(word, sizeof(word), "variables.%s", variables[i].name);
		needed[i] |= mentions(p, variables[i].name);
		for (size_t j = i + 1; j < ARRAY_SIZE(variables); j++)
			needed[i] |= needed[j] && strstr(variables[j].text, word);
	}
	buf_adds(out, "  variables:\n");
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		cleanup_buf struct buf text = BUF_TEXT;

		if (!needed[i])
			continue;
		cel_expand(variables[i].text, p->set, "object", &text);
		put_variable(out, variables[i].name, buf_slice(&text));
		out->failed |= text.failed;
	}
	if (p->c->part && mentions(p, "part"))
		put_variable(out, "part", buf_slice(&p->part));
	if (p->c->part && mentions(p, "oldPart"))
		put_variable(out, "oldPart", buf_slice(&p->old_part));
	for (size_t i = 0; i < p->probes_n; i++)
		put_variable(out, p->probes[i].variable, p->probes[i].bad);
}

/* --- what a user is told --------------------------------------------------------------------------------------- */

static bool is_unset(const struct policy_text *p, struct slice param)
{
	return slice_is(param, "storageClass") && !p->d->storage_class.n;
}

/* One line of a sum of texts. */
static void put_term(struct buf *out, const char *fmt, ...) PXB_PRINTF(2, 3);

static void put_term(struct buf *out, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	out->failed |= vsnprintf(text, sizeof(text), fmt, ap) >= (int)sizeof(text);
	va_end(ap);
	buf_addf(out, "%s%s", out->n ? " +\n" : "", text);
}

static void put_words(struct buf *out, struct buf *words)
{
	cleanup_buf struct buf quoted = BUF_TEXT;

	out->failed |= words->failed;
	if (!words->n)
		return;
	cel_quote(buf_slice(words), &quoted);
	put_term(out, "%s", buf_str(&quoted));
	out->failed |= quoted.failed;
	buf_clear(words);
}

/* {} is what the probe found, {x} a parameter; the rest is text. */
static void put_message(const struct policy_text *p, const struct probe *probe, struct buf *out)
{
	struct slice rest = slice_str(probe->message);
	cleanup_buf struct buf words = BUF_TEXT;
	const char *v = probe->variable;

	buf_addf(&words, "pxb-fed[%s]: ", rule_infos[p->c->rule].id);
	while (rest.n) {
		size_t at = slice_chr(rest, '{'), end;
		struct slice name;

		buf_add(&words, slice_to(rest, at));
		if (at == SIZE_MAX)
			break;
		rest = slice_from(rest, at + 1);
		end = slice_chr(rest, '}');
		name = slice_to(rest, end);
		rest = slice_from(rest, end + 1);
		if (is_unset(p, name)) {
			buf_adds(&words, "NAME");
			continue;
		}
		put_words(out, &words);
		if (name.n) {
			put_term(out, "params.data." SLICE_FMT, SLICE_ARG(name));
			continue;
		}
		put_term(out, "variables.%s[0]", v);
		put_term(out,
			 "(size(variables.%s) > 1 ? \" (and \" + string(size(variables.%s) - 1) + \" more)\" : \"\")",
			 v, v);
	}
	put_words(out, &words);
}

static void put_validations(const struct policy_text *p, struct buf *out)
{
	buf_adds(out, "  validations:\n");
	for (size_t i = 0; i < p->probes_n; i++) {
		cleanup_buf struct buf text = BUF_TEXT, plain = BUF_TEXT;

		put_message(p, &p->probes[i], &text);
		/* What is said should the longer message fail. */
		buf_addf(&plain, "pxb-fed[%s]: see 'pxb-fed explain %s'", rule_infos[p->c->rule].id,
			 rule_infos[p->c->rule].id);
		buf_addf(out, "  - expression: size(variables.%s) == 0\n", p->probes[i].variable);
		yaml_text(out, 4, "message", buf_slice(&plain));
		yaml_block(out, 4, "messageExpression", buf_slice(&text));
		out->failed |= text.failed || plain.failed;
	}
}

/* --- the whole ------------------------------------------------------------------------------------------------- */

static void put_head(const struct policy_text *p, const char *kind, struct buf *out)
{
	buf_addf(out, "apiVersion: admissionregistration.k8s.io/v1\nkind: %s\nmetadata:\n", kind);
	yaml_text(out, 2, "name", buf_slice(&p->name));
	vap_labels(p->d, rule_infos[p->c->rule].id, out);
	buf_adds(out, "spec:\n");
}

static void put_binding(const struct policy_text *p, struct buf *out)
{
	size_t n;
	const char *const *actions = vap_actions(p->d, p->opt, p->c->rule, &n);

	put_head(p, "ValidatingAdmissionPolicyBinding", out);
	yaml_text(out, 2, "policyName", buf_slice(&p->name));
	buf_adds(out, "  validationActions: [");
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%s", i ? ", " : "", actions[i]);
	buf_adds(out, "]\n  paramRef:\n    name: ");
	vap_name(p->d, out);
	buf_addf(out, "\n    namespace: %s\n    parameterNotFoundAction: Deny\n", p->opt->params_ns);
	buf_adds(out, "  matchResources:\n    namespaceSelector:\n      matchLabels:\n");
	yaml_text(out, 8, "kubernetes.io/metadata.name", p->d->ns);
}

void policy_text_write(const struct policy_text *p, struct buf *out)
{
	bool denies = !p->opt->audit && vap_severity(p->d, p->c->rule) == SEVERITY_ERROR;

	buf_adds(out, "---\n");
	put_comments(p, out);
	put_head(p, "ValidatingAdmissionPolicy", out);
	/* An expression that cannot be evaluated says nothing about the object: a policy that denies then does so, too.
	 */
	buf_addf(out, "  failurePolicy: %s\n  paramKind:\n    apiVersion: v1\n    kind: ConfigMap\n",
		 denies ? "Fail" : "Ignore");
	put_rules(p, out);
	put_conditions(p, out);
	put_variables(p, out);
	put_validations(p, out);
	buf_adds(out, "---\n");
	put_binding(p, out);
}
