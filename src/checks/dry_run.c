#include "checks/dry_run.h"

#include "checks/preflight.h"
#include "checks/preflight_need.h"
#include "cluster/one.h"

enum { MEMORY_MAX = 256 << 20, FACT_MAX = 64 << 20, CONFLICT = 409 };

static const char query[] = "dryRun=All&fieldManager=pxb-fed&fieldValidation=Warn";

void dry_run_init(struct dry_run *d, const struct release *rendered, const char *ns)
{
	struct limits limits = LIMITS_DEFAULT;

	*d = (struct dry_run){.rendered = rendered, .ns = slice_str(ns), .arena = ARENA_INIT(MEMORY_MAX)};
	stream_init(&d->stream, &limits);
}

void dry_run_release(struct dry_run *d)
{
	stream_release(&d->stream);
	arena_release(&d->arena);
}

/* --- which kinds the server has -------------------------------------------------------------------------------- */

static struct dry_run_api *find_api(const struct dry_run *d, struct slice name)
{
	for (size_t i = 0; i < d->apis.n; i++)
		if (slice_eq(d->apis.v[i].name, name))
			return &d->apis.v[i];
	return NULL;
}

/* "/api/v1", "/apis/apps/v1"; NULL for what no server has. */
static const char *api_path(const struct dry_run_api *api, struct arena *a)
{
	struct slice version, group = slice_cut(api->name, '/', &version);

	if (!version.p)
		return kube_is_name(group) ? arena_printf(a, "/api/" SLICE_FMT, SLICE_ARG(group)) : NULL;
	if (!kube_is_name(group) || !kube_is_name(version))
		return NULL;
	return arena_printf(a, "/apis/" SLICE_FMT, SLICE_ARG(api->name));
}

static int collect(struct dry_run *d, const struct facts *f, struct err *err)
{
	for (size_t i = 0; i < d->rendered->objects.n; i++) {
		const struct object *o = d->rendered->objects.v[i];
		struct dry_run_object *to = preflight_takes_part(f, o) ? VEC_PUSH(&d->arena, d->objects) : NULL;
		struct dry_run_api *api;

		if (!to)
			continue;
		to->object = o;
		to->text = "";
		if (find_api(d, o->api_version))
			continue;
		api = VEC_PUSH(&d->arena, d->apis);
		if (api)
			*api = (struct dry_run_api){.name = o->api_version, .answer = ANSWER_NO_API, .text = ""};
	}
	if (!secret_words_of(&d->secrets, d->rendered, &d->arena))
		arena_fail(&d->arena);
	return arena_status(&d->arena, err);
}

static int ask_kinds(struct dry_run *d, struct kube *k, long cluster, unsigned seconds, size_t *open, struct err *err)
{
	static const char *const fields[] = {"resources/*/name", "resources/*/kind", "resources/*/namespaced", NULL};

	for (size_t i = 0; i < d->apis.n; i++) {
		struct kube_question q = {.path = api_path(&d->apis.v[i], &d->arena),
					  .needs = "resources",
					  .fields = fields,
					  .seconds = seconds};

		if (!q.path)
			continue;
		if (kube_ask(k, cluster, (long)(QUESTION_COUNT + i), &q, err) < 0)
			return err->status;
		++*open;
	}
	return arena_status(&d->arena, err);
}

static int take_kinds(struct dry_run *d, struct dry_run_api *api, const struct kube_event *e, struct err *err)
{
	size_t documents = d->stream.documents.n;
	struct slice body = arena_copy(&d->arena, e->body);

	api->answer = e->answer;
	api->text = facts_printable(&d->arena, e->text);
	if (e->answer != ANSWER_OK || arena_failed(&d->arena))
		return arena_status(&d->arena, err);
	if (stream_add(&d->stream, "kinds", body, err) < 0)
		return err->status;
	if (d->stream.problems.n || d->stream.documents.n != documents + 1)
		api->answer = ANSWER_BROKEN;
	else
		api->resources = node_lookup(d->stream.documents.v[documents].root, "resources");
	return 0;
}

/* --- one object ------------------------------------------------------------------------------------------------ */

/* A subresource ("pods/status") has a kind too. */
static const struct node *find_resource(const struct dry_run_api *api, struct slice kind)
{
	for (struct seq_iter it = seq_iter_of(api->resources); seq_next(&it);)
		if (slice_eq(node_string(node_lookup(it.item, "kind")), kind) &&
		    kube_is_name(node_string(node_lookup(it.item, "name"))))
			return it.item;
	return NULL;
}

/* The path of the object's kind, or why it cannot be sent. */
static void place(struct dry_run *d, struct dry_run_object *o)
{
	const struct dry_run_api *api = find_api(d, o->object->api_version);
	const struct node *resource = find_resource(api, o->object->kind);
	struct slice name = node_string(node_lookup(resource, "name"));
	const char *base = api_path(api, &d->arena);

	o->answer = api->answer;
	o->text = api->text;
	if (api->answer != ANSWER_OK)
		return;
	o->answer = ANSWER_NO_API;
	if (!resource)
		return;
	o->ns = node_is_bool(node_lookup(resource, "namespaced"), true) ? (o->object->ns.n ? o->object->ns : d->ns)
									: SLICE_EMPTY;
	if (o->ns.n && !kube_is_name(o->ns)) {
		o->answer = ANSWER_NOT_ASKED;
		o->text = "its namespace is not a valid name";
		return;
	}
	o->path = o->ns.n ? arena_printf(&d->arena, "%s/namespaces/" SLICE_FMT "/" SLICE_FMT, base, SLICE_ARG(o->ns),
					 SLICE_ARG(name))
			  : arena_printf(&d->arena, "%s/" SLICE_FMT, base, SLICE_ARG(name));
}

static int send_object(struct dry_run *d, size_t i, struct kube *k, long cluster, unsigned seconds, struct err *err)
{
	static const char *const fields[] = {"kind", NULL};
	struct dry_run_object *o = &d->objects.v[i];
	cleanup_buf struct buf path = BUF_TEXT, body = BUF_TEXT;
	struct kube_question q = {.needs = "kind", .fields = fields, .seconds = seconds, .apply = o->exists};
	const char *why = NULL;
	const struct node *where = NULL;
	int rc;

	buf_adds(&path, o->path);
	if (o->exists) {
		buf_addc(&path, '/');
		buf_add_segment(&path, o->object->name);
	}
	buf_addf(&path, "?%s%s", query, o->exists ? "&force=true" : "");
	if (!node_to_json(o->object->root, &body, &why, &where) || path.failed || body.failed)
		return err_set(err, path.failed || body.failed ? STATUS_FAILED : STATUS_INPUT,
			       SLICE_FMT " '" SLICE_FMT "' cannot be sent: %s",
			       SLICE_ARG(slice_to(o->object->kind, 80)), SLICE_ARG(slice_to(o->object->name, 253)),
			       why ? why : "out of memory");
	q.path = buf_str(&path);
	q.post = buf_slice(&body);
	rc = kube_ask(k, cluster, (long)(QUESTION_COUNT + d->apis.n + i), &q, err);
	explicit_bzero(body.p, body.room); /* a Secret may be in it */
	return rc;
}

static int send_objects(struct dry_run *d, struct kube *k, long cluster, unsigned seconds, size_t *open,
			struct err *err)
{
	bool again = d->round == DRY_RUN_APPLY;

	for (size_t i = 0; i < d->objects.n; i++) {
		struct dry_run_object *o = &d->objects.v[i];

		if (!again)
			place(d, o);
		if (!o->path || o->exists != again)
			continue;
		if (send_object(d, i, k, cluster, seconds, err) < 0)
			return err->status;
		++*open;
	}
	return arena_status(&d->arena, err);
}

static const char *take_text(struct dry_run *d, struct slice text)
{
	char *to = (char *)(uintptr_t)facts_printable(&d->arena, text);

	if (*to)
		secret_words_hide(&d->secrets, to);
	return to;
}

/* Helm deletes a hook that is left of an earlier run before it creates it, unless the chart says otherwise. */
static bool is_replaced(const struct object *o)
{
	struct slice policy = object_annotation(o, "helm.sh/hook-delete-policy");

	return o->is_hook && (!policy.n || slice_find(policy, "before-hook-creation") != SIZE_MAX);
}

static void take_object(struct dry_run *d, struct dry_run_object *o, const struct kube_event *e)
{
	o->answer = e->answer;
	o->status = e->status;
	o->text = take_text(d, e->text);
	o->warnings.n = 0;
	for (struct seq_iter it = seq_iter_of(node_lookup(e->head, "warnings")); seq_next(&it);) {
		const char **to = VEC_PUSH(&d->arena, o->warnings);

		if (to)
			*to = take_text(d, node_string(it.item));
	}
	if (d->round != DRY_RUN_CREATE || e->status != CONFLICT || slice_find(e->text, "already exists") == SIZE_MAX)
		return;
	if (is_replaced(o->object))
		o->answer = ANSWER_OK;
	else
		o->exists = !o->object->is_generated;
}

int dry_run_take(struct dry_run *d, const struct kube_event *e, struct err *err)
{
	size_t i = (size_t)e->question - QUESTION_COUNT;

	if (e->question >= QUESTION_COUNT && i < d->apis.n)
		return take_kinds(d, &d->apis.v[i], e, err);
	i -= d->apis.n;
	if (e->question < QUESTION_COUNT || i >= d->objects.n)
		return err_set(err, STATUS_FAILED, "pxb-fed-kube answered what was not asked");
	take_object(d, &d->objects.v[i], e);
	return arena_status(&d->arena, err);
}

/* --- the answer ------------------------------------------------------------------------------------------------ */

static void put(struct buf *out, const char *key, struct slice value)
{
	buf_addf(out, ",\"%s\":", key);
	json_quote(value, out);
}

static void put_object(const struct dry_run_object *o, struct buf *out)
{
	buf_addf(out, "{\"answer\":\"%s\",\"status\":%ld", answer_name(o->answer), o->status);
	put(out, "apiVersion", o->object->api_version);
	put(out, "kind", o->object->kind);
	put(out, "namespace", o->ns);
	put(out, "name", o->object->name);
	put(out, "text", slice_str(o->text));
	buf_adds(out, ",\"warnings\":[");
	for (size_t i = 0; i < o->warnings.n; i++) {
		if (i)
			buf_addc(out, ',');
		json_quote(slice_str(o->warnings.v[i]), out);
	}
	buf_adds(out, "]}");
}

static int finish(struct dry_run *d, struct facts *f, struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT(FACT_MAX);

	buf_adds(&out, "{\"items\":[");
	for (size_t i = 0; i < d->objects.n; i++) {
		if (i)
			buf_addc(&out, ',');
		put_object(&d->objects.v[i], &out);
	}
	buf_adds(&out, "]}");
	if (out.failed)
		return err_nomem(err);
	f->v[Q_DRY_RUN].path = question_infos[Q_DRY_RUN].path;
	return facts_take(f, Q_DRY_RUN, ANSWER_OK, SLICE_EMPTY, buf_slice(&out), err);
}

/* An old server would ignore the word and write. */
static bool knows_dry_run(const struct facts *f)
{
	struct version v = version_parse(node_string(node_lookup(facts_root(f, Q_VERSION), "gitVersion")));

	return v.known && version_compare(v, version_parse(SLICE("1.18"))) >= 0;
}

static int start(struct dry_run *d, struct facts *f, struct err *err)
{
	if (knows_dry_run(f))
		return collect(d, f, err);
	d->round = DRY_RUN_DONE;
	return facts_take(f, Q_DRY_RUN, ANSWER_NOT_ASKED,
			  SLICE("only Kubernetes 1.18 and later is known to keep nothing of a dry run"), SLICE_EMPTY,
			  err);
}

int dry_run_ask(struct dry_run *d, struct kube *k, long cluster, unsigned seconds, struct facts *f, size_t *open,
		struct err *err)
{
	size_t before = *open;
	int rc = 0;

	while (rc == 0 && *open == before && d->round != DRY_RUN_DONE) {
		d->round++;
		if (d->round == DRY_RUN_START)
			rc = start(d, f, err);
		else if (d->round == DRY_RUN_KINDS)
			rc = ask_kinds(d, k, cluster, seconds, open, err);
		else if (d->round == DRY_RUN_DONE)
			rc = finish(d, f, err);
		else
			rc = send_objects(d, k, cluster, seconds, open, err);
	}
	return rc;
}
