/*
 * lock_read.c: the text of a lock file into a struct lock. Strict: a lock that says less than its writer meant would
 * let pass what it was made to stop.
 */
#include "lock/canonical.h"
#include "lock/lock.h"
#include "kube/quantity.h"
#include "userfile/strict.h"
#include "userfile/syntax.h"

struct lock_reader {
	struct lock *l;
	struct strict in;
};

/* --- fields of a mapping --------------------------------------------------------------------------------------- */

typedef bool (*text_fn)(struct slice s);

struct field {
	const char *key, *must_be;
	text_fn valid; /* NULL: any text */
	size_t offset; /* of a struct slice in what the mapping becomes */
	bool needed;
};

static bool is_mode(struct slice s)
{
	return slice_is(s, "federated") || slice_is(s, "classic");
}

static bool is_object(struct slice s)
{
	struct slice kind, name;

	return is_object_ref(s, &kind, &name);
}

static bool is_pod_management(struct slice s)
{
	return slice_is(s, "OrderedReady") || slice_is(s, "Parallel");
}

static bool is_sentence(struct slice s)
{
	return slice_trim(s).n > 0;
}

static const struct field *find_field(const struct field *fields, size_t n, struct slice key)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(key, fields[i].key))
			return &fields[i];
	return NULL;
}

static int unknown(struct lock_reader *r, const struct node *key, const char *in, const struct field *fields, size_t n,
		   const char *const *others, size_t others_n)
{
	const char *names[24];
	size_t k = 0;

	for (size_t i = 0; i < n && k < ARRAY_SIZE(names); i++)
		names[k++] = fields[i].key;
	for (size_t i = 0; i < others_n && k < ARRAY_SIZE(names); i++)
		names[k++] = others[i];
	return strict_unknown(&r->in, key, in, key_nearest(node_text(key), names, k));
}

static int read_field(struct lock_reader *r, const struct field *f, const struct node *n, void *into)
{
	struct slice text;

	if (strict_text(&r->in, n, f->key, f->must_be, &text) < 0)
		return r->in.err->status;
	if (f->valid && !f->valid(text))
		return strict_fail(&r->in, n, "'%s' must be %s, not %s", f->key, f->must_be, show_text(text).text);
	*(struct slice *)(void *)((char *)into + f->offset) = canonical_keep(&r->l->arena, text);
	return 0;
}

static int need_fields(struct lock_reader *r, const struct node *map, const char *what, const struct field *fields,
		       size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fields[i].needed && !node_lookup(map, fields[i].key))
			return strict_fail(&r->in, map, "%s needs '%s': %s", what, fields[i].key, fields[i].must_be);
	return 0;
}

/* --- claims ---------------------------------------------------------------------------------------------------- */

struct claim_texts {
	struct slice object, name, class_name, size, rest;
};

#define CLAIM(key, must_be, valid, field, needed)                                \
	{                                                                        \
		key, must_be, valid, offsetof(struct claim_texts, field), needed \
	}

static const struct field claim_fields[] = {
	CLAIM("object", "Kind/name, such as PersistentVolumeClaim/pxcentral-mysql-pvc", is_object, object, true),
	CLAIM("name", "the name of a claim template", is_dns_subdomain, name, false),
	CLAIM("storageClassName", "the name of a StorageClass", is_dns_subdomain, class_name, false),
	CLAIM("size", "a size, such as 64Gi", quantity_valid, size, false),
	CLAIM("rest", "a digest, such as xxh3-128:0123456789abcdef0123456789abcdef", canonical_is_digest, rest, false),
};

/* ReadWriteOnce and its kin, as the API spells them: nothing that a list could take for something else. */
static bool is_access_mode(struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!((text.p[i] >= 'a' && text.p[i] <= 'z') || (text.p[i] >= 'A' && text.p[i] <= 'Z')))
			return false;
	return slice_starts(text, "Read");
}

static int read_modes(struct lock_reader *r, const struct node *n, struct slice *modes)
{
	struct slice text;

	if (strict_sequence(&r->in, n, "accessModes") < 0)
		return r->in.err->status;
	for (const struct node *i = n->child; i; i = i->next) {
		if (strict_text(&r->in, i, "accessModes", "a list such as [ReadWriteOnce]", &text) < 0)
			return r->in.err->status;
		if (!is_access_mode(text))
			return strict_fail(&r->in, i, "'accessModes' must be a list such as [ReadWriteOnce]");
	}
	*modes = canonical_list(&r->l->arena, n);
	return 0;
}

static int add_claim(struct lock_reader *r, const struct node *item, const struct lock_claim *c)
{
	struct lock_claim *slot;

	for (size_t i = 0; i < r->l->claims.n; i++) {
		const struct lock_claim *o = &r->l->claims.v[i];

		if (slice_eq(o->kind, c->kind) && slice_eq(o->object, c->object) && slice_eq(o->name, c->name))
			return strict_fail(&r->in, item, "this claim appears twice in the lock");
	}
	slot = VEC_PUSH(&r->l->arena, r->l->claims);
	if (!slot)
		return err_nomem(r->in.err);
	*slot = *c;
	return 0;
}

static int read_claim(struct lock_reader *r, const struct node *item)
{
	static const char *const others[] = {"accessModes"};
	struct claim_texts t = {0};
	struct lock_claim c = {0};

	if (!node_is_mapping(item))
		return strict_fail(&r->in, item, "a claim must be a mapping, not %s", node_noun(item));
	for (const struct node *k = item->child; k; k = k->next->next) {
		const struct field *f = find_field(claim_fields, ARRAY_SIZE(claim_fields), node_text(k));
		int rc;

		if (f)
			rc = read_field(r, f, k->next, &t);
		else if (slice_is(node_text(k), "accessModes"))
			rc = read_modes(r, k->next, &c.access_modes);
		else
			rc = unknown(r, k, "claims", claim_fields, ARRAY_SIZE(claim_fields), others, 1);
		if (rc < 0)
			return rc;
	}
	if (need_fields(r, item, "a claim", claim_fields, ARRAY_SIZE(claim_fields)) < 0)
		return r->in.err->status;
	is_object_ref(t.object, &c.kind, &c.object);
	c.name = t.name;
	c.class_name = t.class_name;
	c.size = t.size;
	c.rest = t.rest;
	if (slice_is(c.kind, "StatefulSet") != (c.name.n > 0))
		return strict_fail(&r->in, item,
				   c.name.n ? "only a claim of a StatefulSet has a 'name'"
					    : "a claim of a StatefulSet needs 'name': the name of a claim template");
	return add_claim(r, item, &c);
}

/* --- workloads ------------------------------------------------------------------------------------------------- */

struct workload_texts {
	struct slice object, selector, service_name, pod_management;
};

#define WORKLOAD(key, must_be, valid, field, needed)                                \
	{                                                                           \
		key, must_be, valid, offsetof(struct workload_texts, field), needed \
	}

static const struct field workload_fields[] = {
	WORKLOAD("object", "Kind/name, such as Deployment/px-backup", is_object, object, true),
	WORKLOAD("selector", "a label selector, such as app=px-backup", NULL, selector, false),
	WORKLOAD("serviceName", "the name of a Service", is_dns_subdomain, service_name, false),
	WORKLOAD("podManagementPolicy", "OrderedReady or Parallel", is_pod_management, pod_management, false),
};

static int read_workload(struct lock_reader *r, const struct node *item)
{
	struct workload_texts t = {0};
	struct lock_workload w = {0}, *slot;

	if (!node_is_mapping(item))
		return strict_fail(&r->in, item, "a workload must be a mapping, not %s", node_noun(item));
	for (const struct node *k = item->child; k; k = k->next->next) {
		const struct field *f = find_field(workload_fields, ARRAY_SIZE(workload_fields), node_text(k));

		if ((f ? read_field(r, f, k->next, &t)
		       : unknown(r, k, "workloads", workload_fields, ARRAY_SIZE(workload_fields), NULL, 0)) < 0)
			return r->in.err->status;
	}
	if (need_fields(r, item, "a workload", workload_fields, ARRAY_SIZE(workload_fields)) < 0)
		return r->in.err->status;
	is_object_ref(t.object, &w.kind, &w.name);
	w.selector = t.selector;
	w.service_name = t.service_name;
	w.pod_management = t.pod_management;
	for (size_t i = 0; i < r->l->workloads.n; i++)
		if (slice_eq(r->l->workloads.v[i].kind, w.kind) && slice_eq(r->l->workloads.v[i].name, w.name))
			return strict_fail(&r->in, item, "this object appears twice in 'workloads'");
	slot = VEC_PUSH(&r->l->arena, r->l->workloads);
	if (!slot)
		return err_nomem(r->in.err);
	*slot = w;
	return 0;
}

/* --- history --------------------------------------------------------------------------------------------------- */

#define ENTRY(key, must_be, valid, field)                                     \
	{                                                                     \
		key, must_be, valid, offsetof(struct lock_entry, field), true \
	}

static const struct field entry_fields[] = {
	ENTRY("date", "a day that exists, such as \"2027-01-31\"", is_date, date),
	ENTRY("reason", "a sentence that says why", is_sentence, reason),
};

static int read_changes(struct lock_reader *r, const struct node *n, struct lock_entry *e)
{
	struct slice text, *slot;

	if (strict_sequence(&r->in, n, "changes") < 0)
		return r->in.err->status;
	for (const struct node *i = n->child; i; i = i->next) {
		if (strict_text(&r->in, i, "changes", "a list of lines", &text) < 0)
			return r->in.err->status;
		slot = VEC_PUSH(&r->l->arena, e->changes);
		if (!slot)
			return err_nomem(r->in.err);
		*slot = canonical_keep(&r->l->arena, text);
	}
	return 0;
}

static int read_entry(struct lock_reader *r, const struct node *item)
{
	static const char *const others[] = {"changes"};
	struct lock_entry e = {0}, *slot;

	if (!node_is_mapping(item))
		return strict_fail(&r->in, item, "an entry of the history must be a mapping, not %s", node_noun(item));
	for (const struct node *k = item->child; k; k = k->next->next) {
		const struct field *f = find_field(entry_fields, ARRAY_SIZE(entry_fields), node_text(k));
		int rc;

		if (f)
			rc = read_field(r, f, k->next, &e);
		else if (slice_is(node_text(k), "changes"))
			rc = read_changes(r, k->next, &e);
		else
			rc = unknown(r, k, "history", entry_fields, ARRAY_SIZE(entry_fields), others, 1);
		if (rc < 0)
			return rc;
	}
	if (need_fields(r, item, "an entry of the history", entry_fields, ARRAY_SIZE(entry_fields)) < 0)
		return r->in.err->status;
	slot = VEC_PUSH(&r->l->arena, r->l->history);
	if (!slot)
		return err_nomem(r->in.err);
	*slot = e;
	return 0;
}

/* --- the whole document ---------------------------------------------------------------------------------------- */

struct top_texts {
	struct slice mode, ns, release_name, class_name;
};

#define TOP(key, must_be, valid, field, needed)                                \
	{                                                                      \
		key, must_be, valid, offsetof(struct top_texts, field), needed \
	}

static const struct field top_fields[] = {
	TOP("mode", "federated or classic", is_mode, mode, true),
	TOP("namespace", "the name of a namespace", is_dns_label, ns, true),
	TOP("releaseName", "the name of a Helm release", is_release_name, release_name, true),
	TOP("storageClassName", "the name of a StorageClass", is_dns_subdomain, class_name, false),
};

#define CHART(key, must_be, valid, field, needed)                         \
	{                                                                 \
		key, must_be, valid, offsetof(struct lock, field), needed \
	}

static bool is_sha256(struct slice s)
{
	return s.n == 64 && strspn(s.p, "0123456789abcdef") >= 64;
}

static const struct field chart_fields[] = {
	CHART("name", "the name of a chart", NULL, chart, true),
	CHART("version", "the version of a chart, such as 3.0.0", NULL, chart_version, true),
	CHART("sha256", "the sha256 of the chart's archive, 64 hexadecimal digits", is_sha256, chart_sha256, false),
};

static const char *const top_others[] = {"apiVersion", "kind",	    "chart",  "encryptMongoDB",
					 "claims",     "workloads", "history"};

static int read_chart(struct lock_reader *r, const struct node *n)
{
	if (strict_mapping(&r->in, n, "chart") < 0)
		return r->in.err->status;
	for (const struct node *k = n->child; k; k = k->next->next) {
		const struct field *f = find_field(chart_fields, ARRAY_SIZE(chart_fields), node_text(k));

		if ((f ? read_field(r, f, k->next, r->l)
		       : unknown(r, k, "chart", chart_fields, ARRAY_SIZE(chart_fields), NULL, 0)) < 0)
			return r->in.err->status;
	}
	return need_fields(r, n, "a chart", chart_fields, ARRAY_SIZE(chart_fields));
}

static int read_encryption(struct lock_reader *r, const struct node *n)
{
	if (!node_is_bool(n, true) && !node_is_bool(n, false))
		return strict_fail(&r->in, n, "'encryptMongoDB' must be true or false, not %s",
				   n->kind == NODE_SCALAR && n->end > n->start
					   ? show_text(strict_written(&r->in, n)).text
					   : node_noun(n));
	r->l->encryption = node_is_bool(n, true) ? LOCK_ON : LOCK_OFF;
	return 0;
}

static int read_list(struct lock_reader *r, const struct node *n, const char *what,
		     int (*one)(struct lock_reader *, const struct node *))
{
	if (strict_sequence(&r->in, n, what) < 0)
		return r->in.err->status;
	for (const struct node *i = n->child; i; i = i->next)
		if (one(r, i) < 0)
			return r->in.err->status;
	return 0;
}

static int read_top(struct lock_reader *r, const struct node *key, struct top_texts *t)
{
	const struct field *f = find_field(top_fields, ARRAY_SIZE(top_fields), node_text(key));
	struct slice name = node_text(key);

	if (f)
		return read_field(r, f, key->next, t);
	if (slice_is(name, "apiVersion") || slice_is(name, "kind"))
		return 0;
	if (slice_is(name, "chart"))
		return read_chart(r, key->next);
	if (slice_is(name, "encryptMongoDB"))
		return read_encryption(r, key->next);
	if (slice_is(name, "claims"))
		return read_list(r, key->next, "claims", read_claim);
	if (slice_is(name, "workloads"))
		return read_list(r, key->next, "workloads", read_workload);
	if (slice_is(name, "history"))
		return read_list(r, key->next, "history", read_entry);
	return unknown(r, key, NULL, top_fields, ARRAY_SIZE(top_fields), top_others, ARRAY_SIZE(top_others));
}

static int read_document(struct lock_reader *r, const struct node *root)
{
	struct top_texts t = {0};

	for (const struct node *k = root->child; k; k = k->next->next)
		if (read_top(r, k, &t) < 0)
			return r->in.err->status;
	if (need_fields(r, root, "a lock", top_fields, ARRAY_SIZE(top_fields)) < 0)
		return r->in.err->status;
	if (!r->l->claims.n)
		return strict_fail(&r->in, root, "a lock needs 'claims': it is about storage above all");
	r->l->mode = slice_is(t.mode, "federated") ? LOCK_FEDERATED : LOCK_CLASSIC;
	r->l->ns = t.ns;
	r->l->release_name = t.release_name;
	r->l->class_name = t.class_name;
	return 0;
}

int lock_read(struct lock *l, const char *source, struct slice text, struct err *err)
{
	struct lock_reader r = {.l = l, .in = {.noun = "lock", .kind = LOCK_KIND, .err = err}};
	const struct node *root;
	int rc;

	l->source = r.in.file = arena_str(&l->arena, slice_str(source));
	rc = strict_open(&r.in, text, &root);
	if (rc == 0)
		rc = read_document(&r, root);
	if (arena_failed(&l->arena))
		rc = err_nomem(err);
	stream_release(&r.in.stream);
	return rc;
}
