/*
 * view_json.c: the JSON of an earlier report as a view. The file lies in a home directory and may be anything: every
 * member is examined before it is used, unknown ones are passed over, numbers are taken for counts and nothing else.
 */
#include "report/view.h"

#include <cjson/cJSON.h>
#include <errno.h>

struct reader {
	struct arena *arena;
	const char *wrong; /* the member that is not what the schema says; the first one stays */
};

/* cJSON does not say why it has read nothing; the allocator does. */
static cJSON *parse(const struct buf *json, struct err *err)
{
	cJSON *root = NULL;

	errno = 0;
	/* The NUL behind the text counts, so that nothing may follow the value; one inside would end it early. */
	if (json->n && !memchr(json->p, '\0', json->n))
		root = cJSON_ParseWithLengthOpts(json->p, json->n + 1, NULL, true);
	if (!root && errno == ENOMEM)
		err_nomem(err);
	else if (!root)
		err_set(err, STATUS_USAGE, "not JSON");
	return root;
}

static const cJSON *member(const cJSON *in, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(in, key);
}

static void complain(struct reader *r, const char *key)
{
	if (!r->wrong)
		r->wrong = key;
}

static const char *copy(struct reader *r, const cJSON *item, const char *key)
{
	if (!cJSON_IsString(item)) {
		complain(r, key);
		return "";
	}
	return arena_str(r->arena, slice_str(item->valuestring));
}

static const char *get_text(struct reader *r, const cJSON *in, const char *key)
{
	return copy(r, member(in, key), key);
}

/* Absent and null give NULL: later versions may add such members, earlier ones have none. */
static const char *get_text_or_null(struct reader *r, const cJSON *in, const char *key)
{
	const cJSON *item = member(in, key);

	return !item || cJSON_IsNull(item) ? NULL : copy(r, item, key);
}

static size_t get_size(struct reader *r, const cJSON *in, const char *key)
{
	const cJSON *item = member(in, key);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 9007199254740991.0)) {
		complain(r, key);
		return 0;
	}
	return (size_t)item->valuedouble;
}

static size_t get_size_or(struct reader *r, const cJSON *in, const char *key, size_t otherwise)
{
	return member(in, key) ? get_size(r, in, key) : otherwise;
}

static bool get_bool(struct reader *r, const cJSON *in, const char *key)
{
	const cJSON *item = member(in, key);

	if (!cJSON_IsBool(item))
		complain(r, key);
	return cJSON_IsTrue(item);
}

/* The object at key; NULL when it is null. */
static const cJSON *get_object(struct reader *r, const cJSON *in, const char *key)
{
	const cJSON *item = member(in, key);

	if (!item || !(cJSON_IsObject(item) || cJSON_IsNull(item)))
		complain(r, key);
	return cJSON_IsObject(item) ? item : NULL;
}

/* The first item of the array at key, and how many there are. */
static const cJSON *get_array(struct reader *r, const cJSON *in, const char *key, size_t *n)
{
	const cJSON *array = member(in, key);

	*n = 0;
	if (!cJSON_IsArray(array)) {
		complain(r, key);
		return NULL;
	}
	for (const cJSON *i = array->child; i; i = i->next)
		++*n;
	return array->child;
}

static unsigned rank_of(const char *rule)
{
	enum rule_id id;

	return rule_parse(slice_str(rule), &id) ? id : RULE_COUNT;
}

static const struct view_object *read_object(struct reader *r, const cJSON *in)
{
	const cJSON *item = get_object(r, in, "object");
	struct view_object *o = item ? ARENA_NEW(r->arena, struct view_object) : NULL;

	if (!o)
		return NULL;
	o->api_version = get_text(r, item, "apiVersion");
	o->kind = get_text(r, item, "kind");
	o->ns = get_text(r, item, "namespace");
	o->name = get_text(r, item, "name");
	return o;
}

static void read_excerpt(struct reader *r, const cJSON *in, struct view_excerpt *e)
{
	const cJSON *item = member(in, "excerpt");
	const char *text;
	size_t column;

	if (!item || cJSON_IsNull(item))
		return;
	text = get_text(r, item, "text");
	column = get_size(r, item, "column");
	/* Written clean and short, but who knows by whom: cut and cleaned again. */
	excerpt_make(e, r->arena, slice_str(text), column, get_size(r, item, "length"));
}

static void read_finding(struct reader *r, const cJSON *in, struct view_finding *f)
{
	const cJSON *item = get_object(r, in, "excepted"), *fix;
	size_t n;

	f->rule = get_text(r, in, "rule");
	f->rank = rank_of(f->rule);
	if (!severity_parse(slice_str(get_text(r, in, "severity")), &f->severity))
		complain(r, "severity");
	f->patched = get_bool(r, in, "patched");
	f->patchable = get_bool(r, in, "patchable");
	if (item) {
		f->reason = get_text(r, item, "reason");
		f->expires = get_text(r, item, "expires");
	}
	f->object = read_object(r, in);
	f->source = get_text(r, in, "source");
	f->path = get_text(r, in, "path");
	f->input = get_text_or_null(r, in, "input");
	if (!f->input)
		f->input = "";
	f->line = get_size(r, in, "line");
	f->column = get_size(r, in, "column");
	f->end_column = get_size_or(r, in, "endColumn", 0);
	if (f->end_column && f->end_column < f->column)
		complain(r, "endColumn");
	read_excerpt(r, in, &f->excerpt);
	f->message = get_text(r, in, "message");
	f->found = get_text(r, in, "found");
	f->expected = get_text(r, in, "expected");
	f->not_patched = get_text_or_null(r, in, "notPatched");
	f->fingerprint = get_text(r, in, "fingerprint");
	f->cause = "";
	f->chart_fault = cJSON_IsTrue(member(in, "chartFault"));
	fix = get_array(r, in, "fix", &n);
	f->fixes = arena_alloc(r->arena, n * sizeof(*f->fixes));
	for (; fix && f->fixes; fix = fix->next)
		f->fixes[f->fixes_n++] = copy(r, fix, "fix");
}

static void read_edit(struct reader *r, const cJSON *in, struct view_edit *e)
{
	e->rule = get_text(r, in, "rule");
	e->rank = rank_of(e->rule);
	e->object = read_object(r, in);
	e->path = get_text(r, in, "path");
	if (!operation_parse(get_text(r, in, "operation"), &e->operation))
		complain(r, "operation");
	e->line = get_size(r, in, "line");
}

/* What later versions added: a report of an earlier one has none of it. */
static void read_scope(struct reader *r, const cJSON *root, struct report_view *v)
{
	const cJSON *item = NULL;
	const char *fail_on = get_text_or_null(r, root, "failOn");
	enum rule_id rule;
	size_t n = 0;

	v->warnings_count = fail_on && strcmp(fail_on, "warning") == 0;
	v->exit_code = (int)get_size_or(r, root, "exitCode", (size_t)verdict_exit_code(v->verdict));
	if (v->exit_code < 0 || v->exit_code > 255)
		complain(r, "exitCode");
	if (member(root, "rules"))
		item = get_array(r, root, "rules", &n);
	for (; item; item = item->next)
		if (rule_parse(slice_str(copy(r, item, "rules")), &rule))
			v->ran[rule] = true;
	n = 0;
	item = member(root, "unread") ? get_array(r, root, "unread", &n) : NULL;
	v->unread = arena_alloc(r->arena, n * sizeof(*v->unread));
	for (; item && v->unread; item = item->next)
		v->unread[v->unread_n++] = copy(r, item, "unread");
}

/* Reports of earlier builds do not have it. */
static void read_installation(struct reader *r, const cJSON *root, struct report_view *v)
{
	const cJSON *in = member(root, "installation") ? get_object(r, root, "installation") : NULL;
	struct installation *i = in ? ARENA_NEW(r->arena, struct installation) : NULL;

	if (!i)
		return;
	*i = (struct installation){.release = get_text_or_null(r, in, "release"),
				   .ns = get_text_or_null(r, in, "namespace"),
				   .chart = get_text_or_null(r, in, "chart"),
				   .version = get_text_or_null(r, in, "chartVersion"),
				   .mode = get_text_or_null(r, in, "mode"),
				   .storage_class = get_text_or_null(r, in, "storageClassName"),
				   .claims = get_size(r, in, "claims"),
				   .policy = get_text_or_null(r, in, "policy"),
				   .date = get_text_or_null(r, in, "date")};
	v->installation = i;
}

static void read_head(struct reader *r, const cJSON *root, struct report_view *v)
{
	const cJSON *stream = get_object(r, root, "stream");
	const char *verdict = get_text(r, root, "verdict"), *flavour = get_text(r, stream, "flavour");
	unsigned i;

	for (i = VERDICT_COMPLIANT; i <= VERDICT_UNREADABLE && strcmp(verdict, verdict_name((enum verdict)i)) != 0; i++)
		;
	if (i > VERDICT_UNREADABLE)
		complain(r, "verdict");
	else
		v->verdict = (enum verdict)i;
	for (i = FLAVOUR_HELM3; i < FLAVOUR_PLAIN && strcmp(flavour, flavour_name((enum flavour)i)) != 0; i++)
		;
	v->flavour = (enum flavour)i; /* one of a later version is plain to this one */
	read_installation(r, root, v);
	v->hooks_visible = strcmp(get_text(r, stream, "hooks"), "visible") == 0;
	v->bytes = get_size(r, stream, "bytes");
	v->documents = get_size(r, stream, "documents");
	v->objects = get_size(r, stream, "objects");
}

/* Which findings belong together, and which of them says it best. Indices are examined before they are used. */
static void read_causes(struct reader *r, const cJSON *root, struct report_view *v)
{
	size_t n = 0, number = 0;
	const cJSON *item = member(root, "causes") ? get_array(r, root, "causes", &n) : NULL;

	for (; item && !r->wrong; item = item->next) {
		size_t head = get_size(r, item, "finding"), members;
		const char *name = arena_printf(r->arena, "%zu", number++);

		for (const cJSON *i = get_array(r, item, "findings", &members); i && name; i = i->next) {
			if (!cJSON_IsNumber(i) || !(i->valuedouble >= 0 && i->valuedouble < (double)v->findings_n)) {
				complain(r, "causes");
				return;
			}
			v->findings[(size_t)i->valuedouble].cause = name;
			v->findings[(size_t)i->valuedouble].depth = (size_t)i->valuedouble == head;
		}
	}
}

static void read_lists(struct reader *r, const cJSON *root, struct report_view *v)
{
	const cJSON *item;
	size_t n;

	item = get_array(r, root, "findings", &n);
	v->findings = arena_alloc(r->arena, n * sizeof(*v->findings));
	for (; item && v->findings && !r->wrong; item = item->next)
		read_finding(r, item, &v->findings[v->findings_n++]);
	read_causes(r, root, v);
	item = get_array(r, root, "edits", &n);
	v->edits = arena_alloc(r->arena, n * sizeof(*v->edits));
	for (; item && v->edits && !r->wrong; item = item->next)
		read_edit(r, item, &v->edits[v->edits_n++]);
}

int view_from_json(struct report_view *v, const struct buf *json, struct err *err)
{
	struct reader r = {.arena = &v->arena};
	cJSON *root = NULL;

	memset(v, 0, sizeof(*v));
	v->arena = ARENA_INIT((size_t)1 << 30);
	v->program = "pxb-fed";
	v->milliseconds = -1;
	root = parse(json, err);
	if (!root)
		return err->status;
	switch (get_size(&r, root, "schema")) {
	case 2:
		break;
	case 1:
		cJSON_Delete(root);
		return err_set(err, STATUS_USAGE,
			       "it has schema 1 and was written by an earlier build; run the command again");
	default:
		cJSON_Delete(root);
		return err_set(err, STATUS_USAGE, "'schema' is not 2, the only one this version reads");
	}
	read_head(&r, root, v);
	read_lists(&r, root, v);
	read_scope(&r, root, v);
	cJSON_Delete(root);
	if (arena_failed(&v->arena))
		return err_nomem(err);
	return r.wrong ? err_set(err, STATUS_USAGE, "'%s' is not what the schema says", r.wrong) : 0;
}
