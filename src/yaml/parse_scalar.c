/*
 * parse_scalar.c: scalar events into nodes: style, text, tag, type.
 */
#include "yaml/parse.h"

#include "base/base64.h"
#include "yaml/defects.h"

/* In flow context readers disagree about where a tag ends that runs into an indicator: `{!, x: 1}`. */
bool parse_tag_in_flow(const struct parse *p, const struct node *n)
{
	struct slice at = slice_from(p->doc->input->bytes, n->start);
	size_t end = 0;

	if (!parse_in_flow(p))
		return false;
	while (at.n && at.p[0] == '&') {
		while (at.n && at.p[0] != ' ' && at.p[0] != '\t' && at.p[0] != '\n')
			at = slice_from(at, 1);
		at = slice_trim(at);
	}
	if (!at.n || at.p[0] != '!')
		return false;
	while (end < at.n && !strchr(" \t\r\n,[]{}", at.p[end]))
		end++;
	return end == at.n || strchr(",[]{}", at.p[end]);
}

static enum node_style style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return STYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return STYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return STYLE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return STYLE_FOLDED;
	default:
		return STYLE_PLAIN;
	}
}

/* The decoded text: a slice of the input where it is there unchanged. */
static void set_text(struct parse *p, struct node *n, struct slice decoded)
{
	size_t quote = n->style == STYLE_SINGLE || n->style == STYLE_DOUBLE ? 1 : 0;
	struct slice raw = slice_of(p->doc->input->bytes.p + n->start, n->end - n->start);

	if (raw.n == decoded.n + 2 * quote && n->style <= STYLE_DOUBLE &&
	    memcmp(raw.p + quote, decoded.p, decoded.n) == 0)
		decoded.p = raw.p + quote;
	else
		decoded = arena_copy(&p->stream->arena, decoded);
	n->text = decoded.p;
	n->text_n = (uint32_t)decoded.n;
}

static int set_binary(struct parse *p, struct node *n)
{
	struct buf out = BUF_INIT(p->stream->limits.bytes);
	size_t at;
	bool odd;
	const char *why;
	int rc = 0;

	if (!base64_decode(node_text(n), BASE64_STANDARD, &out) || !bytes_valid(buf_slice(&out), &odd, &at, &why))
		rc = parse_refuse(p, PROBLEM_STREAM, n->start, "a !!binary value that is not base64 of UTF-8 text");
	else
		set_text(p, n, buf_slice(&out));
	buf_release(&out);
	return rc;
}

/* What libyaml takes and go-yaml v2 does not: `\/` in double quotes, and `?` inside a plain scalar of a flow
 * collection. */
static bool odd_for_go_yaml(struct parse *p, const struct node *n)
{
	const char *raw = p->doc->input->bytes.p;

	if (n->style == STYLE_PLAIN && parse_in_flow(p) && memchr(raw + n->start, '?', n->end - n->start)) {
		parse_refuse(p, PROBLEM_AMBIGUOUS, n->start,
			     "a '?' in an unquoted value of a flow collection: readers differ on where the value ends");
		return true;
	}
	for (uint32_t i = n->start; n->style == STYLE_DOUBLE && i + 1 < n->end; i++) {
		if (raw[i] != '\\')
			continue;
		if (raw[++i] == '/') {
			parse_refuse(p, PROBLEM_STREAM, i - 1,
				     "the escape '\\/', which the cluster's reader does not know");
			return true;
		}
	}
	return false;
}

/* Where the scalar itself begins: behind its anchor and tag. */
static uint32_t behind_properties(const struct parse *p, const struct node *n)
{
	const char *raw = p->doc->input->bytes.p;
	uint32_t at = n->start;

	while (at < n->end && (raw[at] == '&' || raw[at] == '!')) {
		while (at < n->end && !strchr(" \t\r\n", raw[at]))
			at++;
		while (at < n->end && strchr(" \t\r\n", raw[at]))
			at++;
	}
	return at;
}

/* Scalars come in the order of the input. */
static void respell(struct parse *p, const struct node *n, struct slice text)
{
	uint32_t from = n->flags & NODE_PROPS ? behind_properties(p, n) : n->start;
	const char *bytes = p->doc->input->bytes.p;
	cleanup_buf struct buf other = BUF_INIT(p->respelled.cap);

	if (n->style == STYLE_PLAIN) {
		if (from == n->end && n->parent && n->parent->kind == NODE_SEQUENCE &&
		    n->parent->style == STYLE_BLOCK && from && bytes[from - 1] == '-' && defect_empty_item()) {
			buf_add(&p->respelled, slice_of(bytes + p->copied, from - p->copied));
			buf_adds(&p->respelled, " ~");
			p->copied = from;
		}
		return;
	}
	if (!defect_respell((enum node_style)n->style, slice_of(bytes + from, n->end - from), text, &other))
		return;
	buf_add(&p->respelled, slice_of(bytes + p->copied, from - p->copied));
	buf_add(&p->respelled, buf_slice(&other));
	p->copied = n->end;
}

int parse_scalar(struct parse *p, const yaml_event_t *e)
{
	const char *tag = (const char *)e->data.scalar.tag;
	struct slice text = slice_of((const char *)e->data.scalar.value, e->data.scalar.length);
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct node *n = parse_node(p, NODE_SCALAR, e);
	struct resolved r = {.type = TYPE_STRING};

	if (!n)
		return p->refused ? 0 : p->err->status;
	n->style = (uint8_t)style_of(e->data.scalar.style);
	if (tag || e->data.scalar.anchor || (n->start < n->end && p->doc->input->bytes.p[n->start] == '!')) {
		n->flags |= NODE_PROPS;
		if (parse_tag_in_flow(p, n))
			return parse_refuse(p, PROBLEM_AMBIGUOUS, n->start,
					    "a tag inside a flow collection: readers end it at different places");
	}
	if (odd_for_go_yaml(p, n))
		return 0;
	set_text(p, n, text);
	if (parse_anchor(p, n, e->data.scalar.anchor) < 0)
		return p->err->status;
	if (p->digest)
		event_digest_scalar(p->digest, plain, slice_str((const char *)e->data.scalar.anchor), text);
	if (p->digest)
		respell(p, n, text);
	if (tag || e->data.scalar.plain_implicit)
		r = scalar_resolve(tag, text);
	if (r.failed)
		return parse_refuse(p, PROBLEM_STREAM, n->start, "a value that its tag does not allow");
	n->type = (uint8_t)r.type;
	if (r.is_true)
		n->flags |= NODE_TRUE;
	if (tag && strcmp(tag, "tag:yaml.org,2002:binary") == 0 && set_binary(p, n) < 0)
		return p->err->status;
	if ((n->flags & NODE_KEY) && slice_is(text, "<<")) {
		bool merge_tag = tag && strcmp(tag, "tag:yaml.org,2002:merge") == 0;

		/* `! <<` and `!!str <<` merge in one reader and not in another. */
		if ((n->flags & NODE_PROPS) && !merge_tag)
			return parse_refuse(p, PROBLEM_AMBIGUOUS, n->start,
					    "a merge key ('<<') with a tag or an anchor");
		if (merge_tag || e->data.scalar.plain_implicit)
			n->flags |= NODE_MERGE;
	}
	return 0;
}
