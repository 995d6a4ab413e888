/*
 * duplicate_key.c: no mapping key twice.
 *
 * The cluster takes the last of equal keys. The telemetry templates of the real chart repeat a label, so this alone is
 * a warning; it becomes an error where the type of the keys differs (then the winner is random) or where the losing
 * value would change a verdict: the rules are run once more with the losers in force. It comes after the other rules,
 * whose findings are what the second run is compared with.
 */
#include <xxhash.h>

#include "rules/settle.h"

typedef void (*duplicate_fn)(struct gate *g, const struct object *o, struct node *map, struct node *loser, void *arg);

static struct node *root_of(const struct object *o)
{
	return (struct node *)(uintptr_t)o->root;
}

static void walk(struct gate *g, const struct object *o, struct node *n, duplicate_fn fn, void *arg)
{
	if (n->kind == NODE_SEQUENCE)
		for (struct node *i = n->child; i; i = i->next)
			walk(g, o, i, fn, arg);
	if (n->kind != NODE_MAPPING)
		return;
	for (struct node *k = n->child; k; k = k->next->next) {
		walk(g, o, k->next, fn, arg);
		if (k->flags & NODE_SHADOWED)
			fn(g, o, n, k, arg);
	}
}

static void walk_release(struct gate *g, duplicate_fn fn, void *arg)
{
	for (size_t i = 0; i < g->release->objects.n; i++)
		if (g->release->objects.v[i]->doc->duplicate_keys)
			walk(g, g->release->objects.v[i], root_of(g->release->objects.v[i]), fn, arg);
}

/* Lets `winner` win over the keys that equal it. The tree is ours and nobody else reads it meanwhile. */
static void crown(struct node *map, struct node *winner)
{
	for (struct node *k = map->child; k; k = k->next->next)
		if (slice_eq(node_text(k), node_text(winner)))
			k->flags |= NODE_SHADOWED;
	winner->flags &= (uint8_t)~NODE_SHADOWED;
}

static struct node *last_equal(struct node *k)
{
	struct node *last = k;

	for (struct node *later = k->next->next; later; later = later->next->next)
		if (slice_eq(node_text(later), node_text(k)))
			last = later;
	return last;
}

static void crown_loser(struct gate *g, const struct object *o, struct node *map, struct node *loser, void *arg)
{
	(void)g;
	(void)o;
	(void)arg;
	if (last_equal(loser)->flags & NODE_SHADOWED)
		return; /* the last one itself, or its group has had its turn */
	crown(map, loser);
}

/* The last of equal keys wins again. */
static void restore(struct node *n)
{
	if (n->kind == NODE_SEQUENCE)
		for (struct node *i = n->child; i; i = i->next)
			restore(i);
	if (n->kind != NODE_MAPPING)
		return;
	for (struct node *k = n->child; k; k = k->next->next) {
		struct node *last;

		restore(k->next);
		if (!(k->flags & NODE_SHADOWED))
			continue;
		last = last_equal(k);
		if (last == k) /* an earlier one was crowned */
			crown(n, k);
	}
}

/* Order does not matter, so the errors' hashes are added up. */
static uint64_t errors_of(const struct gate *g, const bool left_out[RULE_COUNT])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < g->findings.n; i++) {
		const struct finding *f = g->findings.v[i];

		if (f->severity == SEVERITY_ERROR && !left_out[f->rule])
			sum += XXH3_64bits_withSeed(f->message, strlen(f->message), (uint64_t)f->rule + 1);
	}
	return sum;
}

/* The errors of the run itself, of those rules that an evaluation repeats. */
static uint64_t errors_of_run(const struct gate *g)
{
	static const bool once[RULE_COUNT] = {
		[RULE_STREAM] = true,
		[RULE_AMBIGUOUS_YAML] = true,
		[RULE_DUPLICATE_KEY] = true,
		[RULE_CLOUD_CREDENTIAL] = true,
		[RULE_PLAIN_SECRET] = true,
		[RULE_CLOUD_CREDENTIAL_REFERENCE] = true,
		[RULE_REGISTRY_CREDENTIAL] = true,
		[RULE_DATA_ENCODING] = true,
	};

	return errors_of(g, once);
}

/* The errors of one more evaluation. Memory failures show as a sum that equals nothing. */
static uint64_t errors_now(const struct gate *g, uint64_t on_failure)
{
	cleanup_release struct release rel;
	cleanup_gate struct gate again;
	struct err err = ERR_INIT;
	uint64_t sum = 0;

	release_init(&rel);
	gate_init(&again, &g->options);
	rel.nameless = g->release->nameless;
	if (release_build(&rel, g->release->stream, &err) < 0)
		return on_failure;
	again.release = &rel;
	again.policy = g->policy;
	again.values = g->values;
	again.second_evaluation = true;
	gate_run_rules(&again);
	sum = errors_of(&again, (const bool[RULE_COUNT]){[RULE_DUPLICATE_KEY] = true});
	return arena_failed(&again.arena) ? on_failure : sum;
}

/* A key is shown unless it looks like an assignment, which may hold anything, or like a secret. */
static const char *show_key(struct gate *g, const struct node *key)
{
	const char *name = gate_name(g, node_text(key));

	if (slice_chr(node_text(key), '=') != SIZE_MAX)
		return "...";
	return strcmp(name, "***") == 0 ? name : gate_show(g, node_text(key));
}

static void report(struct gate *g, const struct object *o, struct node *map, struct node *loser, void *arg)
{
	struct finding *f = gate_find(g, o, loser);
	const struct node *winner = last_equal(loser);
	struct place first = object_place(o, winner);

	(void)map;
	(void)arg;
	if (loser->flags & NODE_RANDOM) {
		finding_severity(f, SEVERITY_ERROR);
		finding_say(g, f,
			    "key '%s' is defined twice, once as another type: which one the cluster takes is random",
			    show_key(g, loser));
	} else if (o->owner && !node_equal(node_real(loser->next), node_real(winner->next))) {
		/* The text of a nested document is read anew each time, so the loser cannot be tried. */
		finding_severity(f, SEVERITY_ERROR);
		finding_say(g, f, "key '%s' is defined twice in a nested document, with two values",
			    show_key(g, loser));
	} else {
		finding_say(g, f, "key '%s' is defined twice; the definition on line %zu wins", show_key(g, loser),
			    first.line);
	}
	finding_fix(g, f, "Remove one of the two from the template or values.");
}

enum { MAX_TRIALS = 32 };

/* The losers of one release that are tried one by one. */
struct trials {
	struct trial {
		const struct object *object;
		struct node *map, *loser;
	} v[MAX_TRIALS];
	size_t n, all;
	bool nested; /* some group has three keys, or a loser has duplicates inside */
};

static bool has_shadowed(const struct node *n)
{
	for (const struct node *c = n->kind == NODE_SCALAR || n->kind == NODE_ALIAS ? NULL : n->child; c; c = c->next)
		if ((c->flags & NODE_SHADOWED) || has_shadowed(c))
			return true;
	return false;
}

/* Both have one value: nothing can change with the one that wins. */
static bool is_same_either_way(const struct node *loser)
{
	const struct node *mine = loser->next, *its = last_equal((struct node *)(uintptr_t)loser)->next;

	return node_equal(node_real(mine), node_real(its)) && !has_shadowed(mine) && !has_shadowed(its);
}

static void note_trial(struct gate *g, const struct object *o, struct node *map, struct node *loser, void *arg)
{
	struct trials *trials = arg;

	(void)g;
	if (o->owner)
		return;
	for (const struct node *k = loser->next->next; k; k = k->next->next)
		trials->nested |= (k->flags & NODE_SHADOWED) && slice_eq(node_text(k), node_text(loser));
	trials->nested |= has_shadowed(loser->next);
	if (is_same_either_way(loser))
		return;
	if (trials->n < MAX_TRIALS)
		trials->v[trials->n++] = (struct trial){o, map, loser};
	trials->all++;
}

static void say_decisive(struct gate *g, const struct node *loser, const char *why)
{
	for (size_t i = 0; i < g->findings.n; i++) {
		struct finding *f = g->findings.v[i];

		if (f->rule != RULE_DUPLICATE_KEY || f->node != loser)
			continue;
		finding_severity(f, SEVERITY_ERROR);
		finding_say(g, f, "key '%s' is defined twice, and %s", show_key(g, loser), why);
	}
}

static void try_each(struct gate *g, const struct trials *t, uint64_t before)
{
	for (size_t i = 0; i < t->n; i++) {
		uint64_t now;

		crown(t->v[i].map, t->v[i].loser);
		now = errors_now(g, 2);
		restore(root_of(t->v[i].object));
		if (now != before)
			say_decisive(g, t->v[i].loser, "the value that loses would change the verdict");
	}
	if (t->all > t->n)
		say_decisive(g, t->v[t->n - 1].loser, "too many other keys do as well for each to be tried");
}

void rule_duplicate_key(struct gate *g)
{
	struct trials t = {.n = 0};
	uint64_t before, losers;
	bool any = false;

	if (g->second_evaluation)
		return;
	for (size_t i = 0; i < g->release->objects.n; i++)
		any |= g->release->objects.v[i]->doc->duplicate_keys;
	if (!any)
		return;
	walk_release(g, report, NULL);
	walk_release(g, note_trial, &t);
	if (!t.all && !t.nested)
		return;
	/* What the run found is usually what an evaluation finds: that much is known without one. */
	before = errors_of_run(g);
	walk_release(g, crown_loser, NULL);
	losers = errors_now(g, 2);
	for (size_t i = 0; i < g->release->objects.n; i++)
		if (g->release->objects.v[i]->doc->duplicate_keys)
			restore(root_of(g->release->objects.v[i]));
	if (losers != before)
		before = errors_now(g, 1);
	/* Usually no loser matters, and one trial of all shows it; only else are they tried one by one. */
	if (losers != before || t.nested)
		try_each(g, &t, before);
}
