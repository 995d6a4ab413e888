/*
 * policy_credentials.c: names and patterns of credentials that a platform team adds to the built-in ones. They only
 * add, so every file may: nothing here can loosen a policy.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/policy_reader.h"

#include <pcre2.h>

#include "policy/policy_key.h"

static const char *const keys[] = {"names", "patterns"};

/* Compiled here only to tell a faulty one with its place; the scan compiles its own. */
static int check_pattern(struct policy_reader *r, const struct node *item, struct slice text)
{
	PCRE2_UCHAR why[160];
	PCRE2_SIZE at;
	int code;
	pcre2_code *re =
		pcre2_compile((PCRE2_SPTR)text.p, text.n, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &at, NULL);
	bool empty;

	if (!re) {
		pcre2_get_error_message(code, why, sizeof(why));
		return strict_fail(&r->in, item, "'credentials.patterns': %s at character %zu of the pattern",
				   (const char *)why, (size_t)at + 1);
	}
	pcre2_pattern_info(re, PCRE2_INFO_MATCHEMPTY, &code);
	empty = code;
	pcre2_code_free(re);
	return empty ? strict_fail(&r->in, item,
				   "'credentials.patterns': the pattern matches the empty text, so every value")
		     : 0;
}

static int read_item(struct policy_reader *r, const struct node *item, const char *what, bool patterns)
{
	struct slice text, *slot;

	if (strict_text(&r->in, item, what, patterns ? "a list of patterns (PCRE2)" : "a list of names", &text) < 0)
		return r->in.err->status;
	if (patterns && check_pattern(r, item, text) < 0)
		return r->in.err->status;
	if (!patterns && (text.n < 3 || text.n > 100))
		return strict_fail(&r->in, item, "'%s': a name has 3 to 100 characters", what);
	slot = patterns ? VEC_PUSH(&r->p->arena, r->p->credential_patterns)
			: VEC_PUSH(&r->p->arena, r->p->credential_names);
	if (!slot)
		return err_nomem(r->in.err);
	*slot = arena_copy(&r->p->arena, text);
	return 0;
}

static int read_list(struct policy_reader *r, const struct node *list, const char *what, bool patterns)
{
	if (!node_is_sequence(list))
		return strict_fail(&r->in, list, "'%s' must be a list, not %s", what, node_noun(list));
	for (const struct node *i = list->child; i; i = i->next)
		if (read_item(r, i, what, patterns) < 0 && !reader_goes_on(r))
			return r->in.err->status;
	return 0;
}

int reader_credentials(struct policy_reader *r, const struct node *map)
{
	if (!node_is_mapping(map))
		return strict_fail(&r->in, map, "'credentials' must be a mapping, not %s", node_noun(map));
	for (const struct node *k = map->child; k; k = k->next->next) {
		bool patterns = slice_is(node_text(k), "patterns");
		int rc = patterns || slice_is(node_text(k), "names")
				 ? read_list(r, k->next, patterns ? "credentials.patterns" : "credentials.names",
					     patterns)
				 : strict_unknown(&r->in, k, "credentials",
						  key_nearest(node_text(k), keys, ARRAY_SIZE(keys)));

		if (rc < 0 && !reader_goes_on(r))
			return r->in.err->status;
	}
	return 0;
}
