#include "checks/checks.h"
#include "checks/preflight.h"
#include "cluster/one.h"

#define QUESTION(id, name, command, when, path, form, needs, ...) \
	static const char *const fields_##id[] = {__VA_ARGS__, NULL};
#include "checks/checks.def"

const struct question_info question_infos[QUESTION_COUNT] = {
#define QUESTION(id, name, command, when, path, form, needs, ...) {name, command, when, path, form, needs, fields_##id},
#include "checks/checks.def"
};

enum { FACTS_MAX = 512 << 20 };

void facts_init(struct facts *f, const char *cluster)
{
	struct limits limits = LIMITS_DEFAULT;

	*f = (struct facts){.arena = ARENA_INIT(FACTS_MAX)};
	stream_init(&f->stream, &limits);
	f->cluster = arena_str(&f->arena, slice_str(cluster));
}

void facts_release(struct facts *f)
{
	stream_release(&f->stream);
	arena_release(&f->arena);
}

const char *facts_printable(struct arena *a, struct slice text)
{
	char *to = arena_bytes(a, text.n + 1);

	if (!to)
		return "";
	for (size_t i = 0; i < text.n; i++)
		to[i] = (unsigned char)text.p[i] < ' ' || (unsigned char)text.p[i] >= 0x7f ? '?' : text.p[i];
	to[text.n] = '\0';
	return to;
}

int facts_take(struct facts *f, enum question_id q, enum answer_kind kind, struct slice text, struct slice body,
	       struct err *err)
{
	struct fact *to = &f->v[q];
	size_t documents = f->stream.documents.n, problems = f->stream.problems.n;

	to->asked = true;
	to->kind = kind;
	to->text = facts_printable(&f->arena, text);
	if (kind != ANSWER_OK)
		return arena_failed(&f->arena) ? err_nomem(err) : 0;
	to->json = arena_copy(&f->arena, body);
	if (arena_failed(&f->arena))
		return err_nomem(err);
	if (stream_add(&f->stream, question_infos[q].name, to->json, err) < 0)
		return err->status;
	if (f->stream.problems.n == problems && f->stream.documents.n == documents + 1)
		to->root = node_real(f->stream.documents.v[documents].root);
	if (!node_is_mapping(to->root) ||
	    (question_infos[q].form != OBJECT && !node_is_sequence(node_lookup(to->root, "items")))) {
		to->kind = ANSWER_BROKEN;
		to->text = "the answer is not JSON of the expected shape";
		to->root = NULL;
	}
	return 0;
}

bool facts_are_lost(const struct facts *f)
{
	const struct fact *v = &f->v[Q_VERSION];

	/* A server that is not an API server may answer anything but this path's own answer; one that refuses it is
	 * there.
	 */
	return v->asked && v->kind != ANSWER_OK && v->kind != ANSWER_FORBIDDEN;
}

const struct node *facts_root(const struct facts *f, enum question_id q)
{
	return f->v[q].kind == ANSWER_OK ? f->v[q].root : NULL;
}

/* --- paths ----------------------------------------------------------------------------------------------------- */

static struct slice px_account(const struct facts *f)
{
	const struct node *v = variable(node_at(facts_storagecluster(f), "spec/env"), "PX_SERVICE_ACCOUNT");
	struct slice name = node_string(node_lookup(v, "value"));

	return name.n ? name : SLICE("portworx");
}

static bool put_part(struct facts *f, char what, struct buf *out)
{
	struct slice name;

	if (what == 'p') {
		if (f->px_namespace)
			buf_addf(out, "namespaces/%s/", f->px_namespace);
		return true;
	}
	if (what == 'r') {
		buf_adds(out, preflight_driver(f));
		return true;
	}
	if (what == 't') {
		name = preflight_namespace(f);
		buf_add(out, name);
		return kube_is_name(name); /* an answer could hold anything */
	}
	name = what == 'n' ? slice_str(facts_namespace(f)) : px_account(f);
	buf_add(out, name);
	return kube_is_name(name);
}

const char *facts_path(struct facts *f, enum question_id q)
{
	cleanup_buf struct buf out = BUF_TEXT;

	for (const char *p = question_infos[q].path; *p; p++) {
		if (*p != '%' || !p[1] || !strchr("pnsrt", p[1])) {
			buf_addc(&out, *p);
		} else if (!put_part(f, *++p, &out)) {
			return NULL;
		}
	}
	facts_need(f, &out);
	return out.failed ? NULL : arena_str(&f->arena, buf_slice(&out));
}

bool facts_asks(const struct facts *f, enum question_id q, enum check_command command, enum question_when when)
{
	return (question_infos[q].commands & command) && question_infos[q].when == when && !f->v[q].asked;
}

/* --- what several checks read ---------------------------------------------------------------------------------- */

const struct node *facts_storagecluster(const struct facts *f)
{
	const struct node *items = node_lookup(facts_root(f, Q_STORAGECLUSTERS), "items");
	struct seq_iter it = seq_iter_of(items);

	if (!items || node_count(items) != 1 || !seq_next(&it))
		return NULL;
	return it.item;
}

const char *facts_namespace(struct facts *f)
{
	if (f->px_namespace)
		return f->px_namespace;
	return arena_str(&f->arena, node_string(node_at(facts_storagecluster(f), "metadata/namespace")));
}

const struct node *variable(const struct node *env, const char *name)
{
	const struct node *found = NULL;

	for (struct seq_iter it = seq_iter_of(env); seq_next(&it);)
		if (node_string_is(node_lookup(it.item, "name"), name))
			found = it.item; /* the last one wins */
	return found;
}

bool is_guid(struct slice s)
{
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s.p[i] != '-' : !s.p[i] || !strchr("0123456789abcdefABCDEF", s.p[i]))
			return false;
	}
	return true;
}
