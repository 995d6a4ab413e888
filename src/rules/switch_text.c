#include "rules/switch_text.h"

#include "base/base64.h"

struct search {
	struct gate *g;
	const char *name;
	switch_fn fn;
	const void *arg;
	const struct node **read; /* texts that were read as objects, sorted: those are searched instead */
	size_t read_n;
	unsigned int left; /* references of the container's that are still followed */
};

static int compare_nodes(const void *pa, const void *pb)
{
	uintptr_t a = (uintptr_t) * (const struct node *const *)pa, b = (uintptr_t) * (const struct node *const *)pb;

	return (a > b) - (a < b);
}

static void collect_read(struct search *s)
{
	const struct release *r = s->g->release;

	s->read = arena_alloc(&s->g->arena, (r->objects.n + 1) * sizeof(*s->read));
	for (size_t i = 0; s->read && i < r->objects.n; i++)
		if (r->objects.v[i]->owner)
			s->read[s->read_n++] = node_real(r->objects.v[i]->owner_text);
	if (s->read_n)
		qsort(s->read, s->read_n, sizeof(*s->read), compare_nodes);
}

static bool is_read(const struct search *s, const struct node *text)
{
	return s->read_n && bsearch(&text, s->read, s->read_n, sizeof(*s->read), compare_nodes);
}

static void search_text(const struct search *s, const struct object *o, const struct node *at, struct slice text)
{
	struct slice name = slice_str(s->name);
	struct switch_hit hit = {.object = o, .node = at, .arg = s->arg};
	size_t from = 0;

	for (size_t i; (i = slice_find(slice_from(text, from), s->name)) != SIZE_MAX; from += i + name.n)
		if (switch_use_at(text, from + i, name, &hit))
			s->fn(s->g, s->name, &hit);
}

/* `env -i`, `env -`: the program starts with an empty environment. */
static bool empties(struct slice line)
{
	static const char *const words[] = {"env -i ", "env - ", "--ignore-environment ", "exec -c "};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_find(line, words[i]) != SIZE_MAX)
			return true;
	return false;
}

/* A container that has the variable, and starts its program without it. */
static void search_emptied(const struct search *s, const struct container *c, const struct node *words,
			   struct slice line)
{
	struct switch_hit hit = {.object = c->object, .node = node_real(words), .use = SWITCH_UNSET, .arg = s->arg};

	if (!empties(line) || slice_find(line, gate_printf(s->g, "%s=", s->name)) != SIZE_MAX)
		return;
	if (container_env(s->g->release, c, s->name, &s->g->arena).state != ENV_ABSENT)
		s->fn(s->g, s->name, &hit);
}

/*
 * The words of a command are read as one line: `env -u X` may be three items. A script among them is read as lines of
 * its own. The kubelet puts env into `$(X)`.
 */
static void search_words(struct search *s, const struct container *c, const struct node *words, bool main)
{
	struct buf line = BUF_TEXT;

	for (struct seq_iter it = seq_iter_of(words); seq_next(&it);) {
		struct slice word = container_expand(s->g->release, c, node_string(it.item), &s->left, &s->g->arena);

		if (line.n)
			buf_addc(&line, slice_chr(word, ' ') == SIZE_MAX ? ' ' : '\n');
		buf_add(&line, word);
	}
	buf_addc(&line, ' ');
	search_text(s, c->object, node_real(words), buf_slice(&line));
	if (main)
		search_emptied(s, c, words, buf_slice(&line));
	s->g->arena.failed |= line.failed;
	buf_release(&line);
}

static void search_container(struct search *s, const struct container *c)
{
	static const struct {
		const char *path;
		bool main; /* starts the program itself */
	} rows[] = {
		{"command", true},
		{"args", true},
		{"lifecycle/postStart/exec/command", false},
		{"lifecycle/preStop/exec/command", false},
		{"livenessProbe/exec/command", false},
		{"readinessProbe/exec/command", false},
		{"startupProbe/exec/command", false},
	};

	s->left = ENV_REFERENCES;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		search_words(s, c, node_at(c->node, rows[i].path), rows[i].main);
	if (!s->left) { /* what was not followed may say anything */
		struct switch_hit hit = {.object = c->object, .node = c->node, .use = SWITCH_DYNAMIC, .arg = s->arg};

		s->fn(s->g, s->name, &hit);
	}
	for (struct seq_iter it = seq_iter_of(c->env); seq_next(&it);) {
		const struct node *value = node_lookup(it.item, "value");

		if (node_is_string(value) && !node_string_is(node_lookup(it.item, "name"), s->name))
			search_text(s, c->object, value, node_string(value));
	}
}

static void search_encoded(const struct search *s, const struct object *o, const struct node *value)
{
	struct buf out = BUF_INIT((size_t)64 << 20);

	if (base64_decode(node_string(value), BASE64_STANDARD, &out))
		search_text(s, o, value, buf_slice(&out));
	s->g->arena.failed |= out.failed;
	buf_release(&out);
}

static void search_map(const struct search *s, const struct object *o, const char *part, bool encoded)
{
	for (struct map_iter it = map_iter_of(node_lookup(o->root, part)); map_next(&it);) {
		/* A key of that name is the value itself. */
		if (slice_is(node_text(it.key), s->name) || !node_is_string(it.value) ||
		    is_read(s, node_real(it.value)))
			continue;
		if (encoded)
			search_encoded(s, o, node_real(it.value));
		else
			search_text(s, o, node_real(it.value), node_string(it.value));
	}
}

void each_switch_text(struct gate *g, const char *name, switch_fn fn, const void *arg)
{
	struct search s = {.g = g, .name = name, .fn = fn, .arg = arg};

	collect_read(&s);
	for (size_t i = 0; i < g->release->containers.n; i++)
		search_container(&s, &g->release->containers.v[i]);
	for (size_t i = 0; i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];

		if (object_is(o, "ConfigMap", NULL)) {
			search_map(&s, o, "data", false);
			search_map(&s, o, "binaryData", true);
		} else if (object_is(o, "Secret", NULL)) {
			search_map(&s, o, "stringData", false);
			search_map(&s, o, "data", true);
		}
	}
}
