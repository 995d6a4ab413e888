#include "watch/snapshot.h"

#define RESOURCE(id, name, need, path, ...) static const char *const fields_##id[] = {__VA_ARGS__, NULL};
#include "watch/resources.def"

const struct resource_info resource_infos[RESOURCE_COUNT] = {
#define RESOURCE(id, name, need, path, ...) [RESOURCE_##id] = {name, need, path, fields_##id},
#include "watch/resources.def"
};

enum resource_id resource_parse(struct slice name)
{
	unsigned r = 0;

	while (r < RESOURCE_COUNT && !slice_is(name, resource_infos[r].name))
		r++;
	return (enum resource_id)r;
}

bool resource_path(enum resource_id r, const char *ns, struct buf *out)
{
	for (const char *p = resource_infos[r].path; *p; p++) {
		if (p[0] == '%' && p[1] == 'n') {
			buf_adds(out, ns);
			p++;
		} else {
			buf_addc(out, *p);
		}
	}
	return !out->failed;
}

/* --- objects -------------------------------------------------------------------------------------------------------
 */

static void thing_free(struct thing *t)
{
	stream_release(&t->stream);
	free(t->json);
	free(t);
}

static void shelf_clear(struct shelf *shelf)
{
	while (shelf->first) {
		struct thing *t = shelf->first;

		shelf->first = t->next;
		thing_free(t);
	}
}

void snapshot_release(struct snapshot *s)
{
	for (unsigned r = 0; r < RESOURCE_COUNT; r++)
		shelf_clear(&s->shelf[r]);
}

static int thing_new(struct slice json, struct thing **to, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	struct thing *t = calloc(1, sizeof(*t));

	*to = NULL;
	if (!t)
		return err_nomem(err);
	stream_init(&t->stream, &limits);
	t->json = malloc(json.n + 1);
	if (!t->json) {
		thing_free(t);
		return err_nomem(err);
	}
	memcpy(t->json, json.p, json.n);
	t->json[json.n] = '\0';
	if (stream_add(&t->stream, "object", slice_of(t->json, json.n), err) < 0) {
		thing_free(t);
		return err->status;
	}
	if (t->stream.problems.n || t->stream.documents.n != 1 || !t->stream.documents.v[0].root) {
		thing_free(t);
		return 0;
	}
	t->root = node_real(t->stream.documents.v[0].root);
	t->name = node_string(node_at(t->root, "metadata/name"));
	if (t->name.n)
		*to = t;
	else
		thing_free(t);
	return 0;
}

static void take_away(struct shelf *shelf, struct slice name)
{
	for (struct thing **p = &shelf->first; *p; p = &(*p)->next) {
		struct thing *t = *p;

		if (!slice_eq(t->name, name))
			continue;
		*p = t->next;
		thing_free(t);
		return;
	}
}

enum put_way { PUT_NEW /* of a list, whose names differ */, PUT_CHANGED, PUT_DELETED };

static int put(struct shelf *shelf, struct slice json, enum put_way way, struct err *err)
{
	struct thing *t;

	if (thing_new(json, &t, err) < 0)
		return err->status;
	if (!t)
		return 0;
	if (way != PUT_NEW)
		take_away(shelf, t->name);
	if (way == PUT_DELETED) {
		thing_free(t);
		return 0;
	}
	t->next = shelf->first;
	shelf->first = t;
	return 0;
}

static int put_list(struct shelf *shelf, struct slice json, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *items = NULL;

	stream_init(&s, &limits);
	if (stream_add(&s, "list", json, err) < 0)
		return err->status;
	if (!s.problems.n && s.documents.n == 1)
		items = node_lookup(s.documents.v[0].root, "items");
	if (!node_is_sequence(items))
		return err_set(err, STATUS_INPUT, "a list without items");
	shelf_clear(shelf);
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		const struct node *n = it.item;

		if (put(shelf, slice_of(json.p + n->start, n->end - n->start), PUT_NEW, err) < 0)
			return err->status;
	}
	return 0;
}

/* --- changes -------------------------------------------------------------------------------------------------------
 */

static void set_state(struct shelf *shelf, enum answer_kind kind, struct slice text)
{
	shelf->told = true;
	shelf->silent = false;
	shelf->kind = kind;
	snprintf(shelf->text, sizeof(shelf->text), SLICE_FMT, SLICE_ARG(slice_to(text, sizeof(shelf->text) - 1)));
	/* An API that is not served has no objects. */
	if (kind == ANSWER_NO_API)
		shelf_clear(shelf);
}

int snapshot_apply(struct snapshot *s, enum resource_id r, enum kube_change change, enum answer_kind kind,
		   struct slice text, struct slice body, struct err *err)
{
	struct shelf *shelf = &s->shelf[r];
	int rc;

	if (change == KUBE_STATE) {
		set_state(shelf, kind, text);
		return 0;
	}
	rc = change == KUBE_LIST ? put_list(shelf, body, err)
				 : put(shelf, body, change == KUBE_DELETED ? PUT_DELETED : PUT_CHANGED, err);
	if (rc < 0)
		return rc;
	shelf->told = shelf->known = true;
	shelf->silent = false;
	shelf->kind = ANSWER_OK;
	if (r == RESOURCE_NAMESPACE && shelf->first)
		s->namespace_seen = true;
	return 0;
}

const struct node *snapshot_find(const struct snapshot *s, enum resource_id r, struct slice name)
{
	for (const struct thing *t = things(s, r); t; t = t->next)
		if (slice_eq(t->name, name))
			return t->root;
	return NULL;
}

void snapshot_give_up(struct snapshot *s)
{
	for (unsigned r = 0; r < RESOURCE_COUNT; r++) {
		if (s->shelf[r].told)
			continue;
		set_state(&s->shelf[r], ANSWER_DEADLINE, SLICE_EMPTY);
		s->shelf[r].silent = true;
	}
}

bool snapshot_complete(const struct snapshot *s)
{
	for (unsigned r = 0; r < RESOURCE_COUNT; r++)
		if (!s->shelf[r].told)
			return false;
	return true;
}
