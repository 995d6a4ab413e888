/*
 * values_set_value.c: what follows the `=` of a --set option.
 */
#include <math.h>

#include "base/file.h"
#include "userfile/user_file.h"
#include "values/values_set.h"

/* Go folds the long s into s. */
static bool is_word(struct slice text, const char *word)
{
	size_t at = 0;

	for (; *word; word++) {
		struct slice rest = slice_from(text, at);

		if (*word == 's' && slice_starts(rest, "\xc5\xbf"))
			at += 2;
		else if (rest.n && (rest.p[0] | 0x20) == *word)
			at++;
		else
			return false;
	}
	return at == text.n;
}

enum node_type set_type_of(struct slice text, int64_t *value)
{
	*value = 0;
	if (is_word(text, "true") || is_word(text, "false"))
		return TYPE_BOOL;
	if (is_word(text, "null"))
		return TYPE_NULL;
	return slice_is(text, "0") || set_is_integer(text, value) ? TYPE_INT : TYPE_STRING;
}

static struct node *typed(struct set *s, struct slice text)
{
	int64_t i;
	enum node_type type = s->kind == SET ? set_type_of(text, &i) : TYPE_STRING;

	if (type == TYPE_BOOL)
		text = is_word(text, "true") ? SLICE("true") : SLICE("false");
	else if (type == TYPE_NULL)
		text = SLICE("null");
	else if (type == TYPE_INT)
		text = slice_str(arena_printf(&s->v->arena, "%lld", (long long)i));
	return made_scalar(s->v, type, text);
}

static bool key_is_judged(const struct set *s)
{
	cleanup_buf struct buf path = BUF_TEXT;

	set_write_path(s, &path);
	for (size_t i = 0; i < VALUE_COUNT; i++)
		if (slice_is(buf_slice(&path), chart_value_infos[i].key))
			return true;
	return false;
}

/* The path stands for a content that is not examined. */
static struct node *file_content(struct set *s, struct slice path)
{
	const char *name = arena_str(&s->v->arena, path);
	cleanup_buf struct buf text = BUF_INIT(64 << 10);
	struct err why = ERR_INIT;

	if (!key_is_judged(s))
		return made_scalar(s->v, TYPE_STRING, path);
	if (slice_is(slice_trim(path), "-") || slice_find(path, "://") != SIZE_MAX) {
		set_refuse(s, "its value must be known here: give a local file or --set");
		return NULL;
	}
	if (file_read(name, &text, STATUS_USAGE, &why) < 0) {
		set_refuse(s, "%s", why.text);
		return NULL;
	}
	return made_scalar(s->v, TYPE_STRING, arena_copy(&s->v->arena, buf_slice(&text)));
}

static struct node *simple_value(struct set *s, struct slice text)
{
	struct node *n = s->kind == SET_FILE ? file_content(s, text) : typed(s, text);

	if (!n && !s->err.status)
		set_no_memory(s);
	return n;
}

/* `{a,b}`, behind its brace. A comma right behind it ends the assignment, anything else begins the next one. */
static struct node *list_value(struct set *s)
{
	struct node *list = made_collection(s->v, NODE_SEQUENCE);
	struct node **last = list ? &list->child : NULL;
	struct slice text;
	char stop;

	if (!list)
		return set_no_memory(s), NULL;
	do {
		if (!set_read_until(s, ",}", &text, &stop))
			return set_refuse(s, "the list must end with '}'"), NULL;
		*last = simple_value(s, text);
		if (!*last)
			return NULL;
		(*last)->parent = list;
		last = &(*last)->next;
	} while (stop == ',');
	if (s->at < s->text.n && s->text.p[s->at] == ',')
		s->at++;
	return list;
}

static size_t run(struct slice s, size_t at, const char *of)
{
	while (at < s.n && strchr(of, s.p[at]))
		at++;
	return at;
}

static size_t number_length(struct slice s)
{
	size_t at = s.p[0] == '-';

	at = at < s.n && s.p[at] == '0' ? at + 1 : run(s, at, "0123456789");
	if (at < s.n && s.p[at] == '.')
		at = run(s, at + 1, "0123456789");
	if (at < s.n && (s.p[at] | 0x20) == 'e') {
		at += at + 1 < s.n && strchr("+-", s.p[at + 1]) ? 2 : 1;
		at = run(s, at, "0123456789");
	}
	return at;
}

/* A string, or a collection with all that is in it. */
static size_t enclosed_length(struct slice s)
{
	bool quoted = false;
	size_t depth = 0;

	for (size_t at = 0; at < s.n; at++) {
		char c = s.p[at];

		if (quoted && c == '\\')
			at++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && strchr("[{", c))
			depth++;
		else if (!quoted && strchr("]}", c) && depth)
			depth--;
		if (!quoted && !depth)
			return at + 1;
	}
	return s.n;
}

/* How far the JSON value reaches that begins here; whether it is one is for the reader of JSON. */
static size_t json_length(struct slice s)
{
	static const char *const words[] = {"true", "false", "null"};

	if (strchr("\"[{", s.p[0]))
		return enclosed_length(s);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_starts(s, words[i]))
			return strlen(words[i]);
	return number_length(s);
}

/* Go reads every number of JSON as a double and refuses what is none. */
static bool numbers_fit(struct arena *a, const struct node *n)
{
	if (n->kind == NODE_SCALAR)
		return (n->type != TYPE_INT && n->type != TYPE_FLOAT) ||
		       isfinite(strtod(arena_str(a, node_text(n)), NULL));
	for (const struct node *c = n->child; c; c = c->next)
		if (!numbers_fit(a, c))
			return false;
	return true;
}

const struct node *set_read_json(struct set *s, struct slice text)
{
	struct limits limits = LIMITS_DEFAULT;
	struct values_file *f = s->file;

	f->text = BUF_INIT(text.n + 16);
	buf_adds(&f->text, "{\"v\":");
	buf_add(&f->text, text);
	buf_addc(&f->text, '}');
	stream_init(&f->stream, &limits);
	if (f->text.failed)
		return set_no_memory(s), NULL;
	if (stream_add(&f->stream, f->name, buf_slice(&f->text), &s->err) < 0)
		return NULL;
	if (f->stream.problems.n || f->stream.documents.n != 1 || !f->stream.documents.v[0].json ||
	    json_length(text) != text.n || !numbers_fit(&s->v->arena, f->stream.documents.v[0].root))
		return set_refuse(s, "the value is not JSON"), NULL;
	return node_lookup(f->stream.documents.v[0].root, "v");
}

/* Skips blanks and one comma; true when no value stands before it. */
static bool json_gap(struct set *s)
{
	s->at += set_blanks(slice_from(s->text, s->at));
	if (s->at == s->text.n)
		return true;
	if (s->text.p[s->at] != ',')
		return false;
	s->at++;
	return true;
}

static const struct node *json_value(struct set *s)
{
	const struct node *n;
	struct slice rest;

	if (json_gap(s))
		return made_scalar(s->v, TYPE_NULL, SLICE("null"));
	rest = slice_from(s->text, s->at);
	rest = slice_to(rest, json_length(rest));
	s->at += rest.n;
	n = set_read_json(s, rest);
	json_gap(s);
	return n;
}

struct merged *set_read_value(struct set *s, bool *ended)
{
	const struct node *n = NULL;
	struct slice text;
	char stop;

	*ended = false;
	if (s->kind == SET_JSON) {
		n = json_value(s);
	} else if (s->kind == SET_LITERAL) {
		n = made_scalar(s->v, TYPE_STRING, slice_from(s->text, s->at));
		s->at = s->text.n;
	} else if (s->at == s->text.n) {
		n = made_scalar(s->v, TYPE_STRING, SLICE_EMPTY);
		*ended = true;
	} else if (s->text.p[s->at] == '{') {
		s->at++;
		n = list_value(s);
	} else {
		set_read_until(s, ",", &text, &stop);
		n = simple_value(s, text);
	}
	if (!n && !s->err.status)
		set_no_memory(s);
	return n ? merged_new(s->v, n, s->file) : NULL;
}
