#include "kube/release.h"

/* Built-in kinds with the group that makes them what their name says: a `Deployment` of another group is none. */
static const struct builtin {
	const char *kind, *group; /* "" is the core group */
	bool cluster;
} builtins[] = {
	{"APIService", "apiregistration.k8s.io", true},
	{"CSIDriver", "storage.k8s.io", true},
	{"CSINode", "storage.k8s.io", true},
	{"CertificateSigningRequest", "certificates.k8s.io", true},
	{"ClusterRole", "rbac.authorization.k8s.io", true},
	{"ClusterRoleBinding", "rbac.authorization.k8s.io", true},
	{"ConfigMap", "", false},
	{"CronJob", "batch", false},
	{"CustomResourceDefinition", "apiextensions.k8s.io", true},
	{"DaemonSet", "apps", false},
	{"Deployment", "apps", false},
	{"FlowSchema", "flowcontrol.apiserver.k8s.io", true},
	{"IngressClass", "networking.k8s.io", true},
	{"Job", "batch", false},
	{"MutatingWebhookConfiguration", "admissionregistration.k8s.io", true},
	{"Namespace", "", true},
	{"Node", "", true},
	{"PersistentVolume", "", true},
	{"PersistentVolumeClaim", "", false},
	{"Pod", "", false},
	{"PodTemplate", "", false},
	{"PodSecurityPolicy", "policy", true},
	{"PriorityClass", "scheduling.k8s.io", true},
	{"PriorityLevelConfiguration", "flowcontrol.apiserver.k8s.io", true},
	{"Role", "rbac.authorization.k8s.io", false},
	{"RoleBinding", "rbac.authorization.k8s.io", false},
	{"RuntimeClass", "node.k8s.io", true},
	{"Secret", "", false},
	{"Service", "", false},
	{"ServiceAccount", "", false},
	{"StatefulSet", "apps", false},
	{"StorageClass", "storage.k8s.io", true},
	{"ValidatingAdmissionPolicy", "admissionregistration.k8s.io", true},
	{"ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io", true},
	{"ValidatingWebhookConfiguration", "admissionregistration.k8s.io", true},
	{"VolumeAttachment", "storage.k8s.io", true},
	{"VolumeSnapshotClass", "snapshot.storage.k8s.io", true},
	{"VolumeSnapshotContent", "snapshot.storage.k8s.io", true},
};

static struct slice group_of(struct slice api_version)
{
	size_t slash = slice_chr(api_version, '/');

	return slash == SIZE_MAX ? SLICE_EMPTY : slice_to(api_version, slash);
}

static const struct builtin *find_builtin(const struct object *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		if (slice_is(o->kind, builtins[i].kind) && slice_is(group_of(o->api_version), builtins[i].group))
			return &builtins[i];
	return NULL;
}

static bool is_builtin_kind(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		if (strcmp(kind, builtins[i].kind) == 0)
			return true;
	return false;
}

/* Kinds of CRDs that the rules look for. */
static const struct {
	const char *kind, *group;
} custom_kinds[] = {
	{"Alertmanager", "monitoring.coreos.com"},    {"Application", "argoproj.io"},
	{"Gateway", "networking.istio.io"},	      {"Gateway", "gateway.networking.k8s.io"},
	{"HTTPRoute", "gateway.networking.k8s.io"},   {"Ingress", "networking.k8s.io"},
	{"PeerAuthentication", "security.istio.io"},  {"Prometheus", "monitoring.coreos.com"},
	{"PrometheusAgent", "monitoring.coreos.com"}, {"ReplicaSet", "apps"},
	{"ThanosRuler", "monitoring.coreos.com"},     {"VirtualService", "networking.istio.io"},
};

static bool is_misspelt(const struct object *o, const char *kind, const char *group)
{
	struct slice found = group_of(o->api_version);

	return slice_is_nocase(o->kind, kind) && slice_is_nocase(found, group) &&
	       !(slice_is(o->kind, kind) && slice_is(found, group));
}

const char *object_spelling_fault(const struct object *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		if (is_misspelt(o, builtins[i].kind, builtins[i].group))
			return builtins[i].kind;
	for (size_t i = 0; i < ARRAY_SIZE(custom_kinds); i++)
		if (is_misspelt(o, custom_kinds[i].kind, custom_kinds[i].group))
			return custom_kinds[i].kind;
	return NULL;
}

bool kind_is_of_group(struct slice kind, struct slice group)
{
	if (slice_is(group, "core"))
		group = SLICE_EMPTY;
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		if (slice_is(kind, builtins[i].kind) && slice_is(group, builtins[i].group))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(custom_kinds); i++)
		if (slice_is(kind, custom_kinds[i].kind) && slice_is(group, custom_kinds[i].group))
			return true;
	return false;
}

bool object_is(const struct object *o, const char *kind, const char *name)
{
	return slice_is(o->kind, kind) && (!name || (slice_is(o->name, name) && !o->is_generated)) &&
	       (!is_builtin_kind(kind) || find_builtin(o));
}

struct slice object_group(const struct object *o)
{
	return group_of(o->api_version);
}

bool object_in_group(const struct object *o, const char *group)
{
	return slice_is(group_of(o->api_version), group);
}

bool object_is_cluster_scoped(const struct object *o)
{
	const struct builtin *b = find_builtin(o);

	return b && b->cluster;
}

const char *release_object_fault(const struct node *root, const struct node **at)
{
	static const struct {
		const char *path, *missing, *odd;
	} needs[] = {
		{"apiVersion", "apiVersion is missing", "apiVersion is not a string"},
		{"kind", "kind is missing", "kind is not a string"},
		{"metadata", "metadata is missing", NULL},
		{"metadata/name", "metadata.name is missing", "metadata.name is not a string"},
	};

	*at = root;
	if (!node_is_mapping(root))
		return node_is_sequence(root) ? "a list, not an object" : "a scalar, not an object";
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		const struct node *n = node_at(root, needs[i].path);

		if (node_is_null(n) || (node_is_string(n) && node_string(n).n == 0)) {
			if (i == 3 && node_string(node_at(root, "metadata/generateName")).n)
				continue;
			*at = n ? n : root;
			return needs[i].missing;
		}
		*at = n;
		if (!needs[i].odd && !node_is_mapping(n))
			return "metadata is not a mapping";
		if (needs[i].odd && !node_is_string(n))
			return needs[i].odd;
	}
	return NULL;
}

bool release_is_object_like(const struct node *root)
{
	struct slice version = node_string(node_lookup(root, "apiVersion"));

	return node_is_mapping(root) && version.n && node_string(node_lookup(root, "kind")).n &&
	       !slice_starts(version, "kustomize.config.k8s.io/");
}

const char *object_title(struct release *r, const struct object *o)
{
	if (o->ns.n == 0)
		return arena_printf(&r->arena, SLICE_FMT " " SLICE_FMT, SLICE_ARG(o->kind), SLICE_ARG(o->name));
	return arena_printf(&r->arena, SLICE_FMT " " SLICE_FMT "/" SLICE_FMT, SLICE_ARG(o->kind), SLICE_ARG(o->ns),
			    SLICE_ARG(o->name));
}

bool object_is_monitoring(const struct object *o)
{
	static const char *const kinds[] = {"Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (slice_is(o->kind, kinds[i]))
			return true;
	return false;
}

const struct node *object_pod_spec(const struct object *o)
{
	const struct node *spec = node_lookup(o->root, "spec");

	if (object_is(o, "Pod", NULL))
		return spec;
	if (object_is(o, "PodTemplate", NULL))
		return node_at(o->root, "template/spec");
	if (object_is(o, "CronJob", NULL))
		return node_at(spec, "jobTemplate/spec/template/spec");
	if (object_is_monitoring(o))
		return spec;
	/* Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, and every custom resource that embeds a pod their way.
	 */
	return node_at(spec, "template/spec");
}

struct slice object_annotation(const struct object *o, const char *key)
{
	return node_string(node_lookup(node_at(o->root, "metadata/annotations"), key));
}

struct slice object_label(const struct object *o, const char *key)
{
	return node_string(node_lookup(node_at(o->root, "metadata/labels"), key));
}

/* --- places ---------------------------------------------------------------------------------------------------- */

static size_t characters(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static struct place place_at(const struct input *in, size_t start, size_t end)
{
	struct position pos = input_position(in, start);
	struct slice span = slice_of(in->bytes.p + start, end - start);
	size_t nl = slice_chr(span, '\n');

	span = slice_trim(slice_to(span, nl == SIZE_MAX ? span.n : nl));
	return (struct place){.input = in->name,
			      .line = pos.line,
			      .column = pos.column,
			      .text = pos.text,
			      .width = pos.width,
			      .length = span.n ? characters(span) : 1,
			      .empty = span.n == 0};
}

/* The object itself: its kind is what people look for. */
static const struct node *anchor_of(const struct object *o)
{
	const struct node *kind = node_lookup(o->root, "kind");

	return kind ? kind : o->root;
}

/* How far the text of the owner's literal block scalar is indented in the input. */
static size_t literal_indent(const struct object *o)
{
	const struct node *text = node_real(o->owner_text);
	struct slice raw, first = node_text(text), line;

	if (o->owner->owner)
		return 0;
	raw = slice_of(o->owner->doc->input->bytes.p + text->start, text->end - text->start);
	slice_cut(raw, '\n', &raw); /* the header */
	first = slice_cut(first, '\n', &line);
	while (first.n == 0 && line.p && line.n) { /* leading empty lines say nothing */
		slice_cut(raw, '\n', &raw);
		first = slice_cut(line, '\n', &line);
	}
	line = slice_cut(raw, '\n', &raw);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line.n > first.n ? line.n - first.n : 0;
}

struct place object_place(const struct object *o, const struct node *n)
{
	struct place outer, inner;

	if (!n)
		n = anchor_of(o);
	if (!o->owner)
		return place_at(o->doc->input, n->start, n->end);
	outer = object_place(o->owner, o->owner_text);
	inner = place_at(o->doc->input, n->start, n->end);
	/* The lines of a literal block scalar are in the input as they are, one below the header, only indented. */
	if (node_real(o->owner_text)->style == STYLE_LITERAL && outer.line) {
		outer.line += inner.line;
		outer.column = inner.column + literal_indent(o);
		outer.length = inner.length;
		outer.empty = inner.empty;
	}
	outer.text = SLICE_EMPTY;
	return outer;
}
