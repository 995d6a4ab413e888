/*
 * policy_read.c: the text of a policy file into a struct policy. Strict: what is not known is an error, because a
 * demand that is misspelt would be no demand at all.
 */
#include "policy/policy_reader.h"

#include "policy/policy_key.h"

#define HEADER "'apiVersion: " POLICY_API_VERSION "' and 'kind: " POLICY_KIND "'"

/* --- places and faults ----------------------------------------------------------------------------------------- */

int reader_fail(struct policy_reader *r, const struct node *at, const char *fmt, ...)
{
	char text[sizeof(r->err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return user_file_fault(&r->stream, at ? at->start : 0, r->err, "%s", text);
}

struct origin reader_origin(struct policy_reader *r, const struct node *at)
{
	struct position pos = input_position(&r->stream, r->stream.inputs.v[0], at->start);

	return (struct origin){.file = r->file, .line = pos.line, .column = pos.column};
}

/* As it stands in the file: `on` and not the "true" that YAML makes of it. */
static struct slice written(const struct policy_reader *r, const struct node *n)
{
	return slice_of(r->stream.inputs.v[0]->bytes.p + n->start, n->end - n->start);
}

int reader_unknown(struct policy_reader *r, const struct node *key, const char *in, const char *near)
{
	struct shown name = show_text(key->type == TYPE_STRING ? node_text(key) : written(r, key));

	return reader_fail(r, key, "unknown key %s%s%s%s%s%s%s%s", name.text, in ? " in '" : "", in ? in : "",
			   in ? "'" : "", near ? "; did you mean '" : "", near ? near : "", near ? "'" : "",
			   near ? "?" : "");
}

int reader_text(struct policy_reader *r, const struct node *n, const char *what, const char *must_be, struct slice *out)
{
	*out = node_string(n);
	if (out->n)
		return 0;
	if (node_is_null(n) || node_is_string(n))
		return reader_fail(r, n, "'%s' has no value; it must be %s", what, must_be);
	if (n->kind == NODE_SCALAR)
		return reader_fail(r, n, "'%s' must be %s; %s is %s in YAML unless it stands in quotes", what, must_be,
				   show_text(written(r, n)).text, node_noun(n));
	return reader_fail(r, n, "'%s' must be %s, not %s", what, must_be, node_noun(n));
}

static int need_mapping(struct policy_reader *r, const struct node *n, const char *what)
{
	if (node_is_mapping(n))
		return 0;
	if (node_is_null(n))
		return reader_fail(r, n, "'%s' has no value; leave the key out or give it keys of its own", what);
	return reader_fail(r, n, "'%s' must be a mapping, not %s", what, node_noun(n));
}

static int need_tighter(struct policy_reader *r, const struct node *n, const char *name, const char *old,
			struct origin origin)
{
	return reader_fail(r, n, "'%s' is '%s' already (%s); this file may only tighten the policy", name, old,
			   origin_where(origin).text);
}

/* --- the whole document ---------------------------------------------------------------------------------------- */

/* A policy says everything once and where it stands: no aliases, tags, merges, no key twice. */
static int check_plain(struct policy_reader *r, const struct node *n)
{
	if (n->kind == NODE_ALIAS || (n->flags & NODE_PROPS))
		return reader_fail(r, n, "an anchor, alias or tag; a policy has plain values only");
	if (n->flags & NODE_MERGE)
		return reader_fail(r, n, "a merge key ('<<'); a policy spells each key out");
	if (n->flags & NODE_SHADOWED) {
		const struct node *again = n->next->next;

		while (!slice_eq(node_text(again), node_text(n)))
			again = again->next->next;
		return reader_fail(r, again, "key %s stands twice; the first is in line %zu",
				   show_text(node_text(n)).text, reader_origin(r, n).line);
	}
	for (const struct node *c = n->kind == NODE_SCALAR ? NULL : n->child; c; c = c->next)
		if (check_plain(r, c) < 0)
			return r->err->status;
	return 0;
}

static int check_header(struct policy_reader *r, const struct node *root, const char *key, const char *want)
{
	const struct node *n = node_lookup(root, key);

	if (!n)
		return reader_fail(r, root, "'%s' is missing; a policy begins with " HEADER, key);
	if (!node_string_is(n, want))
		return reader_fail(r, n, "'%s' must be '%s', not %s", key, want,
				   n->kind == NODE_SCALAR ? show_text(written(r, n)).text : node_noun(n));
	return 0;
}

/* --- keys of one value ----------------------------------------------------------------------------------------- */

static bool is_bool_word(struct slice s)
{
	return slice_is(s, "true") || slice_is(s, "false");
}

static int choice_fail(struct policy_reader *r, const struct policy_key *k, const struct node *n)
{
	cleanup_buf struct buf words = BUF_TEXT;
	const char *near;

	policy_key_words(k, &words);
	if (words.failed)
		return err_nomem(r->err);
	if (node_is_null(n))
		return reader_fail(r, n, "'%s' has no value; it must be %s", k->name, buf_str(&words));
	if (n->kind != NODE_SCALAR)
		return reader_fail(r, n, "'%s' must be %s, not %s", k->name, buf_str(&words), node_noun(n));
	if (!node_is_string(n))
		return reader_fail(r, n, "'%s' must be %s; %s is %s in YAML", k->name, buf_str(&words),
				   show_text(written(r, n)).text, node_noun(n));
	if (is_bool_word(node_text(n)) && policy_key_word(k, node_text(n)) < k->n_words)
		return reader_fail(r, n, "'%s' must be %s without quotes", k->name, buf_str(&words));
	near = key_nearest(node_text(n), k->words, k->n_words);
	return reader_fail(r, n, "'%s' must be %s, not %s%s%s%s", k->name, buf_str(&words),
			   show_text(node_text(n)).text, near ? "; did you mean '" : "", near ? near : "",
			   near ? "'?" : "");
}

static int read_choice(struct policy_reader *r, const struct policy_key *k, const struct node *n)
{
	enum policy_field f = (enum policy_field)(k - policy_keys);
	unsigned value = k->n_words;

	/* true and false are booleans here, the other words are text: "true" in quotes and `on` for a word are slips.
	 */
	if (node_is_bool(n, true) || node_is_bool(n, false))
		value = policy_key_word(k, slice_str(node_is_bool(n, true) ? "true" : "false"));
	else if (node_is_string(n) && !is_bool_word(node_text(n)))
		value = policy_key_word(k, node_text(n));
	if (value == k->n_words)
		return choice_fail(r, k, n);
	if (r->tighten && !policy_choice_tightens(r->p, f, value))
		return need_tighter(r, n, k->name, policy_word(r->p, f), r->p->origin[f]);
	/* Who said it first stays the origin when the repository only repeats it. */
	if (!r->tighten || value != policy_choice(r->p, f) || !r->p->origin[f].file)
		policy_put_choice(r->p, f, value, reader_origin(r, n));
	return 0;
}

static int read_text(struct policy_reader *r, const struct policy_key *k, const struct node *n)
{
	enum policy_field f = (enum policy_field)(k - policy_keys);
	struct slice text;

	if (reader_text(r, n, k->name, k->must_be, &text) < 0)
		return r->err->status;
	if (!k->valid(text))
		return reader_fail(r, n, "'%s' must be %s, not %s", k->name, k->must_be, show_text(text).text);
	if (r->tighten && !policy_text_tightens(r->p, f, text))
		return need_tighter(r, n, k->name, policy_text(r->p, f).p, r->p->origin[f]);
	if (!r->tighten || !policy_text(r->p, f).n)
		policy_put_text(r->p, f, text, reader_origin(r, n));
	return 0;
}

static const struct policy_key *find_key(const char *section, struct slice key)
{
	for (size_t i = 0; i < POLICY_FIELDS; i++) {
		const struct policy_key *k = &policy_keys[i];
		bool here = section ? k->section && strcmp(k->section, section) == 0 : !k->section;

		if (here && slice_is(key, k->key))
			return k;
	}
	return NULL;
}

static const char *const other_keys[] = {"apiVersion", "kind", "severity", "exceptions", "credentials"};

/* The key meant: a neighbour, else the same key at another place ("hostName" belongs into serviceMesh). */
static int unknown_key(struct policy_reader *r, const char *section, const struct node *key)
{
	const char *names[POLICY_FIELDS + 8];
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < POLICY_FIELDS; i++)
		if (find_key(section, slice_str(policy_keys[i].key)) == &policy_keys[i])
			names[n++] = policy_keys[i].key;
	for (size_t i = 0; !section && i < n_policy_sections; i++)
		names[n++] = policy_sections[i];
	for (size_t i = 0; !section && i < ARRAY_SIZE(other_keys); i++)
		names[n++] = other_keys[i];
	near = key_nearest(node_text(key), names, n);
	for (size_t i = 0; !near && i < POLICY_FIELDS; i++) {
		const struct policy_key *k = &policy_keys[i];

		if (!key_alike(node_text(key), slice_str(k->key)))
			continue;
		if (!k->section)
			return reader_fail(r, key, "unknown key '%s' in '%s'; it belongs to the top level", k->key,
					   section);
		near = k->name;
	}
	return reader_unknown(r, key, section, near);
}

static int read_key(struct policy_reader *r, const char *section, const struct node *key)
{
	const struct policy_key *k = find_key(section, node_text(key));

	if (!k || key->type != TYPE_STRING)
		return unknown_key(r, section, key);
	return k->words ? read_choice(r, k, key->next) : read_text(r, k, key->next);
}

/* --- severity -------------------------------------------------------------------------------------------------- */

static int read_severity(struct policy_reader *r, const struct node *key)
{
	struct slice id = node_text(key);
	const struct node *n = key->next;
	enum severity s, old;
	enum rule_id rule;

	if (!rule_parse(id, &rule)) {
		const char *near = rule_nearest(id);

		return reader_fail(r, key, "unknown rule %s%s%s%s", show_text(id).text, near ? "; did you mean '" : "",
				   near ? near : "", near ? "'?" : "");
	}
	if (!node_is_string(n) || !severity_parse(node_text(n), &s))
		return reader_fail(
			r, n, "severity of '%s' must be error, warning or note, not %s; no rule can be switched off",
			rule_infos[rule].id,
			n->kind == NODE_SCALAR && n->end > n->start ? show_text(written(r, n)).text : node_noun(n));
	if (!rule_infos[rule].lowerable && s < rule_infos[rule].severity)
		return reader_fail(r, n, "severity of '%s' cannot be lowered to %s; it is always %s",
				   rule_infos[rule].id, severity_name(s), severity_name(rule_infos[rule].severity));
	old = policy_severity(r->p, rule);
	if (r->tighten && s < old)
		return need_tighter(r, n, rule_infos[rule].id, severity_name(old), r->p->severity_origin[rule]);
	if (!r->tighten || s != old || r->p->severity[rule] == SEVERITY_UNSET) {
		r->p->severity[rule] = s;
		r->p->severity_origin[rule] = reader_origin(r, n);
	}
	return 0;
}

/* --- top level ------------------------------------------------------------------------------------------------- */

static int read_mapping(struct policy_reader *r, const struct node *key, const char *section)
{
	const struct node *map = key->next;
	bool severity = strcmp(section, "severity") == 0;

	if (need_mapping(r, map, section) < 0)
		return r->err->status;
	for (const struct node *k = map->child; k; k = k->next->next)
		if ((severity ? read_severity(r, k) : read_key(r, section, k)) < 0)
			return r->err->status;
	return 0;
}

static int read_top(struct policy_reader *r, const struct node *key)
{
	struct slice name = node_text(key);

	if (slice_is(name, "apiVersion") || slice_is(name, "kind"))
		return 0;
	if (slice_is(name, "severity"))
		return read_mapping(r, key, "severity");
	if (slice_is(name, "exceptions"))
		return reader_exceptions(r, key, key->next);
	if (slice_is(name, "credentials"))
		return reader_credentials(r, key->next);
	for (size_t i = 0; i < n_policy_sections; i++)
		if (slice_is(name, policy_sections[i]))
			return read_mapping(r, key, policy_sections[i]);
	return read_key(r, NULL, key);
}

static int read_document(struct policy_reader *r, const struct node *root)
{
	if (!root)
		return reader_fail(r, NULL, "the policy is empty; it begins with " HEADER);
	if (root->kind != NODE_MAPPING)
		return reader_fail(r, root, "a policy must be a mapping, not %s", node_noun(root));
	if (check_plain(r, root) < 0 || check_header(r, root, "apiVersion", POLICY_API_VERSION) < 0 ||
	    check_header(r, root, "kind", POLICY_KIND) < 0)
		return r->err->status;
	for (const struct node *k = root->child; k; k = k->next->next)
		if (read_top(r, k) < 0)
			return r->err->status;
	return policy_check(r->p, r->err);
}

int policy_read(struct policy *p, const char *file, struct slice text, bool tighten, struct err *err)
{
	struct policy_reader r = {.p = p, .tighten = tighten, .err = err};
	const struct node *root;
	int rc;

	r.file = arena_str(&p->arena, slice_str(file));
	rc = user_file_parse(&r.stream, r.file, text, &root, err);
	/* The line table is made by the first question: asked here, its memory cannot run short later on. */
	if (rc == 0 && !input_position(&r.stream, r.stream.inputs.v[0], 0).line)
		rc = err_nomem(err);
	if (rc == 0)
		rc = read_document(&r, root);
	if (arena_failed(&p->arena))
		rc = err_nomem(err);
	if (rc == 0 && !tighten)
		p->file = r.file;
	stream_release(&r.stream);
	return rc;
}
