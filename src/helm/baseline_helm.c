/*
 * baseline_helm.c: the stored releases, as Helm tells them.
 */
#include "helm/baseline_parts.h"
#include "helm/stored.h"

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

static int add_releases(struct baseline *b, const struct helm_call *h, const char *ns, const struct node *list)
{
	for (struct seq_iter it = seq_iter_of(list); seq_next(&it);) {
		struct installed i = {.name = text_of(&b->arena, it.item, "name"),
				      .ns = text_of(&b->arena, it.item, "namespace"),
				      .chart = text_of(&b->arena, it.item, "chart"),
				      .status = text_of(&b->arena, it.item, "status"),
				      .revision = text_of(&b->arena, it.item, "revision")};
		struct installed *slot = baseline_concerns(&i, h, ns) ? VEC_PUSH(&b->arena, b->releases) : NULL;

		if (slot)
			*slot = i;
	}
	return arena_failed(&b->arena);
}

int releases_of_helm(struct baseline *b, const struct helm_call *h, const char *ns, struct buf *errors,
		     enum helm_outcome *outcome, struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT((size_t)ANSWER_BYTES), text = BUF_INIT((size_t)ANSWER_BYTES);
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *list = NULL;
	int code, everywhere;

	stream_init(&s, &limits);
	/* Releases are kept in Secrets: not everybody may list those of all namespaces. */
	for (everywhere = 1; everywhere >= 0; everywhere--) {
		struct helm_argv argv = {0};

		buf_reuse(&out);
		buf_reuse(errors);
		put_releases(h, everywhere, &argv);
		if (helm_question(h, &argv, &out, errors, outcome, &code, err) < 0)
			return err->status;
		if (*outcome != HELM_REFUSED)
			break;
	}
	if (*outcome == HELM_REFUSED && slice_find(buf_slice(errors), "orbidden") != SIZE_MAX)
		*outcome = HELM_FORBIDDEN;
	if (*outcome != HELM_DONE)
		return 0;
	if (!everywhere)
		baseline_note(b, ONLY_THIS_NAMESPACE);
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

static int read_manifest(struct baseline *b, const struct helm_call *h, struct installed *i, struct err *err)
{
	const char *words[] = {"get", "manifest", NULL};
	struct state *s = baseline_state(b);
	enum helm_outcome outcome;

	if (!s)
		return err_nomem(err);
	words[2] = arena_printf(&b->arena, "--revision=%s", i->revision);
	i->state = s;
	s->source = baseline_title(b, i);
	if (ask_release(h, i, words, ARRAY_SIZE(words), &s->text, &outcome, err) < 0)
		return err->status;
	if (outcome != HELM_DONE)
		return err_set(err, STATUS_HELPER, "Helm did not print the manifest of the installed release '%s'",
			       i->name);
	return state_read(s, "the installed release", err);
}

int manifest_of_helm(struct baseline *b, const struct helm_call *h, struct installed *i, struct err *err)
{
	if (strcmp(i->status, "deployed") != 0 && find_revision(b, h, i, err) < 0)
		return err->status;
	return *i->revision ? read_manifest(b, h, i, err) : 0;
}
