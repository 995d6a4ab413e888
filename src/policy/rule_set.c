#include "policy/rule_set.h"

#include "policy/policy_key.h"

#include <xxhash.h>

/* Every part with its length: two lists of texts never have the same bytes. */
static void put(struct buf *b, const char *what, struct slice text)
{
	buf_addf(b, "%s %zu ", what, text.n);
	buf_add(b, text);
	buf_addc(b, '\n');
}

static int compare_texts(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* Sorted: the order in which a policy names them changes nothing. */
static int put_all(struct buf *b, const char *what, const struct slice *v, size_t n, struct err *err)
{
	struct slice *sorted = calloc(n + 1, sizeof(*sorted));

	if (!sorted)
		return err_nomem(err);
	if (n) {
		memcpy(sorted, v, n * sizeof(*sorted));
		qsort(sorted, n, sizeof(*sorted), compare_texts);
	}
	for (size_t i = 0; i < n; i++)
		put(b, what, sorted[i]);
	free(sorted);
	return 0;
}

/* Without the reason: words change no verdict. */
static int put_exceptions(struct buf *b, const struct policy *p, struct err *err)
{
	struct slice *all = calloc(p->exceptions.n + 1, sizeof(*all));
	struct arena arena = ARENA_INIT((size_t)16 << 20);
	int rc;

	if (!all)
		return err_nomem(err);
	for (size_t i = 0; i < p->exceptions.n; i++) {
		const struct policy_exception *e = &p->exceptions.v[i];

		all[i] = slice_str(arena_printf(&arena, "%s " SLICE_FMT " " SLICE_FMT " %s", rule_infos[e->rule].id,
						SLICE_ARG(e->object), SLICE_ARG(e->path), e->expires));
	}
	rc = arena_failed(&arena) ? err_nomem(err) : put_all(b, "exception", all, p->exceptions.n, err);
	arena_release(&arena);
	free(all);
	return rc;
}

int rule_set_of(const struct policy *p, struct rule_set *out, struct err *err)
{
	cleanup_buf struct buf b = BUF_TEXT;

	put(&b, "version", SLICE(PXB_VERSION));
	for (unsigned f = 0; f < POLICY_FIELDS; f++)
		put(&b, policy_keys[f].name,
		    policy_keys[f].words ? slice_str(policy_word(p, (enum policy_field)f))
					 : policy_text(p, (enum policy_field)f));
	for (unsigned i = 0; i < RULE_COUNT; i++)
		put(&b, rule_infos[i].id, slice_str(severity_name(policy_severity(p, (enum rule_id)i))));
	if (put_all(&b, "name", p->credential_names.v, p->credential_names.n, err) < 0 ||
	    put_all(&b, "pattern", p->credential_patterns.v, p->credential_patterns.n, err) < 0 ||
	    put_exceptions(&b, p, err) < 0)
		return err->status;
	if (b.failed)
		return err_nomem(err);
	snprintf(out->text, sizeof(out->text), "%.40s-%016llx", PXB_VERSION,
		 (unsigned long long)XXH3_64bits(buf_str(&b), b.n));
	return 0;
}
