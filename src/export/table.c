/*
 * table.c: which rules the cluster holds by itself, for people and for programs.
 */
#include "export/vap.h"
#include "report/chars.h"
#include "yaml/stream.h"

/* As enum rule_cluster, and a rule whose demand the policy does not make. */
enum degree { DEGREE_NO = CLUSTER_NO, DEGREE_PARTLY = CLUSTER_PARTLY, DEGREE_YES = CLUSTER_YES, DEGREE_OFF };

static const char *const degree_names[] = {"no", "partly", "yes", "off"};

static const struct coverage {
	enum rule_id rule;
	const char *sees, *unseen;
} coverage[] = {
#define COVERAGE(rule, sees, unseen) {RULE_##rule, (sees), (unseen)},
#include "export/coverage.def"
#undef COVERAGE
};

_Static_assert(ARRAY_SIZE(coverage) == RULE_COUNT, "a row of coverage.def for every rule");

struct line {
	const struct coverage *c;
	enum degree degree;
	char actions[32]; /* "Warn, Audit"; "" when the cluster does nothing */
};

static bool is_exported(const struct demands *d, enum rule_id rule)
{
	for (size_t i = 0; i < checks_n; i++)
		if (checks[i].rule == rule && checks[i].when(d))
			return true;
	return false;
}

static struct line line_of(const struct demands *d, const struct vap_options *opt, const struct coverage *c)
{
	struct line l = {.c = c, .degree = (enum degree)rule_infos[c->rule].cluster};
	size_t n;
	const char *const *actions = vap_actions(d, opt, c->rule, &n);

	if (l.degree == DEGREE_NO)
		return l;
	if (!is_exported(d, c->rule)) {
		l.degree = DEGREE_OFF;
		return l;
	}
	snprintf(l.actions, sizeof(l.actions), "%s%s%s", actions[0], n > 1 ? ", " : "", n > 1 ? actions[1] : "");
	return l;
}

/* --- text ------------------------------------------------------------------------------------------------------ */

enum { INDENT = 9 };

static void put_wrapped(const char *lead, const char *text, struct buf *out)
{
	buf_addf(out, "%s ", lead);
	wrap_put(slice_str(text), strlen(lead) + 1, INDENT, out);
	buf_addc(out, '\n');
}

static void put_text(const struct line *l, struct buf *out)
{
	buf_addf(out, "%-30s%-*s%s\n", rule_infos[l->c->rule].id, l->actions[0] ? 10 : 0, degree_names[l->degree],
		 l->actions);
	if (l->degree == DEGREE_OFF) {
		put_wrapped("    off: ", "the policy does not require it", out);
		return;
	}
	if (l->c->sees[0])
		put_wrapped("    sees:", l->c->sees, out);
	put_wrapped("    not: ", l->c->unseen, out);
}

/* --- markdown and JSON ----------------------------------------------------------------------------------------- */

static void put_markdown(const struct line *l, struct buf *out)
{
	buf_addf(out, "| `%s` | %s | %s | %s | %s |\n", rule_infos[l->c->rule].id, degree_names[l->degree], l->actions,
		 l->degree == DEGREE_OFF ? "" : l->c->sees, l->c->unseen);
}

static void put_member(const char *key, const char *text, struct buf *out)
{
	json_quote(slice_str(key), out);
	buf_addc(out, ':');
	json_quote(slice_str(text), out);
}

static void put_json(const struct line *l, bool first, struct buf *out)
{
	buf_adds(out, first ? "{" : ",\n{");
	put_member("rule", rule_infos[l->c->rule].id, out);
	buf_addc(out, ',');
	put_member("cluster", degree_names[l->degree], out);
	buf_addc(out, ',');
	put_member("action", l->actions, out);
	buf_addc(out, ',');
	put_member("sees", l->degree == DEGREE_OFF ? "" : l->c->sees, out);
	buf_addc(out, ',');
	put_member("unseen", l->c->unseen, out);
	buf_addc(out, '}');
}

void vap_table(const struct demands *d, const struct vap_options *opt, enum table_format format, struct buf *out)
{
	static const char *const heads[] = {
		[TABLE_TEXT] = "rule                          cluster   action\n",
		[TABLE_MARKDOWN] = "| rule | cluster | action | the cluster sees | only the gate before it sees |\n"
				   "|---|---|---|---|---|\n",
		[TABLE_JSON] = "[",
	};

	buf_adds(out, heads[format]);
	for (size_t i = 0; i < ARRAY_SIZE(coverage); i++) {
		struct line l = line_of(d, opt, &coverage[i]);

		if (format == TABLE_TEXT)
			put_text(&l, out);
		else if (format == TABLE_MARKDOWN)
			put_markdown(&l, out);
		else
			put_json(&l, i == 0, out);
	}
	buf_adds(out, format == TABLE_JSON ? "]\n" : "");
}
