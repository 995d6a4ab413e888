/*
 * view.c: a settled gate as a view. What the JSON contract promises of a report is made true here, once.
 */
#include "report/view.h"

#include "credentials/path.h"
#include "report/chars.h"
#include "rules/docs.h"

static const char *const operation_names[OPERATIONS] = {"set", "insert", "delete"};

const char *operation_name(enum view_operation op)
{
	return operation_names[op];
}

bool operation_parse(const char *name, enum view_operation *out)
{
	for (unsigned i = 0; i < OPERATIONS; i++) {
		if (strcmp(name, operation_names[i]) == 0) {
			*out = (enum view_operation)i;
			return true;
		}
	}
	return false;
}

_Static_assert((int)RULE_COUNT < (int)RANKS_MAX, "a rank is an index of tables of this size");

size_t view_rules_n(const struct report_view *v)
{
	return v->kinds ? v->kinds_n : RULE_COUNT;
}

struct view_rule view_rule(const struct report_view *v, size_t i)
{
	if (v->kinds)
		return v->kinds[i];
	return (struct view_rule){rule_infos[i].id, rule_page(rule_infos[i].id), rule_infos[i].severity, v->ran[i]};
}

int verdict_exit_code(enum verdict v)
{
	return v == VERDICT_REFUSED ? 1 : v == VERDICT_UNREADABLE ? 3 : 0;
}

void view_release(struct report_view *v)
{
	arena_release(&v->arena);
	memset(v, 0, sizeof(*v));
}

/* File names may hold any byte; JSON and YAML may not. */
static const char *copy(struct report_view *v, struct slice s)
{
	struct buf fixed = BUF_TEXT;
	const char *text;
	bool bad = false;
	uint32_t c;

	for (size_t i = 0; i < s.n;)
		i += utf8_next(slice_from(s, i), &c, &bad);
	if (!bad)
		return arena_str(&v->arena, s);
	for (size_t i = 0, n; i < s.n; i += n) {
		bad = false;
		n = utf8_next(slice_from(s, i), &c, &bad);
		buf_add(&fixed, bad ? SLICE("\xef\xbf\xbd") : slice_of(s.p + i, n));
	}
	text = arena_str(&v->arena, buf_slice(&fixed));
	v->arena.failed |= fixed.failed;
	buf_release(&fixed);
	return text;
}

const char *view_text(struct report_view *v, const char *s)
{
	return copy(v, slice_str(s));
}

static const struct view_object *names_of(struct report_view *v, const struct object_names *n)
{
	struct view_object *out = ARENA_NEW(&v->arena, struct view_object);

	if (out)
		*out = (struct view_object){view_text(v, n->api_version), view_text(v, n->kind), view_text(v, n->ns),
					    view_text(v, n->name)};
	return out;
}

static const char *name_of(struct report_view *v, struct slice name)
{
	return credential_name_is_secret(name) ? "***" : copy(v, name);
}

/* Of an object that was changed. */
static const struct view_object *object_of(struct report_view *v, const struct object *o)
{
	struct view_object *out = o ? ARENA_NEW(&v->arena, struct view_object) : NULL;

	if (out)
		*out = (struct view_object){name_of(v, o->api_version), name_of(v, o->kind), name_of(v, o->ns),
					    name_of(v, o->name)};
	return out;
}

/* Never empty for an error: a rule that has no better advice points to its page. */
static void fill_fixes(struct report_view *v, struct view_finding *to, const struct finding *f)
{
	to->fixes = arena_alloc(&v->arena, (f->fixes.n + 1) * sizeof(*to->fixes));
	if (!to->fixes)
		return;
	for (size_t i = 0; i < f->fixes.n; i++)
		to->fixes[to->fixes_n++] = view_text(v, f->fixes.v[i]);
	if (to->fixes_n == 0 && f->severity == SEVERITY_ERROR)
		to->fixes[to->fixes_n++] = arena_printf(&v->arena, "See '%s explain %s'.", v->program, to->rule);
}

/* Where the underlined part ends, exclusive; 0 where only a point is known, as of what the reader stumbled over. */
static size_t end_column(const struct place *p)
{
	size_t end = p->column + (p->empty ? 0 : p->length), last = p->width + 1;

	if (!p->line || !p->column || (!p->text.n && p->length < 2))
		return 0;
	if (p->text.n && end > last)
		end = last;
	return end > p->column ? end : p->column;
}

static void fill_finding(struct report_view *v, struct view_finding *to, const struct finding *f)
{
	to->rule = rule_infos[f->rule].id;
	to->rank = f->rule;
	to->severity = f->severity;
	to->patched = f->patched && v->verdict == VERDICT_PATCHED;
	to->patchable = f->patchable;
	if (f->excepted) {
		to->reason = copy(v, f->excepted->reason);
		to->expires = view_text(v, f->excepted->expires);
	}
	to->object = f->names ? names_of(v, f->names) : object_of(v, f->object);
	to->source = view_text(v, f->source);
	to->path = view_text(v, f->path);
	to->input = view_text(v, f->place.input);
	to->line = f->place.line;
	to->column = f->place.column;
	to->end_column = end_column(&f->place);
	if (f->show_line && f->place.line)
		excerpt_make(&to->excerpt, &v->arena, f->place.text, f->place.column, f->place.length);
	to->message = view_text(v, f->message);
	to->found = view_text(v, f->found);
	to->expected = view_text(v, f->expected);
	to->not_patched = f->not_patched ? view_text(v, f->not_patched) : NULL;
	fill_fixes(v, to, f);
	to->fingerprint = view_text(v, f->fingerprint);
	to->cause = view_text(v, f->cause);
	to->depth = f->depth;
	to->chart_fault = f->chart_fault;
}

static void fill_edit(struct report_view *v, struct view_edit *to, const struct edit *e)
{
	to->rule = rule_infos[e->rule].id;
	to->rank = e->rule;
	to->object = object_of(v, e->object);
	to->path = view_text(v, e->path);
	to->line = e->line;
	if (!operation_parse(e->operation, &to->operation))
		to->operation = OPERATION_SET;
}

static const char *text_or_null(struct report_view *v, const char *text)
{
	return text && *text ? view_text(v, text) : NULL;
}

static void fill_installation(struct report_view *v, const struct installation *of)
{
	struct installation *i = of ? ARENA_NEW(&v->arena, struct installation) : NULL;

	if (!i)
		return;
	*i = (struct installation){.release = text_or_null(v, of->release),
				   .ns = text_or_null(v, of->ns),
				   .chart = text_or_null(v, of->chart),
				   .version = text_or_null(v, of->version),
				   .mode = text_or_null(v, of->mode),
				   .storage_class = text_or_null(v, of->storage_class),
				   .claims = of->claims,
				   .policy = text_or_null(v, of->policy),
				   .date = text_or_null(v, of->date)};
	v->installation = i;
}

static void fill_stream(struct report_view *v, const struct stream *s)
{
	for (size_t i = 0; s && i < s->inputs.n; i++)
		v->bytes += s->inputs.v[i]->bytes.n;
	for (size_t i = 0; s && i < s->documents.n; i++)
		v->documents += !s->documents.v[i].empty;
}

int view_from_report(struct report_view *v, const struct report *r, struct err *err)
{
	const struct release *rel = r->gate->release;

	memset(v, 0, sizeof(*v));
	v->arena = ARENA_INIT((size_t)1 << 30);
	v->program = r->program ? r->program : "pxb-fed";
	v->verdict = r->gate->verdict;
	v->exit_code = verdict_exit_code(v->verdict);
	v->warnings_count = r->gate->options.warnings_count;
	memcpy(v->ran, r->gate->ran, sizeof(v->ran));
	v->flavour = rel ? rel->flavour : FLAVOUR_PLAIN;
	v->hooks_visible = rel && rel->hooks_visible;
	v->objects = rel ? rel->objects.n : 0;
	fill_stream(v, r->stream);
	fill_installation(v, r->gate->installation);
	v->milliseconds = r->milliseconds;
	v->verbose = v->whole = r->verbose;
	v->color = r->color;
	v->findings = arena_alloc(&v->arena, r->gate->findings.n * sizeof(*v->findings));
	v->edits = arena_alloc(&v->arena, r->edits_n * sizeof(*v->edits));
	for (size_t i = 0; v->findings && i < r->gate->findings.n; i++)
		fill_finding(v, &v->findings[v->findings_n++], r->gate->findings.v[i]);
	/* What a refused run would have changed was not changed. */
	for (size_t i = 0; v->edits && v->verdict == VERDICT_PATCHED && i < r->edits_n; i++)
		fill_edit(v, &v->edits[v->edits_n++], &r->edits[i]);
	return arena_failed(&v->arena) ? err_nomem(err) : 0;
}
