#include "helm/baseline.h"

#include "cluster/listing.h"
#include "cluster/one.h"
#include "helm/connection.h"
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

enum { ASK_NAMESPACE, ASK_CLASSES, ASK_CLAIMS, ASKED };

/* The line was lost: nothing can be said of what is there. Everything else (a right that is missing, a kubeconfig that
   only Helm understands) leaves Helm's own answers. */
static bool is_lost(enum answer_kind answer)
{
	switch (answer) {
	case ANSWER_REFUSED:
	case ANSWER_NO_HOST:
	case ANSWER_DEADLINE:
	case ANSWER_BROKEN:
	case ANSWER_BUSY:
		return true;
	default:
		return false;
	}
}

static int parse(struct stream *s, const char *name, const struct kube_get *g, const struct node **root,
		 struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	limits.bytes = g->body.n + 1;
	stream_init(s, &limits);
	*root = NULL;
	if (g->answer != ANSWER_OK)
		return 0;
	if (stream_add(s, name, buf_slice(&g->body), err) < 0)
		return err->status;
	if (s->problems.n || s->documents.n != 1)
		return err_set(err, STATUS_HELPER, "what the API server answered to '%s' is no JSON", g->path);
	*root = s->documents.v[0].root;
	return 0;
}

static int read_namespace(struct baseline *b, const struct kube_get *g, struct err *err)
{
	cleanup_stream struct stream s = {0};
	const struct node *root;

	if (parse(&s, "the namespace", g, &root, err) < 0)
		return err->status;
	b->absent = g->answer == ANSWER_ABSENT;
	b->terminating = node_string_is(node_at(root, "status/phase"), "Terminating");
	return 0;
}

static int read_claims(struct baseline *b, const struct kube_get *g, struct err *err)
{
	struct state *s;
	bool any = false;

	if (g->answer != ANSWER_OK) {
		note(b, arena_printf(&b->arena,
				     "the claims in the cluster could not be read: only the release was looked "
				     "at (%s)",
				     g->answer == ANSWER_CONFIG ? g->text : kube_get_why(g, &b->arena)));
		return 0;
	}
	s = new_state(b);
	if (!s)
		return err_nomem(err);
	s->source = "the claims in the cluster";
	b->claims = s;
	buf_adds(&s->text, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
	if (listing_items(buf_slice(&g->body), "v1", "PersistentVolumeClaim", &s->text, &any, err) < 0)
		return err->status;
	buf_adds(&s->text, "]}\n");
	return s->text.failed ? err_nomem(err) : read_state(s, "the claims", err);
}

/* Not everybody may list them: then Helm's claims are not compared with them. */
static int read_classes(struct baseline *b, const struct kube_get *g, struct err *err)
{
	cleanup_stream struct stream s = {0};
	const struct node *root;

	if (parse(&s, "the StorageClasses", g, &root, err) < 0)
		return err->status;
	for (struct seq_iter it = seq_iter_of(node_lookup(root, "items")); seq_next(&it);) {
		const char **slot = VEC_PUSH(&b->arena, b->classes);

		if (slot)
			*slot = arena_str(&b->arena, node_string(node_at(it.item, "metadata/name")));
	}
	return arena_failed(&b->arena) ? err_nomem(err) : 0;
}

static int ask_cluster(struct baseline *b, const struct helm_call *h, struct kube_get *v, struct err *err)
{
	cleanup_kube_one struct kube_one one = KUBE_ONE_INIT;
	struct kube_target target;

	helm_connection(h->line, &b->arena, &target);
	if (arena_failed(&b->arena))
		return err_nomem(err);
	if (kube_one_open(&one, &target, h->seconds, &b->arena, err) < 0)
		return err->status;
	for (struct slice rest = slice_str(one.warnings); rest.n;)
		note(b, arena_str(&b->arena, slice_cut(rest, '\n', &rest)));
	for (size_t i = 0; one.why && i < ASKED; i++) {
		v[i].answer = ANSWER_CONFIG;
		v[i].text = one.why;
	}
	if (!one.why && kube_one_get(&one, v, ASKED, err) < 0)
		return err->status;
	for (size_t i = 0; i < ASKED; i++)
		if (is_lost(v[i].answer))
			return err_set(err, STATUS_HELPER, "the cluster was lost while it was asked for '%s': %s",
				       v[i].path, kube_get_why(&v[i], &b->arena));
	return 0;
}

static int read_cluster(struct baseline *b, const struct helm_call *h, const char *ns, struct err *err)
{
	struct kube_get v[ASKED] = {
		[ASK_NAMESPACE] = {.path = arena_printf(&b->arena, "/api/v1/namespaces/%s", ns)},
		[ASK_CLASSES] = {.path = "/apis/storage.k8s.io/v1/storageclasses", .list = true},
		[ASK_CLAIMS] = {.path = arena_printf(&b->arena, "/api/v1/namespaces/%s/persistentvolumeclaims", ns),
				.list = true},
	};

	for (size_t i = 0; i < ASKED; i++)
		v[i].body = BUF_INIT((size_t)ANSWER_BYTES);
	if (ask_cluster(b, h, v, err) == 0 && read_namespace(b, &v[ASK_NAMESPACE], err) == 0 && !b->terminating &&
	    read_classes(b, &v[ASK_CLASSES], err) == 0)
		read_claims(b, &v[ASK_CLAIMS], err);
	for (size_t i = 0; i < ASKED; i++)
		buf_release(&v[i].body);
	return err->status;
}

int baseline_read(struct baseline *b, const struct helm_call *h, const char *ns, struct err *err)
{
	for (size_t i = 0; i < b->releases.n; i++)
		if (read_release(b, h, &b->releases.v[i], err) < 0)
			return err->status;
	return read_cluster(b, h, ns, err);
}
