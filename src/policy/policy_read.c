/*
 * policy_read.c: the text of a policy file into a struct policy. Strict: what is not known is an error, because a
 * demand that is misspelt would be no demand at all.
 */
#include "policy/policy_reader.h"

#include "kube/version.h"

#include "policy/policy_key.h"

struct origin reader_origin(struct policy_reader *r, const struct node *at)
{
	struct position pos = strict_position(&r->in, at);

	return (struct origin){.file = r->in.file, .line = pos.line, .column = pos.column};
}

bool reader_goes_on(struct policy_reader *r)
{
	const char **slot;

	if (!r->p->all_faults || r->in.err->status != STATUS_USAGE)
		return false;
	slot = VEC_PUSH(&r->p->arena, r->p->faults);
	if (!slot)
		return false;
	*slot = arena_str(&r->p->arena, slice_str(r->in.err->text));
	*r->in.err = ERR_INIT;
	return true;
}

static int need_tighter(struct policy_reader *r, const struct node *n, const char *name, const char *old,
			struct origin origin)
{
	return strict_fail(&r->in, n, "'%s' is '%s' already (%s); this file may only tighten the policy", name, old,
			   origin_where(origin).text);
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
		return err_nomem(r->in.err);
	if (node_is_null(n))
		return strict_fail(&r->in, n, "'%s' has no value; it must be %s", k->name, buf_str(&words));
	if (n->kind != NODE_SCALAR)
		return strict_fail(&r->in, n, "'%s' must be %s, not %s", k->name, buf_str(&words), node_noun(n));
	if (!node_is_string(n))
		return strict_fail(&r->in, n, "'%s' must be %s; %s is %s in YAML", k->name, buf_str(&words),
				   show_text(strict_written(&r->in, n)).text, node_noun(n));
	if (is_bool_word(node_text(n)) && policy_key_word(k, node_text(n)) < k->n_words)
		return strict_fail(&r->in, n, "'%s' must be %s without quotes", k->name, buf_str(&words));
	near = r->in.newer ? NULL : key_nearest(node_text(n), k->words, k->n_words);
	return strict_fail(&r->in, n, "'%s' must be %s, not %s%s%s%s%s", k->name, buf_str(&words),
			   show_text(node_text(n)).text, near ? "; did you mean '" : "", near ? near : "",
			   near ? "'?" : "", r->in.newer ? r->in.newer : "");
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

	if (strict_text(&r->in, n, k->name, k->must_be, &text) < 0)
		return r->in.err->status;
	if (!k->valid(text))
		return strict_fail(&r->in, n, "'%s' must be %s, not %s", k->name, k->must_be, show_text(text).text);
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

static const char *const other_keys[] = {"apiVersion", "kind", "severity", "requires", "exceptions", "credentials"};

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
	for (size_t i = 0; !near && !r->in.newer && i < POLICY_FIELDS; i++) {
		const struct policy_key *k = &policy_keys[i];

		if (!key_alike(node_text(key), slice_str(k->key)))
			continue;
		if (!k->section)
			return strict_fail(&r->in, key, "unknown key '%s' in '%s'; it belongs to the top level", k->key,
					   section);
		near = k->name;
	}
	return strict_unknown(&r->in, key, section, near);
}

static int read_key(struct policy_reader *r, const char *section, const struct node *key)
{
	const struct policy_key *k = find_key(section, node_text(key));

	if (!k || key->type != TYPE_STRING)
		return unknown_key(r, section, key);
	return k->words ? read_choice(r, k, key->next) : read_text(r, k, key->next);
}

int reader_unknown_rule(struct policy_reader *r, const struct node *at, struct slice id)
{
	const char *near = r->in.newer ? NULL : rule_nearest(id);

	return strict_fail(&r->in, at, "unknown rule %s%s%s%s%s", show_text(id).text, near ? "; did you mean '" : "",
			   near ? near : "", near ? "'?" : "", r->in.newer ? r->in.newer : "");
}

/* --- severity -------------------------------------------------------------------------------------------------- */

static int read_severity(struct policy_reader *r, const struct node *key)
{
	struct slice id = node_text(key);
	const struct node *n = key->next;
	enum severity s, old;
	enum rule_id rule;

	if (!rule_parse(id, &rule))
		return reader_unknown_rule(r, key, id);
	if (!node_is_string(n) || !severity_parse(node_text(n), &s))
		return strict_fail(
			&r->in, n,
			"severity of '%s' must be error, warning or note, not %s; no rule can be switched off",
			rule_infos[rule].id,
			n->kind == NODE_SCALAR && n->end > n->start ? show_text(strict_written(&r->in, n)).text
								    : node_noun(n));
	if (!rule_infos[rule].lowerable && s < rule_infos[rule].severity)
		return strict_fail(&r->in, n, "severity of '%s' cannot be lowered to %s; it is always %s",
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

	if (strict_mapping(&r->in, map, section) < 0)
		return r->in.err->status;
	for (const struct node *k = map->child; k; k = k->next->next)
		if ((severity ? read_severity(r, k) : read_key(r, section, k)) < 0 && !reader_goes_on(r))
			return r->in.err->status;
	return 0;
}

static int read_top(struct policy_reader *r, const struct node *key)
{
	struct slice name = node_text(key);

	if (slice_is(name, "apiVersion") || slice_is(name, "kind") || slice_is(name, "requires"))
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

static bool is_own_version(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr("0123456789.", s.p[i]))
			return false;
	return s.n <= 20 && version_parse(s).known;
}

/* The version whose keys the file uses. It is read first, wherever it is: it explains what is not known. */
static int read_requires(struct policy_reader *r, const struct node *n)
{
	static const char must_be[] = "a version of pxb-fed such as '0.1', in quotes";
	struct slice text;

	if (!n)
		return 0;
	if (strict_text(&r->in, n, "requires", must_be, &text) < 0)
		return r->in.err->status;
	if (!is_own_version(text))
		return strict_fail(&r->in, n, "'requires' must be %s, not %s", must_be, show_text(text).text);
	if (version_compare(version_parse(text), version_parse(SLICE(PXB_VERSION))) > 0)
		r->in.newer = arena_printf(&r->p->arena, ": policy needs pxb-fed " SLICE_FMT "; this is " PXB_VERSION,
					   SLICE_ARG(text));
	return 0;
}

static int read_document(struct policy_reader *r, const struct node *root)
{
	const struct node *requires = node_real(node_lookup(root, "requires"));

	if (read_requires(r, requires) < 0 && !reader_goes_on(r))
		return r->in.err->status;
	for (const struct node *k = root->child; k; k = k->next->next)
		if (read_top(r, k) < 0 && !reader_goes_on(r))
			return r->in.err->status;
	/* What is known may mean something else there. */
	if (r->in.newer && strict_fail(&r->in, requires, "%s", r->in.newer + strlen(": ")) < 0 && !reader_goes_on(r))
		return r->in.err->status;
	if (r->p->faults.n)
		return err_set(r->in.err, STATUS_USAGE, "%s", r->p->faults.v[0]);
	return policy_check(r->p, r->in.err);
}

int policy_read(struct policy *p, const char *file, struct slice text, bool tighten, struct err *err)
{
	struct policy_reader r = {.p = p,
				  .tighten = tighten,
				  .in = {.noun = "policy", .kind = POLICY_KIND, .err = err}};
	const struct node *root;
	int rc;

	r.in.file = arena_str(&p->arena, slice_str(file));
	rc = strict_open(&r.in, text, &root);
	if (rc == 0)
		rc = read_document(&r, root);
	if (arena_failed(&p->arena))
		rc = err_nomem(err);
	if (rc == 0 && !tighten)
		p->file = r.in.file;
	stream_release(&r.in.stream);
	return rc;
}
