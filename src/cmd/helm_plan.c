/*
 * helm_plan.c: what --plan prints: what would be installed, changed and patched, as text or, with Helm's `-o json`, as
 * JSON.
 */
#include "cmd/helm_run.h"
#include "helm/checked.h"
#include "helm/plan.h"
#include "report/json_write.h"

/* --- text ------------------------------------------------------------------------------------------------------ */

static void put_edits(struct helm_run *r, struct buf *out)
{
	const struct edit_plan *p = &r->pass.plan;

	for (size_t i = 0; i < p->edits.n; i++) {
		const struct edit *e = &p->edits.v[i];

		if (i == 0)
			buf_adds(out, "  patched by the gate\n");
		buf_addf(out, "    %s %s: %s\n", e->operation, object_title(&r->pass.release, e->object), e->path);
	}
}

struct changes {
	struct helm_run *run;
	struct buf *out;       /* of text */
	struct json_writer *w; /* of JSON */
	cJSON **lists;	       /* by enum checked_change */
	size_t n;
};

/* The release that an upgrade is compared with; NULL: there is none. */
static const struct installed *compared_with(const struct helm_run *r)
{
	const struct installed *there = r->line.command == HELM_UPGRADE ? helm_find_release(r) : NULL;

	return there && there->state ? there : NULL;
}

static int find_changes(struct changes *c, const struct installed *there, checked_fn fn, struct err *err)
{
	cleanup_buf struct buf list = BUF_INIT((size_t)256 << 20);

	if (checked_list(&there->state->release, NULL, &list, err) < 0 ||
	    checked_compare(buf_slice(&list), &c->run->pass.release, fn, c, err) < 0)
		return err->status;
	return 0;
}

/* Helm keeps hooks apart from a release's manifest. */
static bool is_hook_title(struct release *r, struct slice title)
{
	for (size_t i = 0; i < r->objects.n; i++)
		if (r->objects.v[i]->is_hook && slice_is(title, object_title(r, r->objects.v[i])))
			return true;
	return false;
}

static void put_change(void *arg, enum checked_change change, struct slice title)
{
	static const char marks[] = {[CHECKED_CHANGED] = '~', [CHECKED_NEW] = '+', [CHECKED_MISSING] = '-'};
	struct changes *c = arg;

	if (change != CHECKED_MISSING && is_hook_title(&c->run->pass.release, title))
		return;
	c->n++;
	buf_addf(c->out, "    %c %s\n", marks[change], gate_show(&c->run->pass.gate, title));
}

/* What an upgrade adds (+), changes (~) and takes away (-). */
static int put_changes(struct helm_run *r, struct buf *out, struct err *err)
{
	const struct installed *there = compared_with(r);
	struct changes c = {r, out, NULL, NULL, 0};

	if (!there)
		return 0;
	buf_addf(out, "  changes from revision %s\n", there->revision);
	if (find_changes(&c, there, put_change, err) < 0)
		return err->status;
	if (!c.n)
		buf_adds(out, "    none\n");
	return 0;
}

static int put_text(struct helm_run *r, struct buf *out, struct err *err)
{
	bool refused = verdict_code(r->pass.gate.verdict) != EXIT_OK;

	buf_addf(out, "plan: %s %s into namespace %s, Helm %s%s\n", helm_command_name(r->line.command),
		 r->line.name ? r->line.name : "", r->ns, r->version, r->cluster ? "" : ", without a cluster");
	if (!refused && put_changes(r, out, err) < 0)
		return err->status;
	if (!refused || r->setup.verbose)
		plan_put(&r->pass.gate, out);
	put_edits(r, out);
	buf_addf(out, "  %s\n",
		 refused ? "refused: nothing of this would be installed" : verdict_name(r->pass.gate.verdict));
	return out->failed ? err_nomem(err) : 0;
}

/* --- JSON ------------------------------------------------------------------------------------------------------ */

static void put_object(struct helm_run *r, struct json_writer *w, cJSON *array, const struct object *o)
{
	struct gate *g = &r->pass.gate;
	cJSON *in = json_append_object(w, array);

	json_put_text(w, in, "apiVersion", gate_show(g, o->api_version));
	json_put_text(w, in, "kind", gate_show(g, o->kind));
	json_put_text_or_null(w, in, "namespace", o->ns.n ? gate_show(g, o->ns) : NULL);
	json_put_text(w, in, "name", gate_show(g, o->name));
	if (o->is_hook)
		json_put_text(w, in, "hook", gate_show(g, object_annotation(o, "helm.sh/hook")));
}

static void put_claim(struct helm_run *r, struct json_writer *w, cJSON *array, const struct claim *c)
{
	struct gate *g = &r->pass.gate;
	struct slice class_name = node_string(c->class_name),
		     size = node_text(node_real(node_at(c->spec, "resources/requests/storage")));
	cJSON *in = json_append_object(w, array);

	json_put_text(w, in, "object",
		      gate_printf(g, "%s/%s", gate_show(g, c->object->kind), gate_show(g, c->object->name)));
	json_put_text_or_null(w, in, "template", c->kind == CLAIM_TEMPLATE ? gate_show(g, c->name) : NULL);
	json_put_text_or_null(w, in, "storageClassName", class_name.n ? gate_show(g, class_name) : NULL);
	json_put_text_or_null(w, in, "size", size.n ? gate_show(g, size) : NULL);
	json_put_bool(w, in, "hook", c->object->is_hook);
}

static void put_release(struct helm_run *r, struct json_writer *w, cJSON *root)
{
	const struct release *release = &r->pass.release;
	cJSON *objects = json_put_array(w, root, "objects"), *hooks = json_put_array(w, root, "hooks"),
	      *claims = json_put_array(w, root, "claims");

	for (size_t i = 0; i < release->objects.n; i++)
		if (!release->objects.v[i]->owner)
			put_object(r, w, release->objects.v[i]->is_hook ? hooks : objects, release->objects.v[i]);
	for (size_t i = 0; i < release->claims.n; i++)
		if (!release->claims.v[i].object->owner)
			put_claim(r, w, claims, &release->claims.v[i]);
}

static void list_change(void *arg, enum checked_change change, struct slice title)
{
	struct changes *c = arg;

	if (change != CHECKED_MISSING && is_hook_title(&c->run->pass.release, title))
		return;
	json_append_text(c->w, c->lists[change], gate_show(&c->run->pass.gate, title));
}

static int list_changes(struct helm_run *r, struct json_writer *w, cJSON *root, struct err *err)
{
	const struct installed *there = compared_with(r);
	cJSON *in = there ? json_put_object(w, root, "changes") : NULL;
	cJSON *lists[3] = {NULL};
	struct changes c = {r, NULL, w, lists, 0};

	if (!there)
		return 0;
	json_put_text(w, in, "fromRevision", there->revision);
	lists[CHECKED_NEW] = json_put_array(w, in, "added");
	lists[CHECKED_CHANGED] = json_put_array(w, in, "changed");
	lists[CHECKED_MISSING] = json_put_array(w, in, "removed");
	return find_changes(&c, there, list_change, err);
}

static void list_edits(struct helm_run *r, struct json_writer *w, cJSON *root)
{
	const struct edit_plan *p = &r->pass.plan;
	cJSON *patches = json_put_array(w, root, "patches");

	for (size_t i = 0; i < p->edits.n; i++) {
		cJSON *in = json_append_object(w, patches);

		json_put_text(w, in, "operation", p->edits.v[i].operation);
		json_put_text(w, in, "object",
			      gate_show(&r->pass.gate,
					slice_str(object_title(&r->pass.release, p->edits.v[i].object))));
		json_put_text(w, in, "path", p->edits.v[i].path);
	}
}

static int put_json(struct helm_run *r, struct buf *out, struct err *err)
{
	struct json_writer w = {0};
	cJSON *root = cJSON_CreateObject();
	int rc;

	json_check(&w, root);
	json_put_size(&w, root, "schema", 1);
	json_put_text(&w, root, "command", helm_command_name(r->line.command));
	json_put_text_or_null(&w, root, "release", r->line.name);
	json_put_text(&w, root, "namespace", r->ns);
	json_put_text(&w, root, "helm", r->version);
	json_put_bool(&w, root, "cluster", r->cluster);
	json_put_text(&w, root, "verdict", verdict_name(r->pass.gate.verdict));
	rc = list_changes(r, &w, root, err);
	put_release(r, &w, root);
	list_edits(r, &w, root);
	if (json_print(&w, root, out, err) < 0)
		return err->status;
	return rc;
}

/* Helm's own -o, which says how the release would be printed. */
int helm_tell_plan(struct helm_run *r, struct buf *out, struct err *err)
{
	const char *form = helm_line_value(&r->line, "output");

	if (helm_ask_version(r, err) < 0)
		return err->status;
	return form && strcmp(form, "json") == 0 ? put_json(r, out, err) : put_text(r, out, err);
}
