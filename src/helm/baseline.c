#include "chart/chart_object.h"
#include "helm/baseline.h"

#include "cluster/listing.h"
#include "cluster/one.h"
#include "helm/baseline_parts.h"
#include "helm/connection.h"
#include "helm/storage.h"

void baseline_init(struct baseline *b)
{
	memset(b, 0, sizeof(*b));
	b->arena = ARENA_INIT((size_t)64 << 20);
	b->one = KUBE_ONE_INIT;
}

void state_release(struct state *s)
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
	for (size_t i = 0; i < BASELINE_QUESTIONS; i++)
		buf_release(&b->answers[i].body);
	kube_one_close(&b->one);
	arena_release(&b->arena);
	memset(b, 0, sizeof(*b));
}

struct state *baseline_state(struct baseline *b)
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

void baseline_note(struct baseline *b, const char *text)
{
	const char **slot = VEC_PUSH(&b->arena, b->notes);

	if (slot)
		*slot = text;
}

int state_read(struct state *s, const char *name, struct err *err)
{
	if (stream_add(&s->stream, name, buf_slice(&s->text), err) < 0 ||
	    release_build(&s->release, &s->stream, err) < 0)
		return err->status;
	return 0;
}

/* --- releases -------------------------------------------------------------------------------------------------- */

static bool is_px_central(const char *chart)
{
	return slice_starts(slice_str(chart), "px-central-");
}

static bool has_px_central(const struct release *r)
{
	return chart_object_in(r, OBJECT_PX_BACKUP) || chart_object_in(r, OBJECT_UI_CONFIG);
}

bool baseline_concerns(const struct installed *i, const struct helm_call *h, const char *ns)
{
	bool same_ns = strcmp(i->ns, ns) == 0, same_name = h->line->name && strcmp(i->name, h->line->name) == 0;

	return (same_ns && same_name) || (is_px_central(i->chart) && (same_ns || same_name));
}

const char *baseline_title(struct baseline *b, const struct installed *i)
{
	return arena_printf(&b->arena, "the installed release %s in namespace %s, revision %s", i->name, i->ns,
			    i->revision);
}

static int read_release(struct baseline *b, const struct helm_call *h, struct installed *i, struct err *err)
{
	if (!b->of_cluster && manifest_of_helm(b, h, i, err) < 0)
		return err->status;
	if (!i->state)
		return 0;
	if (b->of_cluster && state_read(i->state, "the installed release", err) < 0)
		return err->status;
	if (is_px_central(i->chart) || has_px_central(&i->state->release))
		return 0;
	state_release(i->state);
	i->state = NULL;
	return 0;
}

/* --- the API server -------------------------------------------------------------------------------------------- */

static int read_namespace(struct baseline *b, const struct kube_get *g, struct err *err)
{
	cleanup_stream struct stream s = {0};
	const struct node *root;

	if (kube_get_root(g, &s, &root, err) < 0)
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
		baseline_note(b,
			      arena_printf(&b->arena,
					   "the claims in the cluster could not be read: only the release was looked "
					   "at (%s)",
					   g->answer == ANSWER_CONFIG ? g->text : kube_get_why(g, &b->arena)));
		return 0;
	}
	s = baseline_state(b);
	if (!s)
		return err_nomem(err);
	s->source = "the claims in the cluster";
	b->claims = s;
	buf_adds(&s->text, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
	if (listing_items(buf_slice(&g->body), "v1", "PersistentVolumeClaim", &s->text, &any, err) < 0)
		return err->status;
	buf_adds(&s->text, "]}\n");
	return s->text.failed ? err_nomem(err) : state_read(s, "the claims", err);
}

/* Not everybody may list them: then Helm's claims are not compared with them. */
static int read_classes(struct baseline *b, const struct kube_get *g, struct err *err)
{
	cleanup_stream struct stream s = {0};
	const struct node *root;

	if (kube_get_root(g, &s, &root, err) < 0)
		return err->status;
	for (struct seq_iter it = seq_iter_of(node_lookup(root, "items")); seq_next(&it);) {
		const char **slot = VEC_PUSH(&b->arena, b->classes);

		if (slot)
			*slot = arena_str(&b->arena, node_string(node_at(it.item, "metadata/name")));
	}
	return arena_failed(&b->arena) ? err_nomem(err) : 0;
}

static void put_releases(struct baseline *b, enum baseline_question q, const char *path)
{
	b->answers[q] = (struct kube_get){.path = path, .list = true, .metadata = true, .fields = storage_list_fields};
}

/* What a path asks for: a word of the command line goes into it only if it is a name. */
static int put_questions(struct baseline *b, const char *ns, struct err *err)
{
	enum helm_driver d = helm_driver();
	const struct kube_get questions[] = {
		[BASELINE_NAMESPACE] = {.path = arena_printf(&b->arena, "/api/v1/namespaces/%s", ns)},
		[BASELINE_CLASSES] = {.path = "/apis/storage.k8s.io/v1/storageclasses", .list = true, .metadata = true},
		[BASELINE_CLAIMS] = {.path = arena_printf(&b->arena, "/api/v1/namespaces/%s/persistentvolumeclaims",
							  ns),
				     .list = true},
	};

	if (!kube_is_name(slice_str(ns)))
		return err_set(err, STATUS_USAGE, "'%.80s' is not a namespace name", ns);
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		b->answers[i] = questions[i];
	b->of_cluster = d != HELM_DRIVER_OTHER;
	b->questions = b->of_cluster ? BASELINE_QUESTIONS : BASELINE_RELEASES;
	if (b->of_cluster) {
		put_releases(b, BASELINE_RELEASES, storage_list_path(d, NULL, NULL, &b->arena));
		put_releases(b, BASELINE_RELEASES_HERE, storage_list_path(d, ns, NULL, &b->arena));
	}
	for (size_t i = 0; i < b->questions; i++)
		b->answers[i].body = BUF_INIT((size_t)ANSWER_BYTES);
	return arena_failed(&b->arena) ? err_nomem(err) : 0;
}

int baseline_ask(struct baseline *b, const struct helm_call *h, const char **ns, struct err *err)
{
	struct kube_target target;

	helm_connection(h->line, &b->arena, &target);
	if (arena_failed(&b->arena))
		return err_nomem(err);
	if (kube_one_open(&b->one, &target, h->seconds, &b->arena, err) < 0)
		return err->status;
	b->asked = true;
	if (!*ns && !b->one.why)
		*ns = b->one.ns;
	if (!b->one.why && put_questions(b, *ns, err) < 0)
		return err->status;
	for (struct slice rest = slice_str(b->one.warnings); rest.n;)
		baseline_note(b, arena_str(&b->arena, slice_cut(rest, '\n', &rest)));
	if (!b->one.why)
		return kube_one_ask(&b->one, b->answers, b->questions, err);
	for (size_t i = 0; i < BASELINE_QUESTIONS; i++) {
		b->answers[i].answer = ANSWER_CONFIG;
		b->answers[i].text = b->one.why;
	}
	return 0;
}

int baseline_list(struct baseline *b, const struct helm_call *h, const char *ns, struct buf *errors,
		  enum helm_outcome *outcome, struct err *err)
{
	if (!b->asked && baseline_ask(b, h, &ns, err) < 0)
		return err->status;
	if (!b->one.why && kube_one_wait(&b->one, b->answers, b->questions, err) < 0)
		return err->status;
	return b->of_cluster ? releases_of_cluster(b, h, ns, outcome, err)
			     : releases_of_helm(b, h, ns, errors, outcome, err);
}

static int find_lost(struct baseline *b, struct err *err)
{
	for (size_t i = 0; i < b->questions; i++) {
		const struct kube_get *g = &b->answers[i];

		if (answer_is_lost(g->answer))
			return err_set(err, STATUS_HELPER, "the cluster was lost while it was asked for '%s': %s",
				       g->path, kube_get_why(g, &b->arena));
	}
	return 0;
}

int baseline_read(struct baseline *b, const struct helm_call *h, struct err *err)
{
	for (size_t i = 0; i < b->releases.n; i++)
		if (read_release(b, h, &b->releases.v[i], err) < 0)
			return err->status;
	if (find_lost(b, err) < 0 || read_namespace(b, &b->answers[BASELINE_NAMESPACE], err) < 0)
		return err->status;
	if (b->terminating || read_classes(b, &b->answers[BASELINE_CLASSES], err) < 0)
		return err->status;
	return read_claims(b, &b->answers[BASELINE_CLAIMS], err);
}
