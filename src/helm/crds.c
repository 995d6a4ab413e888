#include "helm/crds.h"

#include "cluster/one.h"
#include "helm/probe.h"
#include "yaml/stream.h"

#include "base/file.h"

enum { ANSWER_BYTES = 256 << 20 };

void crds_release(struct crds *c)
{
	arena_release(&c->arena);
	memset(c, 0, sizeof(*c));
}

/* --- the chart's ----------------------------------------------------------------------------------------------- */

static void add_version(struct crds *c, const struct node *root, struct slice version)
{
	struct slice group = node_string(node_at(root, "spec/group"));
	struct slice kind = node_string(node_at(root, "spec/names/kind"));
	struct crd *slot = group.n && kind.n && version.n ? VEC_PUSH(&c->arena, c->all) : NULL;

	if (!slot)
		return;
	slot->name = arena_str(&c->arena, node_string(node_at(root, "metadata/name")));
	slot->kind = arena_str(&c->arena, kind);
	slot->api_version = arena_printf(&c->arena, SLICE_FMT "/" SLICE_FMT, SLICE_ARG(group), SLICE_ARG(version));
}

/* apiextensions.k8s.io/v1 has a list of versions; v1beta1, which charts still carry, may have one alone. */
static void add_crd(struct crds *c, const struct node *root)
{
	const struct node *versions = node_at(root, "spec/versions");

	if (!node_string_is(node_lookup(root, "kind"), "CustomResourceDefinition"))
		return;
	if (!node_is_sequence(versions))
		add_version(c, root, node_string(node_at(root, "spec/version")));
	for (struct seq_iter it = seq_iter_of(versions); seq_next(&it);)
		if (!node_is_bool(node_lookup(it.item, "served"), false))
			add_version(c, root, node_string(node_lookup(it.item, "name")));
}

enum { TOP_KEYS = 16 };

/* A key at the top of a document, the empty slice if the line is something else. */
static struct slice top_key(struct slice line)
{
	size_t n = 0;

	while (n < line.n && ((line.p[n] | 0x20) >= 'a') && ((line.p[n] | 0x20) <= 'z'))
		n++;
	return n && n < line.n && line.p[n] == ':' ? slice_to(line, n) : SLICE_EMPTY;
}

/* Helm 3 prints file behind file with nothing between them: a second key of one name at the top begins another. */
static void separate(struct slice text, struct buf *out)
{
	struct slice seen[TOP_KEYS];
	size_t n = 0;

	while (text.p && text.n) {
		struct slice line = slice_cut(text, '\n', &text), key = top_key(line);

		if (slice_starts(line, "---"))
			n = 0;
		for (size_t i = 0; key.n && i < n; i++)
			if (slice_eq(seen[i], key)) {
				buf_adds(out, "---\n");
				n = 0;
			}
		if (key.n && n < TOP_KEYS)
			seen[n++] = key;
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

static int take_crds(struct crds *c, struct slice text, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;

	stream_init(&s, &limits);
	if (stream_add(&s, "crds/", text, err) < 0)
		return err->status;
	/* What cannot be read is Helm's to refuse. */
	for (size_t i = 0; i < s.documents.n; i++)
		add_crd(c, s.documents.v[i].root);
	return arena_failed(&c->arena) ? err_nomem(err) : 0;
}

static int ask_chart(struct crds *c, const struct helm_call *h, struct buf *errors, enum helm_outcome *outcome,
		     struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT((size_t)ANSWER_BYTES), text = BUF_INIT((size_t)ANSWER_BYTES);
	struct helm_argv argv = {0};
	int code;

	helm_argv_add(h->line, &argv, helm_program());
	helm_argv_add(h->line, &argv, "show");
	helm_argv_add(h->line, &argv, "crds");
	helm_argv_items(h->line, &argv, PART_SOURCE | PART_REGISTRY, h->line->command, false);
	helm_argv_add(h->line, &argv, "--");
	helm_argv_add(h->line, &argv, h->line->chart);
	if (helm_question(h, &argv, &out, errors, outcome, &code, err) < 0)
		return err->status;
	if (*outcome != HELM_DONE || !slice_trim(buf_slice(&out)).n)
		return 0;
	separate(buf_slice(&out), &text);
	return text.failed ? err_nomem(err) : take_crds(c, buf_slice(&text), err);
}

/* --- the cluster's --------------------------------------------------------------------------------------------- */

static int take_notes(struct crds *c, struct slice notes, struct err *err)
{
	c->kube_version = arena_str(&c->arena, slice_trim(slice_cut(notes, '\n', &notes)));
	while (notes.p && notes.n) {
		struct slice line = slice_trim(slice_cut(notes, '\n', &notes));
		const char **slot = line.n ? VEC_PUSH(&c->arena, c->api_versions) : NULL;

		if (slot)
			*slot = arena_str(&c->arena, line);
	}
	return arena_failed(&c->arena) ? err_nomem(err) : 0;
}

static int ask_probe(struct crds *c, const struct helm_call *h, struct buf *errors, enum helm_outcome *outcome,
		     struct err *err)
{
	cleanup_buf struct buf out = BUF_INIT((size_t)ANSWER_BYTES), notes = BUF_TEXT;
	cleanup_fd int chart = probe_chart(err);
	struct helm_argv argv = {0};
	int code;

	if (chart < 0)
		return err->status;
	helm_argv_add(h->line, &argv, helm_program());
	helm_argv_add(h->line, &argv, "install");
	helm_argv_add(h->line, &argv, "--dry-run=server");
	helm_argv_add(h->line, &argv, "--output=json");
	helm_argv_items(h->line, &argv, PART_CONNECTION, HELM_INSTALL, false);
	helm_argv_add(h->line, &argv, "pxb-fed-probe");
	helm_argv_add(h->line, &argv, arena_printf(&h->line->arena, "/proc/%ld/fd/%d", (long)getpid(), chart));
	if (helm_question(h, &argv, &out, errors, outcome, &code, err) < 0)
		return err->status;
	if (*outcome != HELM_DONE)
		return 0;
	return probe_notes(buf_slice(&out), &notes, err) < 0 ? err->status : take_notes(c, buf_slice(&notes), err);
}

static bool is_served(const struct crds *c, const struct crd *crd)
{
	size_t n = strlen(crd->api_version);

	for (size_t i = 0; i < c->api_versions.n; i++) {
		const char *v = c->api_versions.v[i];

		if (strncmp(v, crd->api_version, n) == 0 && v[n] == '/' && strcmp(v + n + 1, crd->kind) == 0)
			return true;
	}
	return false;
}

/* --- the cluster's own word ------------------------------------------------------------------------------------ */

enum { GROUPS_MAX = 32 };

static const char *const served_fields[] = {"resources/*/kind", NULL};

static bool may_be_asked(const char *api_version)
{
	struct slice version, group = slice_cut(slice_str(api_version), '/', &version);

	return kube_is_name(group) && kube_is_name(version);
}

/* The question about this group and version, NULL: there is none yet. */
static const struct kube_get *find_group(const struct kube_get *v, size_t n, const char *api_version)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(slice_from(slice_str(v[i].path), strlen("/apis/")), api_version))
			return &v[i];
	return NULL;
}

/* One question for each; none at all where one of them cannot be asked. */
static size_t put_groups(struct crds *c, struct kube_get *v)
{
	size_t n = 0;

	for (size_t i = 0; i < c->all.n; i++) {
		const char *api_version = c->all.v[i].api_version;

		if (find_group(v, n, api_version))
			continue;
		if (n == GROUPS_MAX || !may_be_asked(api_version))
			return 0;
		v[n++] = (struct kube_get){.path = arena_printf(&c->arena, "/apis/%s", api_version),
					   .fields = served_fields,
					   .needs = "resources",
					   .body = BUF_INIT((size_t)1 << 20)};
	}
	return n;
}

static bool has_kind(const struct kube_get *g, const char *kind)
{
	cleanup_stream struct stream s = {0};
	struct err ignored = ERR_INIT;
	const struct node *root;
	bool found = false;

	if (kube_get_root(g, &s, &root, &ignored) < 0)
		return false;
	for (struct seq_iter it = seq_iter_of(node_lookup(root, "resources")); !found && seq_next(&it);)
		found = node_string_is(node_lookup(it.item, "kind"), kind);
	return found;
}

static bool all_served(const struct crds *c, const struct kube_get *v, size_t n)
{
	for (size_t i = 0; i < c->all.n; i++) {
		const struct kube_get *g = find_group(v, n, c->all.v[i].api_version);

		if (!g || !has_kind(g, c->all.v[i].kind))
			return false;
	}
	return true;
}

/* Mostly the cluster has them all: then nothing of what only Helm knows about it is needed. */
static int ask_served(struct crds *c, struct kube_one *one, bool *all, struct err *err)
{
	struct kube_get v[GROUPS_MAX];
	size_t n = put_groups(c, v);
	int rc = 0;

	if (arena_failed(&c->arena))
		rc = err_nomem(err);
	else if (n)
		rc = kube_one_get(one, v, n, err);
	*all = rc == 0 && n && all_served(c, v, n);
	for (size_t i = 0; i < n; i++)
		buf_release(&v[i].body);
	return rc;
}

int crds_ask(struct crds *c, const struct helm_call *h, const struct buf *of_chart, struct buf *errors,
	     enum helm_outcome *outcome, struct err *err)
{
	bool all = false;

	memset(c, 0, sizeof(*c));
	c->arena = ARENA_INIT((size_t)64 << 20);
	*outcome = HELM_DONE;
	if (!h->line->chart)
		return 0;
	if (of_chart ? take_crds(c, buf_slice(of_chart), err) < 0 : ask_chart(c, h, errors, outcome, err) < 0)
		return err->status;
	if (*outcome != HELM_DONE || !c->all.n)
		return 0;
	if (h->one && ask_served(c, h->one, &all, err) < 0)
		return err->status;
	if (all)
		return 0;
	if (ask_probe(c, h, errors, outcome, err) < 0)
		return err->status;
	for (size_t i = 0; i < c->all.n && *outcome == HELM_DONE; i++) {
		c->all.v[i].missing = !is_served(c, &c->all.v[i]);
		c->missing += c->all.v[i].missing;
	}
	return 0;
}

/* --- what is missing ------------------------------------------------------------------------------------------- */

bool crds_in_words(const struct crds *c, struct slice errors)
{
	for (size_t i = 0; i < c->all.n; i++)
		if (c->all.v[i].missing && slice_find(errors, c->all.v[i].api_version) != SIZE_MAX &&
		    slice_find(errors, c->all.v[i].kind) != SIZE_MAX)
			return true;
	return false;
}

bool crds_is_missing(const struct crds *c, struct slice api_version, struct slice kind)
{
	for (size_t i = 0; i < c->all.n; i++)
		if (c->all.v[i].missing && slice_is(api_version, c->all.v[i].api_version) &&
		    slice_is(kind, c->all.v[i].kind))
			return true;
	return false;
}

const char *crds_missing_names(struct crds *c)
{
	const char *names = "";

	for (size_t i = 0; i < c->all.n; i++) {
		bool named = !c->all.v[i].missing;

		for (size_t k = 0; k < i && !named; k++)
			named = c->all.v[k].missing && strcmp(c->all.v[k].name, c->all.v[i].name) == 0;
		if (!named)
			names = arena_printf(&c->arena, "%s%s%s", names, *names ? ", " : "", c->all.v[i].name);
	}
	return names;
}

void crds_argv(struct crds *c, struct helm_line *l, struct helm_argv *a)
{
	if (!c->kube_version)
		return;
	helm_argv_add(l, a, arena_printf(&c->arena, "--kube-version=%s", c->kube_version));
	for (size_t i = 0; i < c->api_versions.n; i++)
		helm_argv_add(l, a, arena_printf(&c->arena, "--api-versions=%s", c->api_versions.v[i]));
	for (size_t i = 0; i < c->all.n; i++) {
		const struct crd *crd = &c->all.v[i];

		if (!crd->missing)
			continue;
		helm_argv_add(l, a, arena_printf(&c->arena, "--api-versions=%s", crd->api_version));
		helm_argv_add(l, a, arena_printf(&c->arena, "--api-versions=%s/%s", crd->api_version, crd->kind));
	}
}
