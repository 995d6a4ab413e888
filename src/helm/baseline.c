#include "helm/baseline.h"

#include "helm/kubectl.h"
#include "helm/stored.h"

enum { MANIFEST_BYTES = 256 << 20, ANSWER_BYTES = 64 << 20 };

void baseline_init(struct baseline *b)
{
	memset(b, 0, sizeof(*b));
	b->arena = ARENA_INIT((size_t)64 << 20);
}

static void state_release(struct state *s)
{
	if (!s)
		return;
	release_release(&s->release);
	stream_release(&s->stream);
	buf_release(&s->text);
}

void baseline_release(struct baseline *b)
{
	for (size_t i = 0; i < b->releases.n; i++)
		state_release(b->releases.v[i].state);
	state_release(b->claims);
	arena_release(&b->arena);
	memset(b, 0, sizeof(*b));
}

static struct state *new_state(struct baseline *b)
{
	struct limits limits = LIMITS_DEFAULT;
	struct state *s = ARENA_NEW(&b->arena, struct state);

	if (!s)
		return NULL;
	s->text = BUF_INIT((size_t)MANIFEST_BYTES);
	stream_init(&s->stream, &limits);
	release_init(&s->release);
	return s;
}

static void note(struct baseline *b, const char *text)
{
	const char **slot = VEC_PUSH(&b->arena, b->notes);

	if (slot)
		*slot = text;
}

/* --- releases -------------------------------------------------------------------------------------------------- */

static void put_releases(const struct helm_call *h, bool everywhere, struct helm_argv *a)
{
	helm_argv_add(h->line, a, helm_program());
	helm_argv_add(h->line, a, "list");
	helm_argv_add(h->line, a, "--output=json");
	helm_argv_add(h->line, a, "--max=0");
	helm_argv_add(h->line, a, "--deployed");
	helm_argv_add(h->line, a, "--failed");
	helm_argv_add(h->line, a, "--pending"); /* Helm was killed on its way: the name is in use all the same */
	helm_argv_add(h->line, a, "--uninstalling");
	if (everywhere)
		helm_argv_add(h->line, a, "--all-namespaces");
	helm_argv_items(h->line, a, PART_CONNECTION, h->line->command, false);
}

static const char *text_of(struct arena *a, const struct node *map, const char *key)
{
	return arena_str(a, node_text(node_real(node_lookup(map, key))));
}

static bool is_px_central(const char *chart)
{
	return slice_starts(slice_str(chart), "px-central-");
}

/* Another installation of px-central shares neither name nor namespace with this one. What has both is the release
   itself, whatever chart it is of: one that has px-central as a dependency is called otherwise. */
static bool concerns(const struct installed *i, const struct helm_call *h, const char *ns)
{
	bool same_ns = strcmp(i->ns, ns) == 0, same_name = h->line->name && strcmp(i->name, h->line->name) == 0;

	return (same_ns && same_name) || (is_px_central(i->chart) && (same_ns || same_name));
}

static int add_releases(struct baseline *b, const struct helm_call *h, const char *ns, const struct node *list)
{
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		struct installed i = {.name = text_of(&b->arena, it.item, "name"),
				      .ns = text_of(&b->arena, it.item, "namespace"),
				      .chart = text_of(&b->arena, it.item, "chart"),
				      .status = text_of(&b->arena, it.item, "status"),
				      .revision = text_of(&b->arena, it.item, "revision")};
		struct installed *slot = concerns(&i, h, ns) ? VEC_PUSH(&b->arena, b->releases) : NULL;

		if (slot)
			*slot = i;
	}
	return arena_failed(&b->arena);
}

int baseline_list(struct baseline *b, const struct helm_call *h, const char *ns, struct buf *errors,
		  enum helm_outcome *outcome, struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT((size_t)ANSWER_BYTES), text = BUF_INIT((size_t)ANSWER_BYTES);
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *list = NULL;
	int code;

	stream_init(&s, &limits);
	/* Releases are kept in Secrets: not everybody may list those of all namespaces. */
	for (int everywhere = 1; everywhere >= 0; everywhere--) {
		struct helm_argv argv = {0};

		buf_reuse(&out);
		buf_reuse(errors);
		put_releases(h, everywhere, &argv);
		if (helm_question(h, &argv, &out, errors, outcome, &code, err) < 0)
			return err->status;
		if (*outcome != HELM_REFUSED)
			break;
		if (everywhere)
			note(b, "releases in other namespaces may not be listed: only this namespace was looked at");
	}
	if (*outcome != HELM_DONE)
		return 0;
	if (stored_list(buf_slice(&out), &s, &text, &list, err) < 0)
		return err->status;
	return add_releases(b, h, ns, list) ? err_nomem(err) : 0;
}

/* --- manifests ------------------------------------------------------------------------------------------------- */

/* One question to Helm about a release in its namespace; the user's own namespace may be another. */
static int ask_release(const struct helm_call *h, const struct installed *i, const char *const *words, size_t n,
		       struct buf *out, enum helm_outcome *outcome, struct err *err)
{
	cleanup_buf struct buf errors = BUF_INIT((size_t)1 << 20);
	struct helm_argv argv = {0};
	int code;

	helm_argv_add(h->line, &argv, helm_program());
	for (size_t k = 0; k < n; k++)
		helm_argv_add(h->line, &argv, words[k]);
	helm_argv_add(h->line, &argv, i->name);
	helm_argv_items(h->line, &argv, PART_CONNECTION, h->line->command, false);
	helm_argv_add(h->line, &argv, "--namespace"); /* the last one counts */
	helm_argv_add(h->line, &argv, i->ns);
	if (helm_question(h, &argv, out, &errors, outcome, &code, err) < 0)
		return err->status;
	if (*outcome == HELM_NO_CLUSTER)
		return err_set(err, STATUS_HELPER, "the cluster was lost while it was asked for the release '%s'",
			       i->name);
	return 0;
}

/* The newest revision that was deployed: the last one that is "deployed", else the last that was. */
static int find_revision(struct baseline *b, const struct helm_call *h, struct installed *i, struct err *err)
{
	static const char *const words[] = {"history", "--output=json"};
	cleanup_buf struct buf out = BUF_INIT((size_t)ANSWER_BYTES), text = BUF_INIT((size_t)ANSWER_BYTES);
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *list = NULL;
	enum helm_outcome outcome;

	stream_init(&s, &limits);
	i->revision = "";
	if (ask_release(h, i, words, ARRAY_SIZE(words), &out, &outcome, err) < 0)
		return err->status;
	if (outcome != HELM_DONE)
		return 0;
	if (stored_list(buf_slice(&out), &s, &text, &list, err) < 0)
		return err->status;
	i->revision = stored_revision(&b->arena, list);
	return 0;
}

static int read_state(struct state *s, const char *name, struct err *err)
{
	if (stream_add(&s->stream, name, buf_slice(&s->text), err) < 0 ||
	    release_build(&s->release, &s->stream, err) < 0)
		return err->status;
	return 0;
}

static int read_manifest(struct baseline *b, const struct helm_call *h, struct installed *i, struct err *err)
{
	const char *words[] = {"get", "manifest", NULL};
	struct state *s = new_state(b);
	enum helm_outcome outcome;

	if (!s)
		return err_nomem(err);
	words[2] = arena_printf(&b->arena, "--revision=%s", i->revision);
	i->state = s;
	s->source = arena_printf(&b->arena, "the installed release %s in namespace %s, revision %s", i->name, i->ns,
				 i->revision);
	if (ask_release(h, i, words, ARRAY_SIZE(words), &s->text, &outcome, err) < 0)
		return err->status;
	if (outcome != HELM_DONE)
		return err_set(err, STATUS_HELPER, "Helm did not print the manifest of the installed release '%s'",
			       i->name);
	return read_state(s, "the installed release", err);
}

static bool has_px_central(const struct release *r)
{
	return release_find(r, "Deployment", "px-backup") || release_find(r, "ConfigMap", "pxcentral-ui-configmap");
}

static int read_release(struct baseline *b, const struct helm_call *h, struct installed *i, struct err *err)
{
	if (strcmp(i->status, "deployed") != 0 && find_revision(b, h, i, err) < 0)
		return err->status;
	if (!*i->revision)
		return 0;
	if (read_manifest(b, h, i, err) < 0)
		return err->status;
	if (is_px_central(i->chart) || has_px_central(&i->state->release))
		return 0;
	state_release(i->state);
	i->state = NULL;
	return 0;
}

/* --- the API server -------------------------------------------------------------------------------------------- */

/* The JSON at a path of the API, without a question before it: kubectl's own discovery would retry for most of a minute
   when the line is lost. */
static int kubectl_get(const struct helm_call *h, const char *path, struct buf *out, int *exit_code, bool *not_found,
		       struct err *err)
{
	const char *const words[] = {"get", "--raw", path, NULL};
	struct kubectl_question q = {.line = h->line, .words = words, .seconds = h->seconds};
	cleanup_buf struct buf errors = BUF_INIT((size_t)1 << 20);

	if (kubectl_ask(&q, out, &errors, exit_code, err) < 0)
		return err->status;
	*not_found = *exit_code > 0 && slice_find(buf_slice(&errors), "(NotFound)") != SIZE_MAX;
	if (*exit_code > 0 && !*not_found && helm_lost_cluster(buf_slice(&errors)))
		return err_set(err, STATUS_HELPER, "the cluster was lost while kubectl asked for '%s'", path);
	return 0;
}

static int read_namespace(struct baseline *b, const struct helm_call *h, const char *ns, bool *asked, struct err *err)
{
	const char *path = arena_printf(&b->arena, "/api/v1/namespaces/%s", ns);
	struct state *s = new_state(b);
	int code;

	if (!s)
		return err_nomem(err);
	if (kubectl_get(h, path, &s->text, &code, &b->absent, err) < 0 ||
	    (code == 0 && stream_add(&s->stream, "the namespace", buf_slice(&s->text), err) < 0)) {
		state_release(s);
		return err->status;
	}
	*asked = code != KUBECTL_ABSENT;
	if (code == 0 && s->stream.documents.n == 1)
		b->terminating = node_string_is(node_at(s->stream.documents.v[0].root, "status/phase"), "Terminating");
	state_release(s);
	return 0;
}

/* The API server leaves out what all items of a list have in common; a reader of objects wants to see it. */
static int name_items(struct buf *json, struct err *err)
{
	cleanup_buf struct buf named = BUF_INIT((size_t)MANIFEST_BYTES);
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	bool any = false;

	stream_init(&s, &limits);
	if (stream_add(&s, "the claims", buf_slice(json), err) < 0)
		return err->status;
	if (s.problems.n || s.documents.n != 1)
		return err_set(err, STATUS_HELPER, "what the API server answered is no JSON");
	buf_adds(&named, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
	for (struct seq_iter it = seq_iter_of(node_lookup(s.documents.v[0].root, "items")); seq_next(&it);) {
		if (!node_is_mapping(it.item) || !it.item->child)
			continue;
		buf_addf(&named, "%s{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",", any ? "," : "");
		buf_add(&named, slice_of(json->p + it.item->start + 1, it.item->end - it.item->start - 1));
		any = true;
	}
	buf_adds(&named, "]}");
	buf_clear(json);
	buf_add(json, buf_slice(&named));
	return named.failed || json->failed ? err_nomem(err) : 0;
}

static int read_claims(struct baseline *b, const struct helm_call *h, const char *ns, struct err *err)
{
	const char *path = arena_printf(&b->arena, "/api/v1/namespaces/%s/persistentvolumeclaims", ns);
	struct state *s = new_state(b);
	bool not_found;
	int code;

	if (!s)
		return err_nomem(err);
	s->source = "the claims in the cluster";
	b->claims = s;
	if (kubectl_get(h, path, &s->text, &code, &not_found, err) < 0)
		return err->status;
	if (code == 0)
		return name_items(&s->text, err) < 0 ? err->status : read_state(s, "the claims", err);
	if (code > 0)
		note(b, "the claims in the cluster could not be read: only the release was looked at");
	state_release(s);
	b->claims = NULL;
	return 0;
}

/* Not everybody may list them: then Helm's claims are not compared with them. */
static int read_classes(struct baseline *b, const struct helm_call *h, struct err *err)
{
	cleanup_buf struct buf json = BUF_INIT((size_t)ANSWER_BYTES);
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	bool not_found;
	int code;

	stream_init(&s, &limits);
	if (kubectl_get(h, "/apis/storage.k8s.io/v1/storageclasses", &json, &code, &not_found, err) < 0)
		return err->status;
	if (code != 0)
		return 0;
	if (stream_add(&s, "the StorageClasses", buf_slice(&json), err) < 0)
		return err->status;
	if (s.problems.n || s.documents.n != 1)
		return 0;
	for (struct seq_iter it = seq_iter_of(node_lookup(s.documents.v[0].root, "items")); seq_next(&it);) {
		const char **slot = VEC_PUSH(&b->arena, b->classes);

		if (slot)
			*slot = arena_str(&b->arena, node_string(node_at(it.item, "metadata/name")));
	}
	return arena_failed(&b->arena) ? err_nomem(err) : 0;
}

int baseline_read(struct baseline *b, const struct helm_call *h, const char *ns, struct err *err)
{
	bool asked = false;

	for (size_t i = 0; i < b->releases.n; i++)
		if (read_release(b, h, &b->releases.v[i], err) < 0)
			return err->status;
	if (read_namespace(b, h, ns, &asked, err) < 0)
		return err->status;
	if (!asked) {
		note(b, "kubectl cannot be asked: the claims in the cluster were not looked at");
		return 0;
	}
	if (b->terminating)
		return 0;
	return read_classes(b, h, err) < 0 || read_claims(b, h, ns, err) < 0 ? err->status : 0;
}
