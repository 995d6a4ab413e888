/*
 * json.c: a view as JSON, the contract with programs (docs/report.schema.json). The same report gives the same bytes.
 */
#include "report/format.h"
#include "report/json_write.h"
#include "report/outline.h"

static void write_object(struct json_writer *w, cJSON *in, const struct view_object *o)
{
	cJSON *item;

	if (!o) {
		json_check(w, cJSON_AddNullToObject(in, "object"));
		return;
	}
	item = json_put_object(w, in, "object");
	json_put_text(w, item, "apiVersion", o->api_version);
	json_put_text(w, item, "kind", o->kind);
	json_put_text(w, item, "namespace", o->ns);
	json_put_text(w, item, "name", o->name);
}

static void write_exception(struct json_writer *w, cJSON *in, const struct view_finding *f)
{
	cJSON *item;

	if (!f->expires) {
		json_check(w, cJSON_AddNullToObject(in, "excepted"));
		return;
	}
	item = json_put_object(w, in, "excepted");
	json_put_text(w, item, "reason", f->reason);
	json_put_text(w, item, "expires", f->expires);
}

static void write_excerpt(struct json_writer *w, cJSON *in, const struct view_excerpt *e)
{
	cJSON *item;

	if (!e->text) {
		json_check(w, cJSON_AddNullToObject(in, "excerpt"));
		return;
	}
	item = json_put_object(w, in, "excerpt");
	json_put_text(w, item, "text", e->text);
	json_put_size(w, item, "column", e->column);
	json_put_size(w, item, "length", e->length);
}

static void write_finding(struct json_writer *w, cJSON *array, const struct view_finding *f)
{
	cJSON *in = json_append_object(w, array), *fixes;

	json_put_text(w, in, "rule", f->rule);
	json_put_text(w, in, "severity", severity_name(f->severity));
	json_put_bool(w, in, "patched", f->patched);
	json_put_bool(w, in, "patchable", f->patchable);
	write_exception(w, in, f);
	write_object(w, in, f->object);
	json_put_text(w, in, "source", f->source);
	json_put_text(w, in, "path", f->path);
	json_put_size(w, in, "line", f->line);
	json_put_size(w, in, "column", f->column);
	json_put_text(w, in, "message", f->message);
	json_put_text(w, in, "found", f->found);
	json_put_text(w, in, "expected", f->expected);
	fixes = json_put_array(w, in, "fix");
	for (size_t i = 0; i < f->fixes_n; i++)
		json_append_text(w, fixes, f->fixes[i]);
	json_put_text(w, in, "fingerprint", f->fingerprint);
	json_put_text(w, in, "input", f->input);
	json_put_text_or_null(w, in, "notPatched", f->not_patched);
	write_excerpt(w, in, &f->excerpt);
	json_put_size(w, in, "endColumn", f->end_column);
	json_put_bool(w, in, "chartFault", f->chart_fault);
}

static void write_cause(struct json_writer *w, cJSON *array, const struct report_view *v, const struct view_cause *c)
{
	cJSON *in = json_append_object(w, array), *list;

	json_put_text(w, in, "rule", c->head->rule);
	json_put_text(w, in, "severity", severity_name(c->severity));
	json_put_text(w, in, "message", c->head->message);
	json_put_text(w, in, "fix", c->fix);
	json_put_size(w, in, "finding", (size_t)(c->head - v->findings));
	list = json_put_array(w, in, "findings");
	for (size_t i = 0; i < c->n; i++)
		json_append_size(w, list, (size_t)(c->all[i] - v->findings));
}

static void write_edit(struct json_writer *w, cJSON *array, const struct view_edit *e)
{
	cJSON *in = json_append_object(w, array);

	json_put_text(w, in, "rule", e->rule);
	write_object(w, in, e->object);
	json_put_text(w, in, "path", e->path);
	json_put_text(w, in, "operation", operation_name(e->operation));
	json_put_size(w, in, "line", e->line);
}

/* The rules that ran, and what could not be read: without them "no finding" would say nothing. */
static void write_scope(struct json_writer *w, cJSON *root, const struct report_view *v)
{
	cJSON *in = json_put_array(w, root, "rules");

	for (size_t i = 0; i < view_rules_n(v); i++)
		if (view_rule(v, i).ran)
			json_append_text(w, in, view_rule(v, i).id);
	json_put_text(w, root, "failOn", v->warnings_count ? "warning" : "error");
	in = json_put_array(w, root, "unread");
	for (size_t i = 0; i < v->unread_n; i++)
		json_append_text(w, in, v->unread[i]);
	json_put_size(w, root, "exitCode", (size_t)v->exit_code);
}

static void write_installation(struct json_writer *w, cJSON *in, const struct installation *i)
{
	json_put_text_or_null(w, in, "release", i->release);
	json_put_text_or_null(w, in, "namespace", i->ns);
	json_put_text_or_null(w, in, "chart", i->chart);
	json_put_text_or_null(w, in, "chartVersion", i->version);
	json_put_text_or_null(w, in, "mode", i->mode);
	json_put_text_or_null(w, in, "storageClassName", i->storage_class);
	json_put_size(w, in, "claims", i->claims);
	json_put_text_or_null(w, in, "policy", i->policy);
	json_put_text_or_null(w, in, "date", i->date);
}

static void write_head(struct json_writer *w, cJSON *root, const struct report_view *v)
{
	cJSON *in;

	json_put_size(w, root, "schema", 2);
	in = json_put_object(w, root, "tool");
	json_put_text(w, in, "name", "pxb-fed");
	json_put_text(w, in, "version", PXB_VERSION);
	json_put_text(w, root, "verdict", verdict_name(v->verdict));
	if (v->installation)
		write_installation(w, json_put_object(w, root, "installation"), v->installation);
	in = json_put_object(w, root, "stream");
	json_put_text(w, in, "flavour", flavour_name(v->flavour));
	json_put_text(w, in, "hooks", v->hooks_visible ? "visible" : "hidden");
	json_put_size(w, in, "bytes", v->bytes);
	json_put_size(w, in, "documents", v->documents);
	json_put_size(w, in, "objects", v->objects);
}

int view_to_json(struct report_view *v, struct buf *out, struct err *err)
{
	struct json_writer w = {false};
	cJSON *root = cJSON_CreateObject(), *array;
	size_t causes_n;
	const struct view_cause *causes = view_causes(v, &causes_n);

	json_check(&w, root);
	write_head(&w, root, v);
	array = json_put_array(&w, root, "findings");
	for (size_t i = 0; i < v->findings_n && !w.failed; i++)
		write_finding(&w, array, &v->findings[i]);
	array = json_put_array(&w, root, "causes");
	for (size_t i = 0; causes && i < causes_n && !w.failed; i++)
		write_cause(&w, array, v, &causes[i]);
	w.failed |= !causes;
	array = json_put_array(&w, root, "edits");
	for (size_t i = 0; i < v->edits_n && !w.failed; i++)
		write_edit(&w, array, &v->edits[i]);
	write_scope(&w, root, v);
	return json_print(&w, root, out, err);
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
