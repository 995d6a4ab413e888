/*
 * json.c: strict JSON values, one document each, read from the start of a stream that begins with `{`.
 *
 * The API machinery reads such a stream with encoding/json and turns to YAML at the first value that is not JSON,
 * provided it has read at most one. libyaml alone would accept more than JSON here (unquoted keys, trailing commas).
 */
#include "base/utf8.h"
#include "yaml/tree.h"

enum { GUESS_BYTES = 4096 };

size_t wide_space(struct slice s)
{
	static const char *const spaces[] = {
		"\xc2\x85",	"\xc2\xa0",	"\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
		"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
		"\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++)
		if (slice_starts(s, spaces[i]))
			return strlen(spaces[i]);
	return 0;
}

enum json_guess json_guess(struct slice bytes)
{
	struct slice head = slice_trim(slice_to(bytes, GUESS_BYTES));
	bool wide = false;

	for (size_t n; (n = wide_space(head)) != 0; wide = true)
		head = slice_trim(slice_from(head, n));
	if (!head.n || head.p[0] != '{')
		return JSON_NO;
	return wide ? JSON_UNCLEAR : JSON_MAYBE;
}

struct json {
	struct stream *s;
	struct document *doc;
	struct err *err;
	const char *p; /* the input */
	size_t at, n;
	unsigned depth;
	size_t nodes; /* of the document at hand */
	bool limit;   /* a limit was reached: not a matter of JSON or YAML */
	bool bad;     /* not JSON from here on */
};

static void skip_space(struct json *j)
{
	while (j->at < j->n &&
	       (j->p[j->at] == ' ' || j->p[j->at] == '\t' || j->p[j->at] == '\n' || j->p[j->at] == '\r'))
		j->at++;
}

static bool fail(struct json *j)
{
	j->bad = true;
	return false;
}

static bool reach_limit(struct json *j, const char *what)
{
	stream_problem(j->s, PROBLEM_STREAM, j->doc->input, j->at, "%s", what);
	j->limit = true;
	return false;
}

static struct node *new_node(struct json *j, enum node_kind kind)
{
	struct node *n;

	if (++j->nodes > j->s->limits.nodes) {
		reach_limit(j, "more nodes in one document than the limit allows");
		return NULL;
	}
	n = ARENA_NEW(&j->s->arena, struct node);
	if (!n) {
		err_nomem(j->err);
		return NULL;
	}
	n->kind = (uint8_t)kind;
	n->start = (uint32_t)j->at;
	n->style = kind == NODE_SCALAR ? STYLE_PLAIN : STYLE_FLOW;
	n->type = kind == NODE_SCALAR ? TYPE_STRING : TYPE_COLLECTION;
	n->flags = NODE_JSON;
	return n;
}

static int hex4(const char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/* One escape at s (after the backslash); *used and *put tell the bytes taken and written. */
static bool unescape(const char *s, size_t n, char *out, size_t *used, size_t *put)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *simple = n ? memchr(from, s[0], sizeof(from) - 1) : NULL;
	int hi, lo;

	*used = *put = 1;
	if (simple) {
		out[0] = to[simple - from];
		return true;
	}
	if (n < 5 || s[0] != 'u' || (hi = hex4(s + 1)) < 0)
		return false;
	*used = 5;
	if (hi >= 0xd800 && hi <= 0xdbff) {
		if (n < 11 || s[5] != '\\' || s[6] != 'u' || (lo = hex4(s + 7)) < 0xdc00 || lo > 0xdfff)
			return false;
		*used = 11;
		*put = utf8_write(0x10000u + (((uint32_t)hi & 0x3ff) << 10) + ((uint32_t)lo & 0x3ff), out);
		return true;
	}
	if (hi >= 0xdc00 && hi <= 0xdfff)
		return false; /* half a surrogate pair: Go would put U+FFFD in its place */
	*put = utf8_write((uint32_t)hi, out);
	return true;
}

static bool read_string(struct json *j, struct node *n)
{
	size_t from = ++j->at, len = 0;
	bool escaped = false;
	char *out;

	while (j->at < j->n && j->p[j->at] != '"') {
		if ((unsigned char)j->p[j->at] < ' ')
			return fail(j);
		if (j->p[j->at] == '\\') {
			escaped = true;
			j->at++;
		}
		j->at++;
	}
	if (j->at >= j->n)
		return fail(j);
	n->text = j->p + from;
	n->text_n = (uint32_t)(j->at - from);
	n->style = STYLE_DOUBLE;
	j->at++;
	if (!escaped)
		return true;
	out = arena_bytes(&j->s->arena, n->text_n);
	if (!out)
		return err_nomem(j->err), false;
	for (size_t i = 0; i < n->text_n;) {
		size_t used, put;

		if (n->text[i] != '\\') {
			out[len++] = n->text[i++];
			continue;
		}
		if (!unescape(n->text + i + 1, n->text_n - i - 1, out + len, &used, &put))
			return fail(j);
		i += 1 + used;
		len += put;
	}
	n->text = out;
	n->text_n = (uint32_t)len;
	return true;
}

static bool digits(struct json *j)
{
	size_t from = j->at;

	while (j->at < j->n && j->p[j->at] >= '0' && j->p[j->at] <= '9')
		j->at++;
	return j->at > from;
}

static bool read_number(struct json *j, struct node *n)
{
	size_t from = j->at;

	n->type = TYPE_INT;
	if (j->p[j->at] == '-')
		j->at++;
	if (j->at < j->n && j->p[j->at] == '0')
		j->at++;
	else if (!digits(j))
		return fail(j);
	if (j->at < j->n && j->p[j->at] == '.') {
		n->type = TYPE_FLOAT;
		j->at++;
		if (!digits(j))
			return fail(j);
	}
	if (j->at < j->n && (j->p[j->at] | 0x20) == 'e') {
		n->type = TYPE_FLOAT;
		j->at++;
		if (j->at < j->n && (j->p[j->at] == '+' || j->p[j->at] == '-'))
			j->at++;
		if (!digits(j))
			return fail(j);
	}
	n->text = j->p + from;
	n->text_n = (uint32_t)(j->at - from);
	return true;
}

static bool read_word(struct json *j, struct node *n)
{
	static const struct {
		const char *word;
		enum node_type type;
		uint8_t flag;
	} words[] = {{"true", TYPE_BOOL, NODE_TRUE}, {"false", TYPE_BOOL, 0}, {"null", TYPE_NULL, 0}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t len = strlen(words[i].word);

		if (j->n - j->at >= len && memcmp(j->p + j->at, words[i].word, len) == 0) {
			n->type = (uint8_t)words[i].type;
			n->flags |= words[i].flag;
			n->text = j->p + j->at;
			n->text_n = (uint32_t)len;
			j->at += len;
			return true;
		}
	}
	return fail(j);
}

static struct node *read_value(struct json *j);

static bool read_members(struct json *j, struct node *coll, char close)
{
	struct open_node open = {.node = coll};
	bool map = close == '}';
	struct node *v;

	j->at++;
	skip_space(j);
	if (j->at < j->n && j->p[j->at] == close) {
		j->at++;
		return true;
	}
	for (;;) {
		skip_space(j);
		if (map && (j->at >= j->n || j->p[j->at] != '"'))
			return fail(j);
		v = read_value(j);
		if (!v)
			return false;
		open_node_add(&open, v);
		skip_space(j);
		if (map) {
			if (j->at >= j->n || j->p[j->at] != ':')
				return fail(j);
			j->at++;
			v = read_value(j);
			if (!v)
				return false;
			open_node_add(&open, v);
			skip_space(j);
		}
		if (j->at < j->n && j->p[j->at] == ',') {
			j->at++;
			continue;
		}
		if (j->at >= j->n || j->p[j->at] != close)
			return fail(j);
		j->at++;
		return true;
	}
}

static bool read_collection(struct json *j, struct node *n, char close)
{
	bool ok;

	if (++j->depth > j->s->limits.depth)
		return reach_limit(j, "collections nested deeper than the limit");
	ok = read_members(j, n, close);
	j->depth--;
	n->end = (uint32_t)j->at;
	if (ok && (close == '}' ? mapping_finish(j->s, j->doc, n, j->err) : sequence_finish(n, false, j->err)) < 0)
		return false;
	return ok;
}

static struct node *read_value(struct json *j)
{
	struct node *n;
	bool ok;
	char c;

	skip_space(j);
	if (j->at >= j->n)
		return fail(j), NULL;
	c = j->p[j->at];
	n = new_node(j, c == '{' ? NODE_MAPPING : c == '[' ? NODE_SEQUENCE : NODE_SCALAR);
	if (!n)
		return NULL;
	if (c == '{' || c == '[')
		ok = read_collection(j, n, c == '{' ? '}' : ']');
	else if (c == '"')
		ok = read_string(j, n);
	else if (c == '-' || (c >= '0' && c <= '9'))
		ok = read_number(j, n);
	else
		ok = read_word(j, n);
	n->end = (uint32_t)j->at;
	return ok ? n : NULL;
}

/* Where YAML reading goes on: after the blanks up to and with the first line end. SIZE_MAX: the API machinery gives
   up, because fewer than four bytes are left to look at. */
static size_t resume_at(const struct json *j, size_t at)
{
	for (;;) {
		char c;

		if (j->n - at < 4)
			return SIZE_MAX;
		c = j->p[at];
		if ((unsigned char)c >= 0x80) /* perhaps a blank of Unicode, which the API machinery would skip */
			return SIZE_MAX;
		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return at;
		at++;
		if (c == '\n')
			return at;
	}
}

static struct document *push_document(struct json *j, struct input *in, size_t at)
{
	struct document *d = VEC_PUSH(&j->s->arena, j->s->documents);

	if (!d) {
		err_nomem(j->err);
		return NULL;
	}
	d->input = in;
	d->start = d->body = d->end = (uint32_t)at;
	d->json = true;
	return d;
}

int stream_read_json(struct stream *s, struct input *in, size_t *yaml_from, struct err *err)
{
	struct json j = {.s = s, .err = err, .p = in->bytes.p, .n = in->bytes.n};
	size_t count = 0, consumed = 0;

	for (*yaml_from = SIZE_MAX;;) {
		size_t problems = s->problems.n;
		struct document *d;

		skip_space(&j);
		if (j.at >= j.n)
			return 0;
		d = j.doc = push_document(&j, in, j.at);
		if (!d)
			return err->status;
		j.nodes = 0;
		d->root = read_value(&j);
		if (arena_failed(&s->arena))
			return arena_status(&s->arena, err);
		if (j.limit || s->problems.n > problems) {
			d->root = NULL;
			return 0;
		}
		if (!d->root && !j.bad)
			return err->status;
		if (!d->root)
			break;
		d->end = (uint32_t)j.at;
		d->empty = node_is_null(d->root);
		if (d->empty)
			d->root = NULL;
		consumed = j.at;
		count++;
	}
	s->documents.n--; /* the value that was not JSON */
	*yaml_from = count <= 1 ? resume_at(&j, consumed) : SIZE_MAX;
	if (*yaml_from == SIZE_MAX)
		stream_problem(s, PROBLEM_STREAM, in, j.at < j.n ? j.at : j.n,
			       count ? "not JSON, after %zu JSON document%s" : "not JSON", count,
			       count == 1 ? "" : "s");
	return 0;
}
