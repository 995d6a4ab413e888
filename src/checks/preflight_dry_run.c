/*
 * preflight_dry_run.c: what the API server said to each object. Refused is what fails the installation too: schema,
 * admission, quota, a field that cannot change. What only shows that the question could not be asked is unknown: a
 * namespace or a kind that the installation brings, an account without the right, a webhook that knows no dry run.
 */
#include "checks/preflight.h"

enum { SHOWN = 3, BAD_REQUEST = 400, CONFLICT = 409, TOO_LARGE = 413, INVALID = 422 };

struct told {
	size_t n;		  /* objects */
	const char *object;	  /* the first */
	const char *texts[SHOWN]; /* different ones */
	size_t texts_n, more;
};

struct tally {
	size_t all;
	struct told refused, unknown, warned;
};

static const char *field(struct facts *f, const struct node *item, const char *key)
{
	return facts_printable(&f->arena, node_string(node_lookup(item, key)));
}

static const char *object_of(struct facts *f, const struct node *item)
{
	const char *ns = field(f, item, "namespace");

	return arena_printf(&f->arena, "%s %s%s%s", field(f, item, "kind"), ns, *ns ? "/" : "", field(f, item, "name"));
}

static void tell(struct told *t, const char *object, const char *text)
{
	if (!t->n++)
		t->object = object;
	for (size_t i = 0; i < t->texts_n; i++)
		if (strcmp(t->texts[i], text) == 0)
			return;
	if (t->texts_n < SHOWN)
		t->texts[t->texts_n++] = text;
	else
		t->more++;
}

/* "status 422: MESSAGE": the message says it better. */
static const char *message_of(const char *text)
{
	const char *colon = strncmp(text, "status ", 7) == 0 ? strstr(text, ": ") : NULL;

	return colon ? colon + 2 : text;
}

static bool says(const char *text, const char *words)
{
	return strstr(text, words) != NULL;
}

/* The right, not the object: RBAC's own words, and what stands for a right that is missing. */
static bool is_about_account(const char *text)
{
	return says(text, "forbidden: User \"") || says(text, " is attempting to grant ") ||
	       says(text, "you can't set finalizers on") || !says(text, "forbidden");
}

/* Of a pod: its account comes with the same installation. */
static bool is_about_order(const char *text)
{
	return says(text, "error looking up service account");
}

static bool is_refused(enum answer_kind answer, long status, const char *text)
{
	if (answer == ANSWER_FORBIDDEN)
		return !is_about_order(text) && (says(text, "denied the request") || !is_about_account(text));
	if (answer != ANSWER_REJECTED || says(text, "does not support dry run"))
		return false;
	return status == BAD_REQUEST || status == TOO_LARGE || status == INVALID;
}

/* Why it is not known; without the object where it is the same for many. */
static const char *excuse(struct facts *f, const struct node *item, enum answer_kind answer, const char *object,
			  const char *text)
{
	if (answer == ANSWER_ABSENT && slice_starts(slice_str(text), "namespaces \""))
		return arena_printf(&f->arena, "namespace %s does not exist yet", field(f, item, "namespace"));
	if (answer == ANSWER_NO_API)
		return arena_printf(&f->arena, "the cluster does not serve %s %s", field(f, item, "apiVersion"),
				    field(f, item, "kind"));
	if (answer == ANSWER_FORBIDDEN)
		return arena_printf(&f->arena, "%s: %s", object, text);
	return arena_printf(&f->arena, "%s: %s%s%s", object, answer_meaning(answer), *text ? ": " : "", text);
}

static void look(struct facts *f, const struct node *item, struct tally *t)
{
	enum answer_kind answer = answer_parse(node_string(node_lookup(item, "answer")));
	const char *text = message_of(field(f, item, "text")), *object = object_of(f, item);
	long status = (long)quantity_number(node_text(node_real(node_lookup(item, "status"))));
	bool warned = false;

	t->all++;
	if (is_refused(answer, status, text)) {
		tell(&t->refused, object, arena_printf(&f->arena, "%s: %s", object, text));
		return;
	}
	if (answer != ANSWER_OK) {
		tell(&t->unknown, object,
		     excuse(f, item, answer < ANSWER_KINDS ? answer : ANSWER_DAMAGED, object, text));
		return;
	}
	for (struct seq_iter it = seq_iter_of(node_lookup(item, "warnings")); seq_next(&it); warned = true) {
		tell(&t->warned, object,
		     arena_printf(&f->arena, "%s: %s", object, facts_printable(&f->arena, node_string(it.item))));
		t->warned.n -= warned; /* objects are counted */
	}
}

static const char *joined(struct facts *f, const struct told *t)
{
	cleanup_buf struct buf out = BUF_TEXT;

	for (size_t i = 0; i < t->texts_n; i++)
		buf_addf(&out, "%s%s", i ? "; " : "", t->texts[i]);
	if (t->more)
		buf_addf(&out, "; and %zu more", t->more);
	facts_need(f, &out);
	return arena_str(&f->arena, buf_slice(&out));
}

static void fix_unknown(struct facts *f, const struct told *t)
{
	if (says(t->texts[0], "does not exist yet"))
		result_fix(f, "kubectl create namespace %s", preflight_of(f)->ns);
	else if (says(t->texts[0], "does not serve"))
		result_fix(f, "if the chart's folder crds defines it, Helm installs it first:\n"
			      "  kubectl apply --server-side -f CHART/crds");
	else if (says(t->texts[0], " cannot "))
		result_fix(f, "ask as the account that installs, or grant the right that is named");
	else
		result_fix(f, "kubectl apply --server-side --dry-run=server -n %s -f FILE", preflight_of(f)->ns);
}

void check_dry_run(struct facts *f)
{
	struct tally t = {0};

	if (!f->v[Q_DRY_RUN].asked) {
		skip(f, "no dry run was asked for (--dry-run)");
		return;
	}
	if (!facts_root(f, Q_DRY_RUN)) {
		unknown(f, "the dry run was not made: %s%s%s", answer_meaning(f->v[Q_DRY_RUN].kind),
			*f->v[Q_DRY_RUN].text ? ": " : "", f->v[Q_DRY_RUN].text);
		return;
	}
	for (struct seq_iter it = seq_iter_of(node_lookup(facts_root(f, Q_DRY_RUN), "items")); seq_next(&it);)
		look(f, it.item, &t);
	if (t.refused.n) {
		fail_(f, "%zu of %zu objects %s refused: %s", t.refused.n, t.all, t.refused.n == 1 ? "is" : "are",
		      joined(f, &t.refused));
		result_about(f, t.refused.object, NULL);
		result_fix(f,
			   "change what the API server names; this shows all of it:\n"
			   "  kubectl apply --server-side --dry-run=server -n %s -f FILE",
			   preflight_of(f)->ns);
	} else if (t.unknown.n) {
		unknown(f, "%zu of %zu objects could not be tried: %s", t.unknown.n, t.all, joined(f, &t.unknown));
		result_about(f, t.unknown.object, NULL);
		fix_unknown(f, &t.unknown);
	} else if (t.warned.n) {
		warn(f, "the API server accepts %zu objects and warns of %zu: %s", t.all, t.warned.n,
		     joined(f, &t.warned));
		result_about(f, t.warned.object, NULL);
	} else {
		pass(f, "the API server accepts %zu object%s", t.all, t.all == 1 ? "" : "s");
	}
}
