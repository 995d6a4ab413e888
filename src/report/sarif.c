/*
 * sarif.c: SARIF 2.1.0, for code scanning and editors.
 *
 * One result for each cause; the other places that it reaches are its related locations. Columns count characters and
 * ends are exclusive, as the log says of itself. Every result has a physical location, because code scanning refuses a
 * log with one that has none: what is in no file is placed in the first input, standard input is called "stdin".
 */
#include "report/format.h"
#include "report/json_write.h"
#include "report/outline.h"
#include "report/uri.h"
#include "rules/docs.h"

static const char schema[] =
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
static const char source_root[] = "%SRCROOT%";

/* Sorted, each once. */
struct names {
	const char **v;
	size_t n;
};

struct sarif {
	struct json_writer w;
	struct report_view *v;
	struct names inputs;  /* the artifacts; standard input is "" */
	const char *first;    /* the input of what is in no file */
	struct names foreign; /* rules of another version, behind our own */
};

/* --- names ----------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_names(struct names *names)
{
	size_t n = 0;

	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_text);
	for (size_t i = 0; i < names->n; i++)
		if (i == 0 || strcmp(names->v[i], names->v[i - 1]) != 0)
			names->v[n++] = names->v[i];
	names->n = n;
}

static size_t index_of(const struct names *names, const char *name)
{
	const char **at = names->n ? bsearch(&name, names->v, names->n, sizeof(*names->v), by_text) : NULL;

	return at ? (size_t)(at - names->v) : 0;
}

static const char *input_name(const struct view_finding *f)
{
	return input_is_stdin(f->input) ? "" : f->input;
}

static bool has_artifact(const struct view_finding *f)
{
	return (f->line || f->input[0]) && !input_is_option(f->input);
}

static const char *artifact_of(const struct sarif *s, const struct view_finding *f)
{
	return has_artifact(f) ? input_name(f) : s->first;
}

/* False when memory is short. */
static bool collect_names(struct sarif *s)
{
	const struct report_view *v = s->v;

	s->inputs.v = arena_alloc(&s->v->arena, (v->findings_n + 1) * sizeof(*s->inputs.v));
	s->foreign.v = arena_alloc(&s->v->arena, v->findings_n * sizeof(*s->foreign.v) + 1);
	if (!s->inputs.v || !s->foreign.v)
		return false;
	s->first = "";
	for (size_t i = v->findings_n; i-- > 0;)
		if (has_artifact(&v->findings[i]) && input_name(&v->findings[i])[0])
			s->first = input_name(&v->findings[i]);
	for (size_t i = 0; i < v->findings_n; i++) {
		s->inputs.v[s->inputs.n++] = artifact_of(s, &v->findings[i]);
		if (v->findings[i].rank >= view_rules_n(v))
			s->foreign.v[s->foreign.n++] = v->findings[i].rule;
	}
	sort_names(&s->inputs);
	sort_names(&s->foreign);
	return true;
}

/* --- rules ----------------------------------------------------------------------------------------------------- */

/* Paragraphs of 80 columns as one line each. */
static const char *unwrapped(struct arena *a, struct slice text)
{
	char *out = arena_bytes(a, text.n + 1);

	if (!out)
		return "";
	for (size_t i = 0; i < text.n; i++) {
		bool in_paragraph = text.p[i] == '\n' && i && text.p[i - 1] != '\n' && i + 1 < text.n &&
				    text.p[i + 1] != '\n' && text.p[i + 1] != ' ' && text.p[i + 1] != '-';

		out[i] = in_paragraph ? ' ' : text.p[i];
	}
	out[text.n] = '\0';
	return out;
}

static void put_message(struct sarif *s, cJSON *in, const char *key, const char *text)
{
	json_put_text(&s->w, json_put_object(&s->w, in, key), "text", text);
}

static void write_rule(struct sarif *s, cJSON *rules, const struct view_rule *info)
{
	cJSON *in = json_append_object(&s->w, rules), *help;
	const char *page = info->page, *demand;
	struct slice why;

	json_put_text(&s->w, in, "id", info->id);
	if (page) {
		demand = unwrapped(&s->v->arena, page_demand(page));
		why = page_section(page, "Why");
		put_message(s, in, "shortDescription", demand);
		put_message(s, in, "fullDescription", why.n ? unwrapped(&s->v->arena, why) : demand);
		help = json_put_object(&s->w, in, "help");
		json_put_text(&s->w, help, "text", page);
		json_put_text(&s->w, help, "markdown", page);
	}
	json_put_text(&s->w, json_put_object(&s->w, in, "defaultConfiguration"), "level",
		      severity_name(info->severity));
}

static void write_tool(struct sarif *s, cJSON *run)
{
	cJSON *driver = json_put_object(&s->w, json_put_object(&s->w, run, "tool"), "driver"), *rules;

	json_put_text(&s->w, driver, "name", "pxb-fed");
	json_put_text(&s->w, driver, "version", PXB_VERSION);
	json_put_text(&s->w, driver, "semanticVersion", PXB_VERSION);
	rules = json_put_array(&s->w, driver, "rules");
	for (size_t i = 0; i < view_rules_n(s->v); i++) {
		const struct view_rule rule = view_rule(s->v, i);

		write_rule(s, rules, &rule);
	}
	for (size_t i = 0; i < s->foreign.n; i++)
		json_put_text(&s->w, json_append_object(&s->w, rules), "id", s->foreign.v[i]);
}

/* --- places ---------------------------------------------------------------------------------------------------- */

/* Relative to the folder in which the program ran; what leaves it, and absolute paths, have no base. */
static void put_address(struct sarif *s, cJSON *in, const char *input)
{
	cleanup_buf struct buf uri = BUF_TEXT;

	if (uri_of_path(slice_str(input[0] ? input : "stdin"), &uri) == URI_BELOW)
		json_put_text(&s->w, in, "uriBaseId", source_root);
	json_put_text(&s->w, in, "uri", buf_str(&uri));
	s->w.failed |= uri.failed;
}

static void write_artifacts(struct sarif *s, cJSON *run)
{
	cJSON *artifacts = json_put_array(&s->w, run, "artifacts"), *in;

	for (size_t i = 0; i < s->inputs.n; i++) {
		in = json_append_object(&s->w, artifacts);
		put_address(s, json_put_object(&s->w, in, "location"), s->inputs.v[i]);
		if (!s->inputs.v[i][0])
			put_message(s, in, "description", "standard input");
		json_append_text(&s->w, json_put_array(&s->w, in, "roles"), "analysisTarget");
		json_put_text(&s->w, in, "sourceLanguage", "yaml");
	}
}

static void write_region(struct sarif *s, cJSON *in, const struct view_finding *f)
{
	cJSON *region = json_put_object(&s->w, in, "region");

	json_put_size(&s->w, region, "startLine", f->line ? f->line : 1);
	if (!f->line)
		return;
	if (f->column)
		json_put_size(&s->w, region, "startColumn", f->column);
	if (f->column && f->end_column) {
		json_put_size(&s->w, region, "endLine", f->line);
		json_put_size(&s->w, region, "endColumn", f->end_column);
	}
}

static void write_physical(struct sarif *s, cJSON *location, const struct view_finding *f)
{
	cJSON *physical = json_put_object(&s->w, location, "physicalLocation"),
	      *artifact = json_put_object(&s->w, physical, "artifactLocation");

	put_address(s, artifact, artifact_of(s, f));
	json_put_size(&s->w, artifact, "index", index_of(&s->inputs, artifact_of(s, f)));
	write_region(s, physical, f);
}

/* "apps/v1/Deployment/central/px-backup", and below it the path in the object. */
static void write_logical(struct sarif *s, cJSON *location, const struct view_finding *f)
{
	const struct view_object *o = f->object;
	struct arena *a = &s->v->arena;
	cJSON *logical, *in;
	const char *full;

	if (!o)
		return;
	full = arena_printf(a, "%s%s%s/%s%s%s", o->api_version, o->api_version[0] ? "/" : "", o->kind, o->ns,
			    o->ns[0] ? "/" : "", o->name);
	logical = json_put_array(&s->w, location, "logicalLocations");
	in = json_append_object(&s->w, logical);
	json_put_text(&s->w, in, "name", o->name);
	json_put_text(&s->w, in, "fullyQualifiedName", full);
	json_put_text(&s->w, in, "kind", "resource");
	if (!f->path[0])
		return;
	in = json_append_object(&s->w, logical);
	json_put_text(&s->w, in, "name", f->path);
	json_put_text(&s->w, in, "fullyQualifiedName", arena_printf(a, "%s#%s", full, f->path));
	json_put_text(&s->w, in, "kind", "member");
}

/* --- results --------------------------------------------------------------------------------------------------- */

/* The whole advice: viewers show the message and little else. */
static void write_message(struct sarif *s, cJSON *result, const struct view_cause *c)
{
	const struct view_finding *f = c->head;
	cleanup_buf struct buf text = BUF_TEXT;

	buf_addf(&text, "%s%s", f->message, f->patched ? " (repaired in what was passed on)" : "");
	if (c->n > 1)
		buf_addf(&text, "\n%zu more place%s", c->n - 1, c->n == 2 ? "" : "s");
	if (f->not_patched)
		buf_addf(&text, "\nnot patched: %s", f->not_patched);
	for (size_t i = 0; i < f->fixes_n; i++)
		buf_addf(&text, "\nfix: %s", f->fixes[i]);
	put_message(s, result, "message", buf_str(&text));
	s->w.failed |= text.failed;
}

/* An empty list says "not suppressed", an absent one nothing. */
static void write_suppressions(struct sarif *s, cJSON *result, const struct view_finding *f)
{
	cJSON *list = json_put_array(&s->w, result, "suppressions"), *in;

	if (!f->expires)
		return;
	in = json_append_object(&s->w, list);
	json_put_text(&s->w, in, "kind", "external");
	json_put_text(&s->w, in, "status", "accepted");
	json_put_text(&s->w, in, "justification", arena_printf(&s->v->arena, "%s (until %s)", f->reason, f->expires));
}

static void write_properties(struct sarif *s, cJSON *result, const struct view_finding *f)
{
	cJSON *in = json_put_object(&s->w, result, "properties"), *fixes;

	json_put_text(&s->w, in, "template", f->source);
	json_put_text(&s->w, in, "path", f->path);
	json_put_text(&s->w, in, "found", f->found);
	json_put_text(&s->w, in, "expected", f->expected);
	json_put_bool(&s->w, in, "patched", f->patched);
	json_put_bool(&s->w, in, "patchable", f->patchable);
	fixes = json_put_array(&s->w, in, "fix");
	for (size_t i = 0; i < f->fixes_n; i++)
		json_append_text(&s->w, fixes, f->fixes[i]);
}

/* An option of the command line stands in no file. */
static void write_option(struct sarif *s, cJSON *location, const struct view_finding *f)
{
	cJSON *in;

	if (!input_is_option(f->input))
		return;
	in = json_append_object(&s->w, json_put_array(&s->w, location, "logicalLocations"));
	json_put_text(&s->w, in, "fullyQualifiedName", f->input);
	json_put_text(&s->w, in, "kind", "parameter");
}

static void write_location(struct sarif *s, cJSON *list, const struct view_finding *f)
{
	cJSON *location = json_append_object(&s->w, list);

	write_physical(s, location, f);
	write_logical(s, location, f);
	write_option(s, location, f);
}

/* The other places of the cause, each with its own words: viewers list them below the result. */
static void write_related(struct sarif *s, cJSON *in, const struct view_cause *c)
{
	cJSON *list = c->n > 1 ? json_put_array(&s->w, in, "relatedLocations") : NULL, *location;
	size_t id = 0;

	for (size_t i = 0; i < c->n && c->n > 1; i++) {
		if (c->all[i] == c->head)
			continue;
		location = json_append_object(&s->w, list);
		json_put_size(&s->w, location, "id", ++id);
		put_message(s, location, "message", c->all[i]->message);
		write_physical(s, location, c->all[i]);
		write_logical(s, location, c->all[i]);
	}
}

static void write_result(struct sarif *s, cJSON *results, const struct view_cause *c)
{
	const struct view_finding *f = c->head;
	cJSON *in = json_append_object(&s->w, results);

	json_put_text(&s->w, in, "ruleId", f->rule);
	json_put_size(&s->w, in, "ruleIndex",
		      f->rank < view_rules_n(s->v) ? f->rank : view_rules_n(s->v) + index_of(&s->foreign, f->rule));
	json_put_text(&s->w, in, "level", severity_name(c->severity));
	write_message(s, in, c);
	write_location(s, json_put_array(&s->w, in, "locations"), f);
	write_related(s, in, c);
	json_put_text(&s->w, json_put_object(&s->w, in, "partialFingerprints"), "pxbFedFinding/v1", f->fingerprint);
	write_suppressions(s, in, f);
	write_properties(s, in, f);
}

/* --- the run --------------------------------------------------------------------------------------------------- */

static void write_invocation(struct sarif *s, cJSON *run)
{
	cJSON *in = json_append_object(&s->w, json_put_array(&s->w, run, "invocations")), *notes, *note;
	const struct report_view *v = s->v;

	json_put_bool(&s->w, in, "executionSuccessful", v->unread_n == 0);
	json_put_size(&s->w, in, "exitCode", (size_t)v->exit_code);
	json_put_text(&s->w, in, "exitCodeDescription", verdict_name(v->verdict));
	notes = json_put_array(&s->w, in, "toolExecutionNotifications");
	for (size_t i = 0; i < v->unread_n; i++) {
		note = json_append_object(&s->w, notes);
		json_put_text(&s->w, note, "level", "error");
		put_message(s, note, "message", v->unread[i]);
	}
}

static void write_base(struct sarif *s, cJSON *run)
{
	cJSON *in = json_put_object(&s->w, json_put_object(&s->w, run, "originalUriBaseIds"), source_root);

	put_message(s, in, "description", "the folder in which pxb-fed ran");
}

static void write_run(struct sarif *s, cJSON *run)
{
	cJSON *results;
	size_t n;
	const struct view_cause *causes = view_causes(s->v, &n);

	s->w.failed |= !causes;
	write_tool(s, run);
	write_invocation(s, run);
	write_base(s, run);
	json_put_text(&s->w, run, "columnKind", "unicodeCodePoints");
	write_artifacts(s, run);
	results = json_put_array(&s->w, run, "results");
	for (size_t i = 0; causes && i < n && !s->w.failed; i++)
		write_result(s, results, &causes[i]);
}

int view_to_sarif(struct report_view *v, struct buf *out, struct err *err)
{
	struct sarif s = {.v = v};
	cJSON *root;

	if (!collect_names(&s))
		return err_nomem(err);
	root = cJSON_CreateObject();
	json_check(&s.w, root);
	json_put_text(&s.w, root, "$schema", schema);
	json_put_text(&s.w, root, "version", "2.1.0");
	write_run(&s, json_append_object(&s.w, json_put_array(&s.w, root, "runs")));
	s.w.failed |= arena_failed(&v->arena);
	return json_print(&s.w, root, out, err);
}
