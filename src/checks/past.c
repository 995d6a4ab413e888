/*
 * past.c: the results of an earlier run, and what is different now.
 */
#include "base/file.h"
#include "checks/matrix.h"

enum { PAST_MAX = 256 << 20 };

void past_release(struct past *p)
{
	arena_release(&p->arena);
	*p = PAST_INIT;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

static enum outcome outcome_parse(struct slice name)
{
	unsigned i = 0;

	while (i < OUTCOMES && !slice_is(name, outcome_name((enum outcome)i)))
		i++;
	return (enum outcome)i;
}

static enum cluster_class class_parse(struct slice name)
{
	unsigned i = 0;

	while (i < CLASSES && !slice_is(name, class_name((enum cluster_class)i)))
		i++;
	return (enum cluster_class)i;
}

static void take_cluster(struct past *p, const struct node *n)
{
	struct past_cluster *c = VEC_PUSH(&p->arena, p->clusters);

	if (!c)
		return;
	c->name = arena_str(&p->arena, node_string(node_lookup(n, "name")));
	c->class = class_parse(node_string(node_lookup(n, "class")));
	memset(c->outcomes, NOT_RUN, sizeof(c->outcomes));
	for (struct seq_iter it = seq_iter_of(node_lookup(n, "checks")); seq_next(&it);) {
		enum check_id check = check_parse(node_string(node_lookup(it.item, "id")));

		if (check < CHECK_COUNT)
			c->outcomes[check] = (unsigned char)outcome_parse(node_string(node_lookup(it.item, "outcome")));
	}
}

/* This version's schema: what a later one adds may mean something else. */
static bool is_known(struct past *p, const struct node *root, enum check_command command)
{
	struct slice schema = node_text(node_real(node_lookup(root, "schema")));

	if (!node_is_mapping(root) || !node_string_is(node_lookup(root, "command"), check_command_name(command)))
		return false;
	p->schema_is_other = !slice_is(schema, "1");
	return !p->schema_is_other;
}

/* One JSON document, released before the next one is read: a file of many lines takes the memory of one. */
static const struct node *parse(struct stream *s, struct slice text, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	limits.bytes = PAST_MAX;
	stream_init(s, &limits);
	if (json_guess(text) != JSON_MAYBE || stream_add(s, "results", text, err) < 0 || s->problems.n ||
	    s->documents.n != 1)
		return NULL;
	return s->documents.v[0].root;
}

static bool take_document(struct past *p, struct slice text, enum check_command command, struct err *err)
{
	cleanup_stream struct stream s;
	const struct node *root = parse(&s, text, err);

	if (!is_known(p, root, command))
		return false;
	for (struct seq_iter it = seq_iter_of(node_lookup(root, "clusters")); seq_next(&it);)
		take_cluster(p, it.item);
	return true;
}

static bool take_lines(struct past *p, struct slice text, enum check_command command, struct err *err)
{
	bool ended = false;

	/* The summary is the last line: without it clusters are missing. */
	while (text.n && !ended) {
		cleanup_stream struct stream s;
		struct slice line = slice_cut(text, '\n', &text);
		const struct node *root = parse(&s, line, err);

		if (!is_known(p, root, command))
			return false;
		if (node_string_is(node_lookup(root, "kind"), "cluster"))
			take_cluster(p, root);
		ended = node_string_is(node_lookup(root, "kind"), "summary");
	}
	p->is_cut = !ended;
	return ended && !text.n;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct past_cluster *)a)->name, ((const struct past_cluster *)b)->name);
}

int past_load(struct past *p, const char *file, enum check_command command, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(PAST_MAX);
	struct slice all;
	bool good;

	p->file = file;
	if (file_read(file, &text, STATUS_USAGE, err) < 0)
		return err->status;
	all = slice_trim(slice_without_bom(buf_slice(&text)));
	good = slice_starts(all, "{\"kind\"") ? take_lines(p, all, command, err) : take_document(p, all, command, err);
	if (err->status == STATUS_FAILED) /* no memory: nothing is known of the file */
		return err->status;
	if (p->is_cut)
		return err_set(
			err, STATUS_USAGE,
			"'%s' ends before its summary: the run that printed it did not end, or a part is missing",
			file);
	if (p->schema_is_other)
		return err_set(err, STATUS_USAGE, "'%s' is of another schema than this version reads (1)", file);
	if (!good)
		return err_set(err, STATUS_USAGE, "'%s' is not a result of '%s' in the form json or jsonl", file,
			       check_command_name(command));
	if (arena_failed(&p->arena))
		return err_nomem(err);
	if (p->clusters.n)
		qsort(p->clusters.v, p->clusters.n, sizeof(*p->clusters.v), by_name);
	return 0;
}

const struct past_cluster *past_find(const struct past *p, const char *name)
{
	struct past_cluster key = {.name = name};

	return p->clusters.n ? bsearch(&key, p->clusters.v, p->clusters.n, sizeof(key), by_name) : NULL;
}

/* --- comparing ------------------------------------------------------------------------------------------------- */

static const char *outcome_word(unsigned char o)
{
	return o == NOT_RUN ? "not run" : outcome_name((enum outcome)o);
}

static bool is_lost(enum cluster_class c)
{
	return c == CLASS_LOST;
}

static void compare_cluster(const struct past_cluster *before, const struct matrix_row *now,
			    void (*tell)(const struct fleet_change *c, void *to), void *to)
{
	struct fleet_change c = {.kind = CHANGE_CLASS, .cluster = now->name};

	if (is_lost(before->class) || is_lost(now->class)) {
		c.before = class_name(before->class);
		c.now = class_name(now->class);
		if (before->class != now->class)
			tell(&c, to);
		return;
	}
	c.kind = CHANGE_CHECK;
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		if (before->outcomes[i] == now->outcomes[i])
			continue;
		c.check = (enum check_id)i;
		c.before = outcome_word(before->outcomes[i]);
		c.now = outcome_word(now->outcomes[i]);
		tell(&c, to);
	}
}

static int rows_by_name(const void *a, const void *b)
{
	return strcmp(((const struct matrix_row *)a)->name, ((const struct matrix_row *)b)->name);
}

void past_compare(const struct past *p, struct matrix *m, void (*tell)(const struct fleet_change *c, void *to),
		  void *to)
{
	size_t at = 0;

	if (m->rows.n)
		qsort(m->rows.v, m->rows.n, sizeof(*m->rows.v), rows_by_name);
	for (size_t i = 0; i < m->rows.n || at < p->clusters.n;) {
		const struct matrix_row *now = i < m->rows.n ? &m->rows.v[i] : NULL;
		const struct past_cluster *before = at < p->clusters.n ? &p->clusters.v[at] : NULL;
		int c = now && before ? strcmp(now->name, before->name) : now ? -1 : 1;

		if (now && c < 0)
			tell(&(struct fleet_change){.kind = CHANGE_NEW,
						    .cluster = now->name,
						    .now = class_name(now->class)},
			     to);
		else if (before && c > 0)
			tell(&(struct fleet_change){.kind = CHANGE_GONE,
						    .cluster = before->name,
						    .before = class_name(before->class)},
			     to);
		else if (now && before)
			compare_cluster(before, now, tell, to);
		i += c <= 0;
		at += c >= 0;
	}
}
