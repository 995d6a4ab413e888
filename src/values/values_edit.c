#include "userfile/user_file.h"
#include "values/values_edit_parts.h"

static struct slice text_of(const struct edit *e)
{
	return buf_slice(&e->file->text);
}

static int refuse(const struct edit *e, const struct node *at, struct err *err, const char *why)
{
	struct position p = values_position(e->file, at);

	return err_set(err, STATUS_USAGE, "%s:%zu:%zu: " SLICE_FMT " cannot be set here: %s", e->how->name, p.line,
		       p.column, SLICE_ARG(e->key), why);
}

/* What the option makes of its text, in Helm's typing: the end of the only path that it holds. */
static const struct node *assigned(const struct values_file *f)
{
	const struct node *n = f->root;

	while (n && n->kind != NODE_SCALAR) {
		n = n->child;
		if (n && n->flags & NODE_KEY)
			n = n->next;
		while (n && n->next && !(n->next->flags & NODE_KEY))
			n = n->next; /* items before the one that is meant are null */
	}
	return n;
}

static int open_edit(struct edit *e, struct slice text, const struct value_set *set, struct err *err)
{
	size_t files;

	e->key = slice_to(slice_str(set->text), slice_chr(slice_str(set->text), '='));
	if (values_add_text(&e->values, e->how->name, text, err) < 0)
		return err->status;
	e->file = e->values.files.v[0];
	files = e->values.files.n;
	if (!edit_split_key(e))
		return err_set(err, STATUS_USAGE, "%s: '" SLICE_FMT "' is not a path of plain keys", e->how->name,
			       SLICE_ARG(e->key));
	if (values_add_set(&e->values, set->kind, set->text, err) < 0)
		return err->status;
	e->value = e->values.files.n == files + 1 ? assigned(e->values.files.v[files]) : NULL;
	if (!e->value)
		return err_set(err, STATUS_USAGE, "%s: '" SLICE_FMT "' is not set to one value", e->how->name,
			       SLICE_ARG(e->key));
	return 0;
}

/* --- where it is ------------------------------------------------------------------------------------------------ */

static const struct node *written_value(const struct node *map, struct slice key)
{
	for (const struct node *k = map->child; k; k = k->next->next)
		if (!(k->flags & (NODE_SHADOWED | NODE_MERGE)) && slice_eq(node_text(k), key))
			return k->next;
	return NULL;
}

static const struct node *item_at(const struct node *seq, size_t index)
{
	const struct node *n = seq->child;

	while (n && index--)
		n = n->next;
	return n;
}

/* A change of what other places of the file repeat would change them too. */
static bool is_shared(const struct edit *e, const struct node *n)
{
	return n->kind == NODE_ALIAS || (n->flags & NODE_PROPS && e->file->stream.documents.v[0].aliases);
}

/* Goes down the path as far as the file has it. */
static int descend(struct edit *e, struct err *err)
{
	e->at = e->file->root;
	for (e->depth = 0; e->at && e->depth < e->steps_n; e->depth++) {
		const struct step *s = &e->steps[e->depth];
		const struct node *next;

		if (is_shared(e, e->at))
			return refuse(e, e->at, err, "an anchor or alias shares this value with other places");
		if (e->at->kind != (s->is_index ? NODE_SEQUENCE : NODE_MAPPING))
			return refuse(e, e->at, err,
				      node_is_null(e->at) ? "this null removes what is below it"
				      : s->is_index	  ? "this is not a list"
							  : "this is not a mapping");
		next = s->is_index ? item_at(e->at, s->index) : written_value(e->at, s->key);
		if (next) {
			e->at = next;
			continue;
		}
		if (s->is_index && s->index != node_count(e->at))
			return refuse(e, e->at, err, "the list is too short");
		if (!s->is_index && e->depth + 1 < e->steps_n && node_get(e->at, s->key))
			return refuse(e, e->at, err, "a merge brings this key");
		return 0;
	}
	return 0;
}

/* --- bytes ------------------------------------------------------------------------------------------------------ */

static size_t line_start(struct slice text, size_t at)
{
	while (at && text.p[at - 1] != '\n')
		at--;
	return at;
}

static const char *line_end(struct slice text)
{
	size_t nl = slice_chr(text, '\n');

	return nl != SIZE_MAX && nl && text.p[nl - 1] == '\r' ? "\r\n" : "\n";
}

/* Where what was written of a node ends: a block collection's own span may run on to the next token. */
static size_t written_end(struct slice text, const struct node *n)
{
	size_t end = n->end;

	if (n->kind == NODE_MAPPING || n->kind == NODE_SEQUENCE) {
		const struct node *last = n->style == STYLE_BLOCK ? n->child : NULL;

		while (last && last->next)
			last = last->next;
		return last ? written_end(text, last) : end;
	}
	if (n->kind == NODE_SCALAR && (n->style == STYLE_LITERAL || n->style == STYLE_FOLDED))
		while (end > n->start && strchr(" \t\r\n", text.p[end - 1]))
			end--;
	return end;
}

static bool is_json(const struct edit *e)
{
	return e->file->stream.documents.n && e->file->stream.documents.v[0].json;
}

static void put_value(const struct edit *e, enum node_style like, struct buf *out)
{
	if (e->value && e->value->type == TYPE_STRING)
		scalar_write(node_text(e->value), is_json(e) ? STYLE_DOUBLE : like, out);
	else
		buf_add(out, node_text(e->value));
}

static void put_key(const struct edit *e, struct slice key, struct buf *out)
{
	if (is_json(e))
		json_quote(key, out);
	else
		scalar_write(key, STYLE_PLAIN, out);
}

static void put_indent(struct buf *out, size_t n)
{
	while (n--)
		buf_addc(out, ' ');
}

/* The steps from `from` on as lines, each step two columns deeper. */
static void put_block(const struct edit *e, size_t from, size_t indent, struct buf *out)
{
	const char *nl = line_end(text_of(e));

	for (size_t i = from; i < e->steps_n; i++, indent += 2) {
		put_indent(out, indent);
		if (e->steps[i].is_index) {
			buf_addc(out, '-');
		} else {
			put_key(e, e->steps[i].key, out);
			buf_addc(out, ':');
		}
		if (i + 1 < e->steps_n)
			buf_adds(out, nl);
	}
	buf_addc(out, ' ');
	put_value(e, STYLE_PLAIN, out);
	buf_adds(out, nl);
}

/* The same in one line: `a: {b: [c]}`. */
static void put_flow(const struct edit *e, size_t from, struct buf *out)
{
	char closing[STEPS_MAX];
	size_t n = 0;

	for (size_t i = from; i < e->steps_n; i++) {
		if (i > from) {
			buf_addc(out, e->steps[i].is_index ? '[' : '{');
			closing[n++] = e->steps[i].is_index ? ']' : '}';
		}
		if (!e->steps[i].is_index) {
			put_key(e, e->steps[i].key, out);
			buf_adds(out, ": ");
		}
	}
	/* Plain text may hold what ends a flow collection. */
	put_value(e, STYLE_DOUBLE, out);
	while (n)
		buf_addc(out, closing[--n]);
}

static void exchange(struct slice text, size_t from, size_t to, struct slice with, struct buf *out)
{
	buf_add(out, slice_to(text, from));
	buf_add(out, with);
	buf_add(out, slice_from(text, to));
}

/* --- the edits -------------------------------------------------------------------------------------------------- */

static int replace_value(const struct edit *e, struct buf *out, struct err *err)
{
	cleanup_buf struct buf with = BUF_INIT(USER_FILE_LIMIT);
	const struct node *n = e->at;

	if (is_shared(e, n))
		return refuse(e, n, err, "an anchor or alias shares this value with other places");
	if (n->kind != NODE_SCALAR)
		return refuse(e, n, err, "a collection is here");
	if (n->flags & NODE_PROPS)
		return refuse(e, n, err, "the value has a tag or an anchor");
	if (n->style == STYLE_LITERAL || n->style == STYLE_FOLDED)
		return refuse(e, n, err, "the value is a block text");
	if (n->start == n->end)
		buf_addc(&with, ' '); /* `key:` with nothing behind it */
	put_value(e, (enum node_style)n->style, &with);
	exchange(text_of(e), n->start, n->end, buf_slice(&with), out);
	return with.failed ? err_nomem(err) : 0;
}

static int insert_flow(const struct edit *e, struct buf *out, struct err *err)
{
	cleanup_buf struct buf with = BUF_INIT(USER_FILE_LIMIT);
	const struct node *last = e->at->child;
	size_t at;

	while (last && last->next)
		last = last->next;
	at = last ? written_end(text_of(e), last) : e->at->end - 1;
	if (last)
		buf_adds(&with, ", ");
	put_flow(e, e->depth, &with);
	exchange(text_of(e), at, at, buf_slice(&with), out);
	return with.failed ? err_nomem(err) : 0;
}

/* The column of what begins the lines of a block collection: its keys, or its dashes. False: something is before it. */
static bool block_column(struct slice text, const struct node *n, size_t *column)
{
	size_t at = n->child->start, from;

	if (n->kind == NODE_SEQUENCE)
		while (at && text.p[at] != '-')
			at--;
	from = line_start(text, at);
	*column = at - from;
	for (size_t i = from; i < at; i++)
		if (text.p[i] != ' ')
			return false;
	return true;
}

static int insert_block(const struct edit *e, struct buf *out, struct err *err)
{
	cleanup_buf struct buf with = BUF_INIT(USER_FILE_LIMIT);
	struct slice text = text_of(e);
	size_t at = text.n, column = 0, nl;

	if (e->at && !block_column(text, e->at, &column))
		return refuse(e, e->at, err, "its first key does not begin a line");
	if (e->at) {
		at = written_end(text, e->at);
		nl = slice_chr(slice_from(text, at), '\n');
		at = nl == SIZE_MAX ? text.n : at + nl + 1;
	}
	if (at && text.p[at - 1] != '\n')
		buf_adds(&with, line_end(text));
	put_block(e, e->depth, column, &with);
	exchange(text, at, at, buf_slice(&with), out);
	return with.failed ? err_nomem(err) : 0;
}

/* A key of the same mapping that the chart does not know and that is nearly the wanted one; NULL: none, or several. */
static const struct node *mistyped(const struct edit *e)
{
	const struct step *s = &e->steps[e->depth];
	const struct node *found = NULL;

	if (!e->how->known || !e->at || s->is_index)
		return NULL;
	for (const struct node *k = e->at->child; k; k = k->next->next) {
		struct buf path = BUF_TEXT;
		bool known;

		/* Of a short word two letters are another word. */
		if (k->flags & (NODE_SHADOWED | NODE_MERGE | NODE_PROPS) ||
		    slice_distance(node_text(k), s->key, 2) > (s->key.n < 6 ? s->key.n / 4 : 2))
			continue;
		buf_add(&path, slice_of(e->key.p, (size_t)(s->key.p - e->key.p)));
		buf_add(&path, node_text(k));
		known = path.failed || e->how->known(e->how->arg, buf_str(&path));
		buf_release(&path);
		if (known)
			continue;
		if (found)
			return NULL;
		found = k;
	}
	return found;
}

static int same_json(struct values *a, struct values *b, bool *same, struct err *err)
{
	cleanup_buf struct buf one = BUF_INIT(SIZE_MAX / 4), two = BUF_INIT(SIZE_MAX / 4);

	values_write_json(a, &one);
	values_write_json(b, &two);
	if (one.failed || two.failed)
		return err_nomem(err);
	*same = slice_eq(buf_slice(&one), buf_slice(&two));
	return 0;
}

/* What is written now says what Helm would have made of the file and the option. */
static int check_result(struct edit *e, struct slice text, struct err *err)
{
	cleanup_values struct values now;
	bool same = false;

	values_init(&now);
	if (values_add_text(&now, e->how->name, text, err) < 0 || same_json(&e->values, &now, &same, err) < 0)
		return err->status;
	return same ? 0
		    : err_set(err, STATUS_USAGE,
			      "%s: " SLICE_FMT " cannot be set here without a change of other values", e->how->name,
			      SLICE_ARG(e->key));
}

static int change(struct edit *e, struct buf *out, struct err *err)
{
	if (descend(e, err) < 0)
		return err->status;
	if (e->at && e->depth == e->steps_n)
		return replace_value(e, out, err);
	if (e->at && (e->at->style == STYLE_FLOW || !e->at->child))
		return insert_flow(e, out, err);
	return insert_block(e, out, err);
}

static int rename_key(const struct edit *e, const struct node *key, struct buf *out, struct err *err)
{
	cleanup_buf struct buf with = BUF_TEXT;

	scalar_write(e->steps[e->depth].key, is_json(e) ? STYLE_DOUBLE : (enum node_style)key->style, &with);
	exchange(text_of(e), key->start, key->end, buf_slice(&with), out);
	return with.failed || out->failed ? err_nomem(err) : 0;
}

/* Renames what is mistyped on the way to the key: at most one key for each step. */
static int correct_keys(const struct values_edit *how, const struct value_set *set, struct buf *text, struct err *err)
{
	for (size_t i = 0; i < STEPS_MAX; i++) {
		struct edit e = {.how = how};
		struct buf renamed = BUF_INIT(USER_FILE_LIMIT);
		const struct node *key = NULL;
		int rc;

		values_init(&e.values);
		rc = open_edit(&e, buf_slice(text), set, err);
		if (rc == 0)
			rc = descend(&e, err);
		if (rc == 0 && e.depth < e.steps_n)
			key = mistyped(&e);
		if (key)
			rc = rename_key(&e, key, &renamed, err);
		values_release(&e.values);
		if (rc < 0 || !key) {
			buf_release(&renamed);
			return rc;
		}
		buf_release(text);
		*text = renamed;
	}
	return 0;
}

static int edit_one(const struct values_edit *how, const struct value_set *set, struct buf *text, struct err *err)
{
	struct edit e = {.how = how};
	struct buf changed = BUF_INIT(USER_FILE_LIMIT);
	int rc;

	if (correct_keys(how, set, text, err) < 0)
		return err->status;
	values_init(&e.values);
	rc = open_edit(&e, buf_slice(text), set, err);
	if (rc == 0)
		rc = change(&e, &changed, err);
	if (rc == 0 && changed.failed)
		rc = err_nomem(err);
	if (rc == 0)
		rc = check_result(&e, buf_slice(&changed), err);
	values_release(&e.values);
	if (rc < 0) {
		buf_release(&changed);
		return rc;
	}
	buf_release(text);
	*text = changed;
	return 0;
}

int values_edit(const struct values_edit *how, struct slice text, const struct value_set *sets, size_t n,
		struct buf *out, struct err *err)
{
	cleanup_buf struct buf now = BUF_INIT(USER_FILE_LIMIT);

	buf_add(&now, text);
	if (now.failed)
		return err_set(err, STATUS_USAGE, "%s is longer than %d MiB", how->name, USER_FILE_LIMIT >> 20);
	for (size_t i = 0; i < n; i++)
		if (edit_one(how, &sets[i], &now, err) < 0)
			return err->status;
	buf_add(out, buf_slice(&now));
	return out->failed ? err_nomem(err) : 0;
}
