/*
 * parse.c: libyaml's events into nodes, one pass, one document.
 *
 * Spans. libyaml's marks count characters; successive events never go backwards, so one forward cursor turns them into
 * bytes. A scalar's marks are exact (block scalars: header to the last line end). A block collection ends where its
 * last child ends, because libyaml's own end mark is the next token.
 */
#include "yaml/parse.h"

#include "base/sixteen.h"
#include "yaml/feed.h"

/* --- bytes ----------------------------------------------------------------------------------------------------- */

/* Character index -> byte offset in the input. */
static uint32_t to_byte(struct parse *p, size_t index)
{
	if (p->ascii)
		return (uint32_t)(p->base + (index < p->text.n ? index : p->text.n));
	if (index < p->cursor_char) { /* never seen; starting over keeps it right all the same */
		p->cursor_char = 0;
		p->cursor_byte = 0;
	}
	while (p->cursor_char < index && p->cursor_byte < p->text.n) {
		do
			p->cursor_byte++;
		while (p->cursor_byte < p->text.n && ((unsigned char)p->text.p[p->cursor_byte] & 0xc0) == 0x80);
		p->cursor_char++;
	}
	return (uint32_t)(p->base + p->cursor_byte);
}

/* --- problems -------------------------------------------------------------------------------------------------- */

int parse_refuse(struct parse *p, enum problem_kind kind, size_t at, const char *what)
{
	stream_problem(p->stream, kind, p->doc->input, at, "%s", what);
	p->refused = true;
	return 0;
}

/* What libyaml calls a "character that cannot start any token". */
static bool is_indented_by_tab(struct slice text, size_t at)
{
	if (at >= text.n || text.p[at] != '\t')
		return false;
	while (at && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t'))
		at--;
	return !at || text.p[at - 1] == '\n';
}

/* libyaml's words name the problem without quoting the input; its mark is a character index. */
static void refuse_syntax(struct parse *p, const yaml_parser_t *y)
{
	size_t at = p->ascii ? y->problem_mark.index : 0;

	if (!p->ascii) {
		p->cursor_char = p->cursor_byte = 0;
		at = to_byte(p, y->problem_mark.index) - p->base;
	}
	if (at > p->text.n)
		at = p->text.n;
	if (is_indented_by_tab(p->text, at)) {
		stream_problem(p->stream, PROBLEM_STREAM, p->doc->input, p->base + at,
			       "not YAML: a tab indents the line; YAML takes spaces only");
		p->refused = true;
		return;
	}
	stream_problem(p->stream, PROBLEM_STREAM, p->doc->input, p->base + at, "not YAML: %s%s%s",
		       y->problem ? y->problem : "unreadable", y->context ? ", " : "", y->context ? y->context : "");
	p->refused = true;
}

/* --- nodes ----------------------------------------------------------------------------------------------------- */

struct node *parse_node(struct parse *p, enum node_kind kind, const yaml_event_t *e)
{
	struct node *n = ARENA_NEW(&p->stream->arena, struct node);

	if (!n) {
		err_nomem(p->err);
		return NULL;
	}
	n->kind = (uint8_t)kind;
	n->start = to_byte(p, e->start_mark.index);
	n->end = to_byte(p, e->end_mark.index);
	if (++p->nodes > p->stream->limits.nodes) {
		parse_refuse(p, PROBLEM_STREAM, n->start, "more nodes in one document than the limit allows");
		return NULL;
	}
	if (!p->depth) {
		p->root = n;
		return n;
	}
	open_node_add(&p->stack[p->depth - 1], n);
	return n;
}

int parse_anchor(struct parse *p, struct node *n, const yaml_char_t *name)
{
	struct anchor *a;
	struct slice text = slice_str((const char *)name);

	if (!name)
		return 0;
	n->flags |= NODE_PROPS;
	for (size_t i = 0; i < p->anchors.n; i++) {
		if (slice_eq(p->anchors.v[i].name, text)) {
			p->anchors.v[i].node = n;
			return 0;
		}
	}
	if (p->anchors.n >= 1000)
		return parse_refuse(p, PROBLEM_STREAM, n->start, "more than 1000 anchors in one document");
	a = VEC_PUSH(&p->stream->arena, p->anchors);
	if (!a)
		return err_nomem(p->err);
	a->name = arena_copy(&p->stream->arena, text);
	a->node = n;
	return 0;
}

static int add_alias(struct parse *p, const yaml_event_t *e)
{
	struct slice name = slice_str((const char *)e->data.alias.anchor);
	struct node *n = parse_node(p, NODE_ALIAS, e);

	if (!n)
		return p->refused ? 0 : p->err->status;
	n->type = TYPE_COLLECTION;
	p->has_alias = true;
	if (p->digest)
		event_digest_alias(p->digest, name);
	if (n->flags & NODE_KEY)
		return parse_refuse(p, PROBLEM_AMBIGUOUS, n->start, "an alias as a mapping key");
	for (size_t i = 0; i < p->anchors.n; i++)
		if (slice_eq(p->anchors.v[i].name, name))
			n->child = p->anchors.v[i].node;
	if (!n->child)
		return parse_refuse(p, PROBLEM_STREAM, n->start, "an alias without its anchor in the same document");
	for (unsigned i = 0; i < p->depth; i++)
		if (p->stack[i].node == n->child)
			return parse_refuse(p, PROBLEM_STREAM, n->start, "an anchor that contains itself");
	return 0;
}

static int open_collection(struct parse *p, const yaml_event_t *e, enum node_kind kind)
{
	bool map = kind == NODE_MAPPING;
	bool flow = map ? e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
			: e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	const yaml_char_t *anchor = map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor;
	const yaml_char_t *tag = map ? e->data.mapping_start.tag : e->data.sequence_start.tag;
	struct node *n = parse_node(p, kind, e);

	if (!n)
		return p->refused ? 0 : p->err->status;
	n->type = TYPE_COLLECTION;
	n->style = flow ? STYLE_FLOW : STYLE_BLOCK;
	if (tag)
		n->flags |= NODE_PROPS;
	if (parse_tag_in_flow(p, n))
		return parse_refuse(p, PROBLEM_AMBIGUOUS, n->start,
				    "a tag inside a flow collection: readers end it at different places");
	if (n->flags & NODE_KEY)
		return parse_refuse(p, PROBLEM_STREAM, n->start, "a mapping key that is itself a collection");
	if (p->depth >= p->stream->limits.depth)
		return parse_refuse(p, PROBLEM_STREAM, n->start, "collections nested deeper than the limit");
	if (parse_anchor(p, n, anchor) < 0)
		return p->err->status;
	if (p->digest)
		event_digest_open(p->digest, map ? '{' : '[', slice_str((const char *)anchor));
	p->stack[p->depth++] = (struct open_node){.node = n};
	return 0;
}

static int close_collection(struct parse *p, const yaml_event_t *e)
{
	struct open_node *top = &p->stack[--p->depth];
	size_t problems = p->stream->problems.n;
	struct node *n = top->node;

	if (!n)
		return err_set(p->err, STATUS_FAILED, "libyaml ends a collection that it did not begin");
	if (n->style == STYLE_FLOW)
		n->end = to_byte(p, e->end_mark.index);
	else if (top->last)
		n->end = top->last->end > n->start ? top->last->end : n->start;
	if (p->digest)
		event_digest_close(p->digest, n->kind == NODE_MAPPING ? '}' : ']');
	if ((n->kind == NODE_MAPPING ? mapping_finish(p->stream, p->doc, n, p->err)
				     : sequence_finish(n, false, p->err)) < 0)
		return p->err->status;
	p->has_merge |= (n->flags & NODE_HAS_MERGE) != 0;
	p->refused |= p->stream->problems.n > problems;
	return 0;
}

/* --- events ---------------------------------------------------------------------------------------------------- */

static int on_event(struct parse *p, const yaml_event_t *e, bool *document_done)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (*document_done)
			return parse_refuse(p, PROBLEM_AMBIGUOUS, to_byte(p, e->start_mark.index),
					    "a second document without a '---' line before it: the cluster ignores it");
		if (e->data.document_start.version_directive ||
		    e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
			return parse_refuse(p, PROBLEM_AMBIGUOUS, to_byte(p, e->start_mark.index),
					    "a YAML directive ('%')");
		return 0;
	case YAML_DOCUMENT_END_EVENT:
		*document_done = true;
		return 0;
	case YAML_SCALAR_EVENT:
		return parse_scalar(p, e);
	case YAML_ALIAS_EVENT:
		return add_alias(p, e);
	case YAML_MAPPING_START_EVENT:
		return open_collection(p, e, NODE_MAPPING);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(p, e, NODE_SEQUENCE);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return close_collection(p, e);
	default:
		return 0;
	}
}

static int run_parser(struct parse *p)
{
	struct feed feed = {.text = p->text};
	yaml_parser_t y;
	bool done = false, document_done = false;
	size_t events;
	int rc = 0;

	if (!yaml_parser_initialize(&y))
		return err_nomem(p->err);
	if (!feed_start(&feed, &y))
		rc = err_nomem(p->err);
	while (!done && rc == 0 && !p->refused) {
		yaml_event_t e;

		if (!yaml_parser_parse(&y, &e)) {
			if (y.error == YAML_MEMORY_ERROR)
				rc = err_nomem(p->err);
			else
				refuse_syntax(p, &y);
			break;
		}
		events = p->digest ? event_digest_events(p->digest).n : 0;
		rc = on_event(p, &e, &document_done);
		if (p->stream->recorder && event_digest_events(p->digest).n > events)
			event_digest_mark(p->digest, to_byte(p, e.start_mark.index));
		done = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	feed_end(&feed, &y);
	yaml_parser_delete(&y);
	return rc;
}

/* A line that begins with '%' is a directive to some readers and text to others. */
static bool find_percent_line(const struct parse *p, size_t *at)
{
	struct slice rest = p->text;

	if (rest.n && rest.p[0] == '%') {
		*at = 0;
		return true;
	}
	for (size_t n; (n = slice_chr(rest, '%')) != SIZE_MAX; rest = slice_from(rest, n + 1)) {
		*at = (size_t)(rest.p - p->text.p) + n;
		if (*at && p->text.p[*at - 1] == '\n')
			return true;
	}
	return false;
}

/* The rest of the document that the second reader is asked about, if a scalar in it has another spelling. */
static int finish_respelled(struct parse *p)
{
	struct arena *a = &p->stream->arena;

	if (!p->respelled.n)
		return 0;
	buf_add(&p->respelled, slice_of(p->doc->input->bytes.p + p->copied, p->doc->end - p->copied));
	if (p->respelled.failed)
		return err_nomem(p->err);
	p->doc->respelled = arena_copy(a, buf_slice(&p->respelled));
	return 0;
}

static int finish_references(struct parse *p)
{
	size_t problems = p->stream->problems.n;

	if (aliases_check(p->stream, p->doc, p->root, p->err) < 0)
		return p->err->status;
	if (p->stream->problems.n == problems && tree_finish(p->stream, p->doc, p->root, p->err) < 0)
		return p->err->status;
	p->refused = p->stream->problems.n > problems;
	return 0;
}

int document_parse(struct stream *s, struct document *doc, struct err *err)
{
	size_t from = doc->start == doc->body ? doc->start : doc->body;
	struct parse p = {.stream = s, .doc = doc, .err = err};
	struct open_node local[257] = {0}; /* the usual limit of depth, and one */
	size_t percent;
	int rc;

	if (from == 0 && slice_starts(doc->input->bytes, "\xef\xbb\xbf"))
		from = 3;
	p.base = from;
	p.text = slice_of(doc->input->bytes.p + from, doc->end - from);
	p.ascii = !doc->input->characters || ascii_run(p.text.p, p.text.n) == p.text.n;
	if (find_percent_line(&p, &percent)) {
		parse_refuse(&p, PROBLEM_AMBIGUOUS, p.base + percent,
			     "a line that begins with '%': a directive to some readers, text to others");
		return 0;
	}
	p.stack = s->limits.depth < ARRAY_SIZE(local) ? local : calloc(s->limits.depth + 1, sizeof(*p.stack));
	if (!p.stack)
		return err_nomem(err);
	if (s->digest_secret) {
		p.digest = s->recorder ? s->recorder : event_digest_new(s->digest_secret);
		if (!p.digest) {
			if (p.stack != local)
				free(p.stack);
			return err_nomem(err);
		}
		p.respelled = BUF_INIT(p.text.n * 8 + 64);
		p.copied = p.base;
	}
	rc = run_parser(&p);
	if (rc == 0 && !p.refused && (p.has_alias || p.has_merge))
		rc = finish_references(&p);
	if (p.digest) {
		if (rc == 0 && !event_digest_get(p.digest, doc->digest))
			rc = err_nomem(err);
		if (!s->recorder)
			event_digest_free(p.digest);
		if (rc == 0)
			rc = finish_respelled(&p);
		buf_release(&p.respelled);
	}
	if (p.stack != local)
		free(p.stack);
	if (rc < 0)
		return rc;
	doc->aliases = p.has_alias;
	if (!p.refused) {
		doc->empty = node_is_null(p.root);
		doc->root = doc->empty ? NULL : p.root;
	}
	return arena_failed(&s->arena) ? err_nomem(err) : 0;
}

bool document_events(const struct stream *s, const struct document *d, struct buf *events, struct buf *marks)
{
	cleanup_stream struct stream scratch;
	struct document copy = *d;
	struct err err = ERR_INIT;

	stream_init(&scratch, &s->limits);
	scratch.digest_secret = s->digest_secret;
	scratch.recorder = event_digest_new(s->digest_secret);
	if (!scratch.recorder || document_parse(&scratch, &copy, &err) < 0) {
		event_digest_free(scratch.recorder);
		return false;
	}
	buf_add(events, event_digest_events(scratch.recorder));
	buf_add(marks, event_digest_marks(scratch.recorder));
	event_digest_free(scratch.recorder);
	return !events->failed && !marks->failed;
}

const char *libyaml_version(void)
{
	return yaml_get_version_string();
}
