/*
 * json.c: a view as JSON, the contract with programs (docs/report.schema.json). The same report gives the same bytes.
 */
#include "report/view.h"

#include <cjson/cJSON.h>

/* cJSON tells a failed allocation by NULL and forgets it; a writer remembers. */
struct writer {
	bool failed;
};

static void check(struct writer *w, const cJSON *item)
{
	w->failed |= !item;
}

static void put_text(struct writer *w, cJSON *in, const char *key, const char *text)
{
	check(w, cJSON_AddStringToObject(in, key, text));
}

static void put_text_or_null(struct writer *w, cJSON *in, const char *key, const char *text)
{
	check(w, text ? cJSON_AddStringToObject(in, key, text) : cJSON_AddNullToObject(in, key));
}

/* As text: cJSON's own numbers are doubles. */
static void put_size(struct writer *w, cJSON *in, const char *key, size_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", n);
	check(w, cJSON_AddRawToObject(in, key, text));
}

static void put_bool(struct writer *w, cJSON *in, const char *key, bool b)
{
	check(w, cJSON_AddBoolToObject(in, key, b));
}

static cJSON *put_object(struct writer *w, cJSON *in, const char *key)
{
	cJSON *item = cJSON_AddObjectToObject(in, key);

	check(w, item);
	return item;
}

static cJSON *put_array(struct writer *w, cJSON *in, const char *key)
{
	cJSON *item = cJSON_AddArrayToObject(in, key);

	check(w, item);
	return item;
}

static cJSON *append(struct writer *w, cJSON *array, cJSON *item)
{
	if (item && cJSON_AddItemToArray(array, item))
		return item;
	cJSON_Delete(item);
	w->failed = true;
	return NULL;
}

static void write_object(struct writer *w, cJSON *in, const struct view_object *o)
{
	cJSON *item;

	if (!o) {
		check(w, cJSON_AddNullToObject(in, "object"));
		return;
	}
	item = put_object(w, in, "object");
	put_text(w, item, "apiVersion", o->api_version);
	put_text(w, item, "kind", o->kind);
	put_text(w, item, "namespace", o->ns);
	put_text(w, item, "name", o->name);
}

static void write_exception(struct writer *w, cJSON *in, const struct view_finding *f)
{
	cJSON *item;

	if (!f->expires) {
		check(w, cJSON_AddNullToObject(in, "excepted"));
		return;
	}
	item = put_object(w, in, "excepted");
	put_text(w, item, "reason", f->reason);
	put_text(w, item, "expires", f->expires);
}

static void write_excerpt(struct writer *w, cJSON *in, const struct view_excerpt *e)
{
	cJSON *item;

	if (!e->text) {
		check(w, cJSON_AddNullToObject(in, "excerpt"));
		return;
	}
	item = put_object(w, in, "excerpt");
	put_text(w, item, "text", e->text);
	put_size(w, item, "column", e->column);
	put_size(w, item, "length", e->length);
}

static void write_finding(struct writer *w, cJSON *array, const struct view_finding *f)
{
	cJSON *in = append(w, array, cJSON_CreateObject()), *mends;

	put_text(w, in, "rule", f->rule);
	put_text(w, in, "severity", severity_name(f->severity));
	put_bool(w, in, "patched", f->patched);
	put_bool(w, in, "patchable", f->patchable);
	write_exception(w, in, f);
	write_object(w, in, f->object);
	put_text(w, in, "source", f->source);
	put_text(w, in, "path", f->path);
	put_size(w, in, "line", f->line);
	put_size(w, in, "column", f->column);
	put_text(w, in, "message", f->message);
	put_text(w, in, "found", f->found);
	put_text(w, in, "expected", f->expected);
	mends = put_array(w, in, "mend");
	for (size_t i = 0; i < f->mends_n; i++)
		append(w, mends, cJSON_CreateString(f->mends[i]));
	put_text(w, in, "fingerprint", f->fingerprint);
	put_text(w, in, "input", f->input);
	put_text_or_null(w, in, "notPatched", f->not_patched);
	write_excerpt(w, in, &f->excerpt);
}

static void write_edit(struct writer *w, cJSON *array, const struct view_edit *e)
{
	cJSON *in = append(w, array, cJSON_CreateObject());

	put_text(w, in, "rule", e->rule);
	write_object(w, in, e->object);
	put_text(w, in, "path", e->path);
	put_text(w, in, "operation", operation_name(e->operation));
	put_size(w, in, "line", e->line);
}

static void write_head(struct writer *w, cJSON *root, const struct report_view *v)
{
	cJSON *in;

	put_size(w, root, "schema", 1);
	in = put_object(w, root, "tool");
	put_text(w, in, "name", "pxb-fed");
	put_text(w, in, "version", PXB_VERSION);
	put_text(w, root, "verdict", verdict_name(v->verdict));
	in = put_object(w, root, "stream");
	put_text(w, in, "flavour", flavour_name(v->flavour));
	put_text(w, in, "hooks", v->hooks_visible ? "visible" : "hidden");
	put_size(w, in, "bytes", v->bytes);
	put_size(w, in, "documents", v->documents);
	put_size(w, in, "objects", v->objects);
}

int view_to_json(const struct report_view *v, struct buf *out, struct err *err)
{
	struct writer w = {false};
	cJSON *root = cJSON_CreateObject(), *array;
	char *text = NULL;

	check(&w, root);
	write_head(&w, root, v);
	array = put_array(&w, root, "findings");
	for (size_t i = 0; i < v->findings_n && !w.failed; i++)
		write_finding(&w, array, &v->findings[i]);
	array = put_array(&w, root, "edits");
	for (size_t i = 0; i < v->edits_n && !w.failed; i++)
		write_edit(&w, array, &v->edits[i]);
	if (!w.failed)
		text = cJSON_Print(root);
	cJSON_Delete(root);
	if (text) {
		buf_adds(out, text);
		buf_addc(out, '\n');
	}
	w.failed |= !text || out->failed;
	cJSON_free(text);
	return w.failed ? err_nomem(err) : 0;
}

int report_json(const struct report *r, struct buf *out, struct err *err)
{
	cleanup_view struct report_view v;
	int rc = view_from_report(&v, r, err);

	return rc < 0 ? rc : view_to_json(&v, out, err);
}

const char *report_json_library(void)
{
	return cJSON_Version();
}
