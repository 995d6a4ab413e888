#include "chart/chart_object.h"
#include "rules/gate.h"

#include "rules/causes.h"
#include "rules/locked.h"
#include "rules/settle.h"

void gate_init(struct gate *g, const struct gate_options *opt)
{
	memset(g, 0, sizeof(*g));
	g->arena = ARENA_INIT((size_t)1 << 30);
	g->options = *opt;
}

void gate_release(struct gate *g)
{
	locked_release(g);
	arena_release(&g->arena);
	memset(g, 0, sizeof(*g));
}

/* --- rules ----------------------------------------------------------------------------------------------------- */

typedef void (*rule_fn)(struct gate *g);

static const rule_fn rule_fns[RULE_COUNT] = {
#define RULE(name, id, severity, lowerable, exceptable, lines, needs, turn, cluster, subject, check) \
	[RULE_##name] = (check),
#include "policy/rules.def"
#undef RULE
};

static bool applies(const struct gate *g, enum rule_id rule)
{
	static const unsigned subjects[] = {
		[GATE_RELEASE] =
			1u << SUBJECT_STREAM | 1u << SUBJECT_OBJECT | 1u << SUBJECT_RELEASE | 1u << SUBJECT_LOCK,
		[GATE_OBJECTS] = 1u << SUBJECT_STREAM | 1u << SUBJECT_OBJECT,
		[GATE_LOCKS] = 1u << SUBJECT_STREAM | 1u << SUBJECT_LOCK,
		[GATE_VALUES] = 0,
		[GATE_APPLICATIONS] = 1u << SUBJECT_STREAM | 1u << SUBJECT_OBJECT | 1u << SUBJECT_APPLICATION,
	};

	return subjects[g->options.scope] >> rule_infos[rule].subject & 1;
}

/* Whether the run was given what the rule compares the release with. Without it the rule finds nothing, which is not
   the same as being kept. */
static bool is_asked(const struct gate *g, enum rule_id rule)
{
	switch (rule_infos[rule].needs) {
	case NEEDS_LOCK:
		return g->options.locks_n > 0;
	case NEEDS_VALUES:
		return g->values && g->values->files.n > 0;
	case NEEDS_REGISTRY:
		return g->policy->registry_host.n > 0;
	default:
		return true;
	}
}

static void run_rule(struct gate *g, enum rule_id rule)
{
	if (!applies(g, rule))
		return;
	g->running = rule;
	g->ran[rule] = is_asked(g, rule);
	rule_fns[rule](g);
}

static void run_turn(struct gate *g, enum rule_turn turn)
{
	for (unsigned i = 0; i < RULE_COUNT; i++)
		if (rule_infos[i].turn == turn)
			run_rule(g, (enum rule_id)i);
}

bool gate_is_unreadable(const struct gate *g)
{
	for (size_t i = 0; i < g->findings.n; i++) {
		const struct finding *f = g->findings.v[i];

		if (rule_infos[f->rule].turn == TURN_READING && f->severity == SEVERITY_ERROR)
			return true;
	}
	return false;
}

/* Values alone show that they are those of an umbrella chart by the name that px-central has there. */
static const char *values_alone_under(const struct values *v)
{
	return v && node_is_mapping(values_get(v, "px-central.pxbackup", NULL)) ? "px-central" : "";
}

static void find_keys(struct gate *g)
{
	g->values_under =
		g->options.scope == GATE_VALUES ? values_alone_under(g->values) : release_values_under(g->release);
	for (unsigned i = 0; i < VALUE_COUNT; i++)
		g->value_keys[i] = gate_key(g, chart_value_infos[i].key);
}

void gate_run_rules(struct gate *g)
{
	find_keys(g);
	if (g->options.scope == GATE_VALUES) {
		g->running = RULE_VALUES;
		g->ran[RULE_VALUES] = is_asked(g, RULE_VALUES);
		rule_fns[RULE_VALUES](g);
		return;
	}
	run_turn(g, TURN_READING);
	if (gate_is_unreadable(g))
		return;
	run_turn(g, TURN_JUDGING);
	run_turn(g, TURN_COMPARING);
}

int gate_run(struct gate *g, struct release *rel, const struct policy *policy, const struct values *values,
	     struct err *err)
{
	g->release = rel;
	g->policy = policy;
	g->values = values;
	gate_run_rules(g);
	if (!gate_is_unreadable(g) && locked_check(g, err) < 0)
		return err->status;
	if (!gate_is_unreadable(g) && exceptions_check(g, err) < 0)
		return err->status;
	gate_settle_findings(g);
	if (!gate_is_unreadable(g))
		run_turn(g, TURN_SETTLED);
	gate_settle_causes(g);
	gate_settle_verdict(g);
	if (g->options.scope == GATE_RELEASE && !gate_is_unreadable(g) && rel->objects.n &&
	    gate_settle_installation(g, err) < 0)
		return err->status;
	if (arena_failed(&g->arena) || arena_failed(&rel->arena))
		return err_nomem(err);
	return 0;
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {"compliant", "patched", "refused", "unreadable"};

	return names[v];
}

const char *flavour_name(enum flavour f)
{
	static const char *const names[] = {"helm3", "helm4", "template", "argocd", "plain"};

	return names[f];
}

enum { MAX_FINDINGS = 10000 };

/* --- for rules ------------------------------------------------------------------------------------------------- */

const char *gate_printf(struct gate *g, const char *fmt, ...)
{
	va_list ap;
	const char *s;

	va_start(ap, fmt);
	s = arena_vprintf(&g->arena, fmt, ap);
	va_end(ap);
	return s;
}

/* The first finding makes way for the word that there are more: nothing that was not judged may pass. */
static void say_overflow(struct gate *g)
{
	struct finding *f = g->findings.v[0];

	memset(f, 0, sizeof(*f));
	f->rule = RULE_STREAM;
	f->severity = SEVERITY_ERROR;
	f->path = f->source = f->found = f->expected = f->cause = "";
	f->value = -1;
	finding_say(g, f, "more than %d findings: the rest was not checked", MAX_FINDINGS);
	finding_fix(g, f, "Fix these first.");
}

struct finding *gate_find_as(struct gate *g, enum rule_id rule, const struct object *o, const struct node *node)
{
	/* Written to only when memory is short, and then never read: gate_run() fails. */
	static _Thread_local struct finding spare;
	bool full = g->findings.n >= MAX_FINDINGS;
	struct finding *f = full ? NULL : ARENA_NEW(&g->arena, struct finding);
	struct finding **slot = f ? VEC_PUSH(&g->arena, g->findings) : NULL;

	if (full && !g->overflow) {
		g->overflow = true;
		say_overflow(g);
	}
	if (!slot) {
		memset(&spare, 0, sizeof(spare));
		f = &spare;
	} else {
		*slot = f;
	}
	f->rule = rule;
	f->severity = rule_infos[rule].severity;
	f->object = o;
	f->node = node;
	f->path = f->source = f->message = f->found = f->expected = f->cause = "";
	f->value = -1;
	return f;
}

struct finding *gate_find(struct gate *g, const struct object *o, const struct node *node)
{
	return gate_find_as(g, g->running, o, node);
}

void finding_say(struct gate *g, struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->message = arena_vprintf(&g->arena, fmt, ap);
	va_end(ap);
}

void finding_found(struct gate *g, struct finding *f, struct slice text)
{
	f->found = gate_show(g, text);
}

void finding_expected(struct gate *g, struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->expected = arena_vprintf(&g->arena, fmt, ap);
	va_end(ap);
}

static void add_fix(struct gate *g, struct finding *f, const char *text)
{
	const char **slot = VEC_PUSH(&g->arena, f->fixes);

	if (slot)
		*slot = text;
}

void finding_fix(struct gate *g, struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_fix(g, f, arena_vprintf(&g->arena, fmt, ap));
	va_end(ap);
}

void finding_fix_value(struct gate *g, struct finding *f, enum chart_value v, const char *value)
{
	if (chart_value_is_switch(v))
		add_fix(g, f, gate_printf(g, "--set %s=%s", g->value_keys[v], value));
	else
		finding_fix_text(g, f, g->value_keys[v], slice_str(value));
}

void finding_fix_text(struct gate *g, struct finding *f, const char *path, struct slice text)
{
	cleanup_buf struct buf option = BUF_TEXT;

	if (values_write_string_option(path, text, &option))
		add_fix(g, f, arena_str(&g->arena, buf_slice(&option)));
	else
		add_fix(g, f, gate_printf(g, "Set %s.", path));
	g->arena.failed |= option.failed;
}

const char *gate_key(struct gate *g, const char *key)
{
	return g->values_under[0] ? gate_printf(g, "%s.%s", g->values_under, key) : key;
}

void finding_follows(struct finding *f, enum chart_value v)
{
	f->value = (int)v;
	f->follows = true;
}

void finding_severity(struct finding *f, enum severity s)
{
	f->severity = s;
}

static struct change *add_change(struct gate *g, struct finding *f, enum change_kind kind)
{
	static _Thread_local struct change spare;
	struct change *c = VEC_PUSH(&g->arena, f->changes);

	if (!c)
		c = &spare;
	*c = (struct change){.kind = kind, .object = f->object};
	return c;
}

void finding_set(struct gate *g, struct finding *f, const struct node *node, const char *text)
{
	struct change *c = add_change(g, f, CHANGE_SET);

	c->node = node;
	c->text = text;
}

/* The item of that name, as it is written, else the last one. */
static const struct node *item_to_follow(const struct node *env, const char *name)
{
	const struct node *last = NULL;

	for (const struct node *i = node_real(env)->child; i; i = i->next) {
		if (name && node_string_is(node_lookup(i, "name"), name))
			return i;
		last = i;
	}
	return last;
}

void finding_insert_env(struct gate *g, struct finding *f, const struct node *env, const char *after, const char *name,
			const char *text)
{
	struct change *c = add_change(g, f, CHANGE_INSERT_ENV);

	c->node = env;
	c->after = item_to_follow(env, after);
	c->name = name;
	c->text = text;
}

void finding_delete_item(struct gate *g, struct finding *f, const struct node *item)
{
	add_change(g, f, CHANGE_DELETE_ITEM)->node = item;
}

void finding_delete_object(struct gate *g, struct finding *f, const struct object *o)
{
	add_change(g, f, CHANGE_DELETE_OBJECT)->object = o;
}

void finding_comment(struct gate *g, struct finding *f, uint32_t from, uint32_t to, const char *text)
{
	struct change *c = add_change(g, f, CHANGE_COMMENT);

	c->from = from;
	c->to = to;
	c->text = text;
}
