#include "argocd/scrub.h"

#include "base/base64.h"
#include "credentials/names.h"
#include "report/chars.h"
#include "rules/gate.h"

enum { SHORTEST = 4 }; /* masking shorter texts would only hide words */

void scrub_init(struct scrub *s)
{
	memset(s, 0, sizeof(*s));
	s->arena = ARENA_INIT((size_t)64 << 20);
}

void scrub_release(struct scrub *s)
{
	arena_release(&s->arena);
}

/* --- learning -------------------------------------------------------------------------------------------------- */

/* Rather too many than too few: a masked word costs a look into the values, a shown secret costs more. */
static bool is_secret_name(struct slice name)
{
	static const char *const stems[] = {"secret",		"password",	"passwd",
					    "passphrase",	"token",	"apikey",
					    "accesskey",	"accountkey",	"privatekey",
					    "encryptionkey",	"credential",	"proxy",
					    "connectionstring", "replicasetkey"};
	const struct credential_name *known = name_find(name);
	char folded[128];
	size_t n;

	if (known && known->kind != NAME_ID && known->kind != NAME_PATH)
		return true;
	n = name_fold(slice_from(name, name.n > 64 ? name.n - 64 : 0), folded, sizeof(folded));
	for (size_t i = 0; i < ARRAY_SIZE(stems); i++)
		if (slice_find(slice_of(folded, n), stems[i]) != SIZE_MAX)
			return true;
	return false;
}

static void keep(struct scrub *s, struct slice text)
{
	struct slice *slot;

	text = slice_trim(text);
	if (text.n < SHORTEST)
		return;
	slot = VEC_PUSH(&s->arena, s->secrets);
	if (slot)
		*slot = text;
}

/* A text of several lines is quoted line by line. */
static void learn_text(struct scrub *s, struct slice text)
{
	struct buf encoded = BUF_TEXT;

	base64_encode(text, &encoded);
	keep(s, arena_copy(&s->arena, buf_slice(&encoded)));
	buf_release(&encoded);
	keep(s, text);
	if (text.n && memchr(text.p, '\n', text.n))
		while (text.p && text.n)
			keep(s, slice_cut(text, '\n', &text));
}

static void learn(struct scrub *s, const struct node *n, bool secret, unsigned depth)
{
	n = node_real(n);
	if (!n || depth > 64)
		return;
	if (n->kind == NODE_SCALAR && secret)
		learn_text(s, node_text(n));
	for (const struct node *c = n->kind == NODE_SEQUENCE ? n->child : NULL; c; c = c->next)
		learn(s, c, secret, depth + 1);
	for (const struct node *k = n->kind == NODE_MAPPING ? n->child : NULL; k; k = k->next->next)
		learn(s, k->next, secret || is_secret_name(node_text(k)), depth + 1);
}

void scrub_learn(struct scrub *s, const struct node *tree)
{
	learn(s, tree, false, 0);
}

void scrub_learn_pair(struct scrub *s, struct slice key, struct slice value)
{
	if (is_secret_name(key))
		learn_text(s, value);
}

/* --- showing --------------------------------------------------------------------------------------------------- */

/* The longest secret that begins at text.p[at], 0 for none. */
static size_t secret_at(const struct scrub *s, struct slice text, size_t at)
{
	struct slice rest = slice_from(text, at);
	size_t longest = 0;

	for (size_t i = 0; i < s->secrets.n; i++) {
		struct slice secret = s->secrets.v[i];

		if (secret.n > longest && slice_eq(secret, slice_to(rest, secret.n)))
			longest = secret.n;
	}
	return longest;
}

static void mask(const struct scrub *s, struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.n;) {
		size_t n = secret_at(s, text, i);

		if (n)
			buf_adds(out, "***");
		else
			buf_addc(out, text.p[i]);
		i += n ? n : 1;
	}
}

static void put_line(struct gate *g, struct slice line, size_t max, struct buf *out)
{
	const char *shown = gate_show_all(g, line);

	buf_adds(out, "  ");
	if (line.n && !*shown)
		buf_adds(out, "(a line that looks like a credential is not shown)");
	else
		line_put(slice_str(shown), max, out);
	buf_addc(out, '\n');
}

/* A credential over several lines may be none in any of them: a key in PEM, and what the detectors know as a whole. */
static bool is_spread(struct gate *g, struct slice text)
{
	if (slice_find(text, "-----BEGIN") != SIZE_MAX)
		return true;
	if (*gate_show_all(g, text))
		return false;
	while (text.p && text.n) {
		struct slice line = slice_trim(slice_cut(text, '\n', &text));

		if (line.n && !*gate_show_all(g, line))
			return false;
	}
	return true;
}

static struct slice from_error(struct slice text)
{
	struct slice rest = text;

	while (rest.n) {
		struct slice at = rest;

		if (slice_starts(slice_cut(rest, '\n', &rest), "Error:"))
			return at;
	}
	return text;
}

void scrub_put(struct scrub *s, struct slice text, size_t max, struct buf *out)
{
	enum { LINE = 600, MARK = 8 };
	cleanup_buf struct buf masked = BUF_TEXT;
	size_t start = out->n;
	struct gate g; /* for the one place that decides what may be shown */
	struct slice rest;

	gate_init(&g, &(struct gate_options){.scope = GATE_RELEASE});
	mask(s, from_error(text), &masked);
	rest = slice_trim(buf_slice(&masked));
	if (rest.n && is_spread(&g, rest)) {
		buf_adds(out, "  (a line of Helm's output looks like a credential and is not shown)\n");
		rest = SLICE_EMPTY;
	}
	while (rest.p && rest.n) {
		struct slice line = slice_trim(slice_cut(rest, '\n', &rest));

		if (!line.n)
			continue;
		if (out->n - start + LINE + MARK > max) {
			buf_adds(out, "  …\n");
			break;
		}
		put_line(&g, line, LINE, out);
	}
	out->failed |= masked.failed || arena_failed(&g.arena) || arena_failed(&s->arena);
	gate_release(&g);
}
