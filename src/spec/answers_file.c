/*
 * answers_file.c: answers as a file that people write, and the commented form that they start from.
 */
#include "spec/answers.h"
#include "userfile/strict.h"

static bool same_section(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

static enum answer_id find(const char *section, struct slice key)
{
	for (unsigned i = 0; i < ANSWER_COUNT; i++)
		if (same_section(answer_infos[i].section, section) && slice_is(key, answer_infos[i].key))
			return (enum answer_id)i;
	return ANSWER_NONE;
}

static const char *find_section(struct slice key)
{
	for (unsigned i = 0; i < ANSWER_COUNT; i++)
		if (answer_infos[i].section && slice_is(key, answer_infos[i].section))
			return answer_infos[i].section;
	return NULL;
}

static int unknown(struct strict *s, const struct node *key, const char *section)
{
	const char *names[ANSWER_COUNT * 2];
	size_t n = 0;

	for (unsigned i = 0; i < ANSWER_COUNT; i++) {
		if (same_section(answer_infos[i].section, section))
			names[n++] = answer_infos[i].key;
		if (!section && answer_infos[i].section)
			names[n++] = answer_infos[i].section;
	}
	return strict_unknown(s, key, section, key_nearest(node_text(key), names, n));
}

static int take(struct strict *s, struct answers *a, enum answer_id id, const struct node *n)
{
	const struct answer_info *info = &answer_infos[id];
	cleanup_buf struct buf name = BUF_TEXT;
	const char *fault;
	struct slice text;

	answer_key(id, &name);
	if (n->kind != NODE_SCALAR)
		return strict_fail(s, n, "'%s' must be one value, not %s", buf_str(&name), node_noun(n));
	if (node_is_null(n))
		return strict_fail(s, n, "'%s' has no value; leave the key out to take the default", buf_str(&name));
	/* A version or a size may look like a number, a name must not turn into one unnoticed. */
	if (info->form == FORM_SWITCH && n->type != TYPE_BOOL)
		return strict_fail(s, n, "'%s' must be true or false, without quotes", buf_str(&name));
	if (info->form != FORM_SWITCH && n->type != TYPE_STRING)
		return strict_fail(s, n, "'%s' must be a text; %s is %s in YAML unless it is quoted", buf_str(&name),
				   show_text(strict_written(s, n)).text, node_noun(n));
	text = info->form == FORM_SWITCH ? (node_is_bool(n, true) ? SLICE("true") : SLICE("false")) : node_text(n);
	fault = answer_fault(id, text);
	if (fault && answer_words(info->form))
		return strict_fail(s, n, "'%s' must be one of %s", buf_str(&name), answer_words(info->form));
	if (fault)
		return strict_fail(s, n, "'%s' %s", buf_str(&name), fault);
	answer_take(a, id, text);
	return 0;
}

static int take_mapping(struct strict *s, struct answers *a, const struct node *map, const char *section)
{
	for (struct map_iter it = map_iter_of(map); map_next(&it);) {
		struct slice key = node_text(it.key);
		enum answer_id id = find(section, key);
		const char *inner = section ? NULL : find_section(key);
		int rc;

		if (!section && (slice_is(key, "apiVersion") || slice_is(key, "kind")))
			continue;
		if (inner)
			rc = strict_mapping(s, it.value, inner) < 0 ? s->err->status
								    : take_mapping(s, a, it.value, inner);
		else
			rc = id == ANSWER_NONE ? unknown(s, it.key, section) : take(s, a, id, it.value);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* An answer that another answer makes void was given by mistake. */
static int check_void(const struct answers *a, const char *file, struct err *err)
{
	cleanup_buf struct buf name = BUF_TEXT, other = BUF_TEXT;

	for (unsigned i = 0; i < ANSWER_COUNT; i++) {
		enum answer_id id = (enum answer_id)i;

		if (!a->given[i] || answer_counts(a, id) || slice_is(a->text[i], answer_infos[i].def))
			continue;
		answer_key(id, &name);
		answer_key(answer_infos[i].when, &other);
		return err_set(err, STATUS_USAGE, "%s: answer '%s' has no effect: it needs '%s'%s%s%s", file,
			       buf_str(&name), buf_str(&other), answer_infos[i].is[0] ? " to be '" : " to be set",
			       answer_infos[i].is, answer_infos[i].is[0] ? "'" : "");
	}
	return 0;
}

int answers_read(struct answers *a, const char *name, struct slice text, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	struct strict s = {.file = name, .noun = "answers file", .kind = "Answers", .err = err};
	const struct node *root;
	int rc;

	stream_init(&s.stream, &limits);
	rc = strict_open(&s, text, &root);
	if (rc == 0)
		rc = take_mapping(&s, a, root, NULL);
	stream_release(&s.stream);
	if (rc == 0)
		rc = check_void(a, name, err);
	if (rc == 0 && answers_check(a, err) < 0)
		rc = err_wrap(err, "%s", name);
	return rc;
}

/* --- writing --------------------------------------------------------------------------------------------------- */

static void write_reason(enum answer_id id, struct buf *out)
{
	const struct answer_info *i = &answer_infos[id];
	const char *indent = i->section ? "  " : "", *words = answer_words(i->form);

	buf_addf(out, "%s# %s", indent, i->prompt);
	if (words)
		buf_addf(out, " (%s)", words);
	buf_addf(out, ".%s\n%s# %s\n", i->once ? " It can never be changed." : "", indent, i->reason);
}

static void write_answer(const struct answers *a, enum answer_id id, struct buf *out)
{
	const struct answer_info *i = &answer_infos[id];

	write_reason(id, out);
	buf_addf(out, "%s%s%s:", i->section ? "  " : "", a->given[id] ? "" : "#", i->key);
	if (a->text[id].n)
		buf_addc(out, ' ');
	if (i->form == FORM_SWITCH)
		buf_add(out, a->text[id]);
	else if (a->text[id].n)
		scalar_write(a->text[id], STYLE_PLAIN, out);
	buf_addc(out, '\n');
}

void answers_write(const struct answers *a, struct buf *out)
{
	const char *section = NULL;

	buf_adds(out, "# Answers of 'pxb-fed spec --answers FILE'. A line that begins with '#' keeps its default.\n"
		      "apiVersion: pxb-fed/v1\nkind: Answers\n\n");
	for (unsigned i = 0; i < ANSWER_COUNT; i++) {
		const char *now = answer_infos[i].section;
		bool any = false;

		if (now && !same_section(section, now)) {
			for (unsigned k = 0; k < ANSWER_COUNT; k++)
				any |= same_section(answer_infos[k].section, now) && a->given[k];
			buf_addf(out, "%s%s:\n", any ? "" : "#", now);
		}
		section = now;
		write_answer(a, (enum answer_id)i, out);
	}
}
