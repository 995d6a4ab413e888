#include "rules/settle.h"

#include "credentials/path.h"
#include "rules/hide.h"

#include <xxhash.h>

bool finding_is_open(const struct gate *g, const struct finding *f)
{
	return !f->excepted &&
	       (f->severity == SEVERITY_ERROR || (g->options.warnings_count && f->severity == SEVERITY_WARNING));
}

/* A line may be shown when it holds this scalar and its key alone, and the scalar may be shown. */
static bool line_may_be_shown(struct gate *g, const struct finding *f)
{
	const struct node *n = f->node;
	struct slice bytes, line;

	if (!rule_infos[f->rule].lines || !n || !f->object || f->object->owner || f->object->doc->json || !n->parent)
		return false;
	if (n->kind != NODE_SCALAR || n->parent->style != STYLE_BLOCK || n->style > STYLE_DOUBLE)
		return false;
	bytes = f->object->doc->input->bytes;
	if (memchr(bytes.p + n->start, '\n', n->end - n->start))
		return false;
	line = f->place.text;
	if (!line.n)
		return false;
	/* Nothing but a comment may follow, and a comment may hold anything. */
	if (line.p + line.n > bytes.p + n->end &&
	    slice_trim(slice_of(bytes.p + n->end, (size_t)(line.p + line.n - bytes.p) - n->end)).n)
		return false;
	/* A value of several words or assignments may hold anything. */
	for (uint32_t i = 0; i < n->text_n; i++)
		if (strchr(" =;,&?", n->text[i]))
			return false;
	/* A value that is shown in part is not shown in its line. */
	return slice_is(node_text(n), gate_show(g, node_text(n)));
}

static void settle_severity(const struct gate *g, struct finding *f)
{
	enum severity set = policy_severity(g->policy, f->rule);

	/* A rule that judged this place milder (or harsher) than its default keeps its word. */
	if (f->severity == rule_infos[f->rule].severity)
		f->severity = set;
}

static const struct object_names *names_of(struct gate *g, const struct object *o)
{
	struct object_names *n = ARENA_NEW(&g->arena, struct object_names);

	if (n)
		*n = (struct object_names){gate_name(g, o->api_version), gate_name(g, o->kind), gate_name(g, o->ns),
					   gate_name(g, o->name)};
	return n;
}

/* Whatever a rule has put into its words: the last look before anybody sees them. */
static void settle_texts(struct gate *g, struct finding *f)
{
	f->message = gate_mask(g, f->message);
	f->found = gate_mask(g, f->found);
	f->expected = gate_mask(g, f->expected);
	for (size_t i = 0; i < f->fixes.n; i++)
		f->fixes.v[i] = gate_mask(g, f->fixes.v[i]);
}

static void settle_place(struct gate *g, struct finding *f)
{
	struct buf path = BUF_TEXT;

	if (!f->object)
		return;
	f->names = names_of(g, f->object);
	f->place = object_place(f->object, f->node);
	if (f->object->source.n)
		f->source = gate_name(g, f->object->source);
	if (f->node) {
		credential_path(f->node, &path);
		/* A key or a name may itself be a secret. */
		f->path = credential_name_is_secret(buf_slice(&path)) ? "" : gate_show_all(g, buf_slice(&path));
		if (path.n && !f->path[0])
			f->path = "(hidden)";
		if (path.failed)
			g->arena.failed = true;
		buf_release(&path);
	}
	f->show_line = line_may_be_shown(g, f);
}

/* A comment next to a place is not the place. */
static bool is_at_path(const struct policy_exception *e, const struct finding *f)
{
	if (!e->path.n)
		return true;
	if (f->beside)
		return false;
	return slice_is(e->path, f->path) ||
	       (f->node && node_real(node_find_path(f->object->root, e->path)) == node_real(f->node));
}

static void settle_exception(struct gate *g, struct finding *f)
{
	const struct policy *p = g->policy;

	if (f->severity == SEVERITY_NOTE || !f->object)
		return;
	for (size_t i = 0; i < p->exceptions.n; i++) {
		const struct policy_exception *e = &p->exceptions.v[i];

		if (e->rule != f->rule || !exception_names(g, e, f->object) || !is_at_path(e, f))
			continue;
		if (!f->excepted || !e->expired) /* one that is valid covers, whatever else has expired */
			f->excepted = e;
	}
}

/* Rule, object and path, and a number where one place has several findings; no value, so it reveals none. */
static void settle_fingerprint(struct gate *g, struct finding *f, size_t same)
{
	const struct object *o = f->object;
	const char *text =
		gate_printf(g, "%s\n" SLICE_FMT "\n" SLICE_FMT "\n" SLICE_FMT "\n%s\n%s\n%zu", rule_infos[f->rule].id,
			    SLICE_ARG(o ? o->kind : SLICE_EMPTY), SLICE_ARG(o ? o->ns : SLICE_EMPTY),
			    SLICE_ARG(o ? o->name : SLICE_EMPTY), f->path, o ? "" : f->message, same);
	XXH128_hash_t h = XXH3_128bits(text, strlen(text));

	snprintf(f->fingerprint, sizeof(f->fingerprint), "%016llx%016llx", (unsigned long long)h.high64,
		 (unsigned long long)h.low64);
}

static int compare(const void *pa, const void *pb)
{
	const struct finding *a = *(struct finding *const *)pa, *b = *(struct finding *const *)pb;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	if (a->place.column != b->place.column)
		return a->place.column < b->place.column ? -1 : 1;
	return strcmp(a->message, b->message);
}

/* A finding and where it is in the order of the report. */
struct numbered {
	struct finding *finding;
	size_t at;
};

/* 0: the same rule speaks of the same place on the same line. */
static int compare_places(const struct finding *a, const struct finding *b)
{
	uintptr_t left = (uintptr_t)a->object, right = (uintptr_t)b->object;
	int order;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	if (left != right)
		return left < right ? -1 : 1;
	order = strcmp(a->path, b->path);
	return order || a->object ? order : strcmp(a->message, b->message);
}

static int compare_numbered(const void *pa, const void *pb)
{
	const struct numbered *a = pa, *b = pb;
	int order = compare_places(a->finding, b->finding);

	return order ? order : a->at < b->at ? -1 : 1;
}

/* Findings of one place are numbered in the order of the report. One sort, and not a look back from each of them: a
   single line can hold thousands. */
static void settle_fingerprints(struct gate *g)
{
	struct numbered *all = arena_alloc(&g->arena, (g->findings.n + 1) * sizeof(*all));
	size_t same = 0;

	if (!all)
		return;
	for (size_t i = 0; i < g->findings.n; i++)
		all[i] = (struct numbered){g->findings.v[i], i};
	qsort(all, g->findings.n, sizeof(*all), compare_numbered);
	for (size_t i = 0; i < g->findings.n; i++) {
		same = i && compare_places(all[i - 1].finding, all[i].finding) == 0 ? same + 1 : 0;
		settle_fingerprint(g, all[i].finding, same);
	}
}

void gate_settle_findings(struct gate *g)
{
	for (size_t i = 0; i < g->findings.n; i++) {
		struct finding *f = g->findings.v[i];

		if (f->settled)
			continue;
		f->settled = true;
		settle_severity(g, f);
		settle_place(g, f);
		settle_texts(g, f);
		settle_exception(g, f);
	}
	if (g->findings.n)
		qsort(g->findings.v, g->findings.n, sizeof(*g->findings.v), compare);
	settle_fingerprints(g);
}

/* --- repairs --------------------------------------------------------------------------------------------------- */

static bool hooks_are_hidden(const struct gate *g, const struct finding *f)
{
	return f->value >= 0 && chart_value_infos[f->value].reaches_hooks && !g->release->hooks_visible;
}

static bool hooks_are_fixed(const struct gate *g, const struct finding *f)
{
	return g->options.hooks_out_of_reach && f->value >= 0 && chart_value_infos[f->value].reaches_hooks;
}

static bool is_wanted(const struct finding *f)
{
	return f->changes.n && f->severity >= SEVERITY_WARNING && !f->excepted;
}

/* Whether this run may make the repair; else why not. */
static const char *why_not(const struct gate *g, const struct finding *f)
{
	if (f->object && f->object->owner)
		return "the place is inside a text that another object carries";
	if (f->object && f->object->doc->aliases)
		return "the document uses YAML aliases: a change in one place could change another";
	if (hooks_are_hidden(g, f) && g->policy->patch != PATCH_VISIBLE)
		return "the hook Jobs carry this value too and Helm 3 does not show hooks to a post-renderer";
	if (hooks_are_fixed(g, f))
		return "the hook Jobs carry this value too and Helm 3 runs hooks as the chart rendered them";
	if (g->policy->patch == PATCH_NEVER)
		return "the policy says 'patch: never'";
	return NULL;
}

/* Whether other findings of the same value are there, and every one of them is repaired. */
static bool leaders_are_patchable(const struct gate *g, const struct finding *follower)
{
	bool any = false;

	for (size_t i = 0; i < g->findings.n; i++) {
		const struct finding *f = g->findings.v[i];

		if (f->value != follower->value || f->follows || f->severity < SEVERITY_WARNING)
			continue;
		if (!f->patchable)
			return false;
		any = true;
	}
	return any;
}

void gate_settle_verdict(struct gate *g)
{
	bool refused = false, patches = false;

	for (size_t i = 0; i < g->findings.n; i++) {
		struct finding *f = g->findings.v[i];

		if (is_wanted(f)) {
			f->not_patched = why_not(g, f);
			f->patchable = !f->not_patched;
		}
		patches |= f->patchable;
	}
	for (size_t i = 0; i < g->findings.n; i++) {
		struct finding *f = g->findings.v[i];

		if (f->follows)
			f->patchable = leaders_are_patchable(g, f);
		refused |= finding_is_open(g, f) && !f->patchable;
	}
	for (size_t i = 0; i < g->findings.n; i++) {
		struct finding *f = g->findings.v[i];

		f->patched = f->patchable && !refused;
	}
	if (gate_is_unreadable(g))
		g->verdict = VERDICT_UNREADABLE;
	else
		g->verdict = refused ? VERDICT_REFUSED : patches ? VERDICT_PATCHED : VERDICT_COMPLIANT;
	/* A repair of what is visible leaves the hidden hooks as they are: that is said every time. */
	for (size_t i = 0; i < g->findings.n && g->verdict == VERDICT_PATCHED; i++) {
		struct finding *f = g->findings.v[i];

		if (f->patched && hooks_are_hidden(g, f))
			f->not_patched = "the hook Jobs carry this value too and were not seen: they keep what the "
					 "chart rendered";
	}
}
