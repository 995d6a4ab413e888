#include "checks/show.h"

#include "report/chars.h"

/* --- text ------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *glyph, *ascii, *color;
} marks[OUTCOMES] = {
	[OUTCOME_PASS] = {"\xe2\x88\x9a", "ok", "32"},
	[OUTCOME_WARN] = {"\xe2\x80\xbc", "!!", "33"},
	[OUTCOME_FAIL] = {"\xc3\x97", "x", "31"},
	[OUTCOME_UNKNOWN] = {"?", "?", "35"},
	[OUTCOME_SKIP] = {"-", "-", "2"},
};

void put_mark(const struct show *s, enum outcome o)
{
	const char *mark = s->utf8 ? marks[o].glyph : marks[o].ascii;

	if (s->color)
		buf_addf(s->out, "\033[%sm%s\033[0m", marks[o].color, mark);
	else
		buf_adds(s->out, mark);
}

enum { LABEL_INDENT = 4, LABEL_COLUMNS = 8 };

static bool is_command(struct slice text)
{
	static const char *const programs[] = {"kubectl ", "helm ", "az ", "pxb-fed ", "curl "};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (slice_starts(text, programs[i]))
			return true;
	return false;
}

void fix_put(struct slice fix, size_t column, size_t indent, struct buf *out)
{
	if (is_command(fix))
		buf_add(out, fix);
	else
		wrap_put(fix, column, indent, out);
	buf_addc(out, '\n');
}

static void put_field(struct buf *out, const char *label, struct slice text)
{
	buf_addf(out, "%*s%-*s", LABEL_INDENT, "", LABEL_COLUMNS, label);
	wrap_put(text, LABEL_INDENT + LABEL_COLUMNS, LABEL_INDENT + LABEL_COLUMNS, out);
	buf_addc(out, '\n');
}

/* One sentence is wrapped. Several lines are a piece of YAML: they stay as they are. */
static void put_fix(struct buf *out, struct slice fix)
{
	const char *lead = "fix:";

	if (slice_chr(fix, '\n') == SIZE_MAX) {
		buf_addf(out, "%*s%-*s", LABEL_INDENT, "", LABEL_COLUMNS, lead);
		fix_put(fix, LABEL_INDENT + LABEL_COLUMNS, LABEL_INDENT + LABEL_COLUMNS, out);
		return;
	}
	while (fix.p) {
		struct slice line = slice_cut(fix, '\n', &fix);

		buf_addf(out, "%*s%-*s" SLICE_FMT "\n", LABEL_INDENT, "", LABEL_COLUMNS, lead, SLICE_ARG(line));
		lead = "";
	}
}

static void put_details(const struct show *s, const struct check_result *r)
{
	cleanup_buf struct buf text = BUF_TEXT;
	struct buf *out = s->out;

	if (r->object) {
		buf_addf(&text, "%s%s%s", r->object, r->path ? ", " : "", r->path ? r->path : "");
		put_field(out, "at:", buf_slice(&text));
	}
	if (r->found && r->needed) {
		buf_clear(&text);
		buf_addf(&text, "%s (required: %s)", *r->found ? r->found : "nothing", r->needed);
		put_field(out, "found:", buf_slice(&text));
	}
	out->failed |= text.failed;
	if (r->fix)
		put_fix(out, slice_str(r->fix));
	buf_addf(out, "%*s%-*s%s explain %s\n", LABEL_INDENT, "", LABEL_COLUMNS, "see:", s->program,
		 check_infos[r->check].name);
}

static bool is_shown(const struct show *s, const struct check_result *r)
{
	if (s->form == SHOW_SHORT)
		return r->outcome == OUTCOME_WARN || r->outcome == OUTCOME_FAIL || r->outcome == OUTCOME_UNKNOWN;
	return true;
}

static void put_result(const struct show *s, const struct check_result *r)
{
	const char *title = check_infos[r->check].title;

	put_mark(s, r->outcome);
	buf_addf(s->out, " %s: ", title);
	wrap_put(slice_str(r->text), strlen("x ") + strlen(title) + strlen(": "), LABEL_INDENT, s->out);
	buf_addc(s->out, '\n');
	if (r->outcome != OUTCOME_PASS && r->outcome != OUTCOME_SKIP)
		put_details(s, r);
}

static void put_group(const struct show *s, const char *group, bool *any)
{
	buf_addf(s->out, "%s%s\n", *any ? "\n" : "", group);
	buf_fill(s->out, '-', strlen(group));
	buf_addc(s->out, '\n');
	*any = true;
}

void put_name(struct buf *out, struct slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		buf_addc(out, c < ' ' || c >= 0x7f ? '?' : (char)c);
	}
}

static void text_cluster(struct show *s, const struct facts *f)
{
	const char *group = NULL;
	bool any = false;

	buf_addf(s->out, "%s%s ", s->first ? "" : "\n", s->command == ROLE ? "identity" : "cluster");
	put_name(s->out, slice_str(*f->cluster ? f->cluster : "(this one)"));
	buf_adds(s->out, "\n\n");
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		const struct check_result *r = &f->results[i];

		if (!r->set || !is_shown(s, r))
			continue;
		if (group != check_infos[i].group)
			put_group(s, check_infos[i].group, &any);
		group = check_infos[i].group;
		put_result(s, r);
		if (facts_are_lost(f)) {
			buf_adds(s->out, "    the other checks could not be run\n");
			break;
		}
	}
	if (!any)
		buf_adds(s->out, "nothing to report\n");
}

void text_end(struct show *s)
{
	const struct tally *t = &s->tally;

	buf_addf(s->out, "\n%zu passed, %zu failed, %zu warned, %zu unknown, %zu skipped", t->n[OUTCOME_PASS],
		 t->n[OUTCOME_FAIL], t->n[OUTCOME_WARN], t->n[OUTCOME_UNKNOWN], t->n[OUTCOME_SKIP]);
	if (t->clusters > 1)
		buf_addf(s->out, " on %zu clusters", t->clusters);
	if (t->lost)
		buf_addf(s->out, "\n%zu cluster%s could not be asked", t->lost, t->lost == 1 ? "" : "s");
	buf_addc(s->out, '\n');
	if (s->command == ROLE)
		return;
	buf_addf(s->out, "required by px-central %s: Portworx %s, Operator %s, Stork %s,\n  Kubernetes %s\n",
		 s->demands->px_central, s->demands->px, s->demands->operator_, s->demands->stork,
		 s->demands->kubernetes);
}

/* --- one identity for many clusters ---------------------------------------------------------------------------- */

/* An identity has at most 20 federated credentials; Portworx and Stork of one cluster take two. */
enum { CREDENTIALS_MAX = 20, CREDENTIALS_EACH = 2 };

static void count_identity(struct show *s, const struct facts *f)
{
	const struct node *stc = facts_storagecluster(f);
	struct slice client = identity_of(stc), *uid;
	struct shared_identity *i = NULL;

	if (s->command != VERIFY || facts_are_lost(f) || !is_guid(client))
		return;
	for (size_t at = 0; at < s->identities.n && !i; at++)
		if (slice_eq_nocase(s->identities.v[at].client, client))
			i = &s->identities.v[at];
	if (!i && (i = VEC_PUSH(&s->arena, s->identities)))
		*i = (struct shared_identity){.client = arena_copy(&s->arena, client)};
	uid = i ? VEC_PUSH(&s->arena, i->uids) : NULL;
	if (uid)
		*uid = arena_copy(&s->arena, node_string(node_at(stc, "metadata/uid")));
	s->out->failed |= arena_failed(&s->arena);
}

static int by_bytes(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* One without a uid is one of its own. */
static void count_clusters(struct shared_identity *i)
{
	if (i->uids.n)
		qsort(i->uids.v, i->uids.n, sizeof(*i->uids.v), by_bytes);
	for (size_t at = 0; at < i->uids.n; at++)
		i->clusters += !at || !i->uids.v[at].n || slice_cmp(i->uids.v[at - 1], i->uids.v[at]) != 0;
}

bool is_crowded(const struct shared_identity *i)
{
	return i->clusters * CREDENTIALS_EACH > CREDENTIALS_MAX;
}

void text_identities(struct show *s)
{
	for (size_t i = 0; i < s->identities.n; i++) {
		const struct shared_identity *id = &s->identities.v[i];

		if (!is_crowded(id))
			continue;
		buf_addc(s->out, '\n');
		put_mark(s, OUTCOME_WARN);
		buf_addf(s->out,
			 " identity " SLICE_FMT " is used by %zu clusters:\n"
			 "    it can have %d federated credentials, and each cluster needs %d\n"
			 "    fix: use one managed identity for at most %d clusters, or a flexible\n"
			 "      federated credential\n",
			 SLICE_ARG(id->client), id->clusters, CREDENTIALS_MAX, CREDENTIALS_EACH,
			 CREDENTIALS_MAX / CREDENTIALS_EACH);
	}
}

void json_identities(struct show *s)
{
	if (s->command != VERIFY)
		return;
	buf_adds(s->out, s->form == SHOW_JSONL ? ",\"identities\":[" : ",\n \"identities\":[");
	for (size_t i = 0; i < s->identities.n; i++)
		buf_addf(s->out, "%s{\"clientId\":\"" SLICE_FMT "\",\"clusters\":%zu,\"outcome\":\"%s\"}", i ? "," : "",
			 SLICE_ARG(s->identities.v[i].client), s->identities.v[i].clusters,
			 is_crowded(&s->identities.v[i]) ? "warn" : "pass");
	buf_addc(s->out, ']');
}

/* --- JSON ------------------------------------------------------------------------------------------------------ */

static void put_text(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(b, ",\"%s\":", key);
	json_quote(slice_str(value), b);
}

static void json_result(const struct check_result *r, struct buf *out)
{
	buf_addf(out, "{\"id\":\"%s\",\"group\":\"%s\",\"outcome\":\"%s\"", check_infos[r->check].name,
		 check_infos[r->check].group, outcome_name(r->outcome));
	put_text(out, "title", check_infos[r->check].title);
	put_text(out, "text", r->text);
	put_text(out, "object", r->object);
	put_text(out, "path", r->path);
	put_text(out, "found", r->found);
	put_text(out, "required", r->needed);
	put_text(out, "fix", r->fix);
	buf_addc(out, '}');
}

/* "class" and "checks" of a cluster, each result behind `lead`. */
void json_results(const struct facts *f, const char *lead, struct buf *out)
{
	bool first = true;

	buf_addf(out, ",\"reachable\":%s,\"class\":\"%s\",\"checks\":[", facts_are_lost(f) ? "false" : "true",
		 class_name(facts_class(f)));
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		if (!f->results[i].set)
			continue;
		buf_addf(out, "%s%s", first ? "" : ",", lead);
		json_result(&f->results[i], out);
		first = false;
	}
	buf_addc(out, ']');
}

static void json_cluster(struct show *s, const struct facts *f)
{
	buf_adds(s->out, s->first ? "\n    {\"name\":" : ",\n    {\"name\":");
	json_quote(slice_str(f->cluster), s->out);
	json_results(f, "\n      ", s->out);
	buf_addc(s->out, '}');
}

static void json_start(struct show *s)
{
	const struct demands *d = s->demands;

	buf_addf(s->out,
		 "{\"schema\":1,\"tool\":\"pxb-fed %s\",\"command\":\"%s\",\n "
		 "\"required\":{\"pxCentral\":\"%s\",\"px\":\"%s\","
		 "\"operator\":\"%s\",\"stork\":\"%s\",\"kubernetes\":\"%s\"},\n \"clusters\":[",
		 PXB_VERSION, check_command_name(s->command), d->px_central, d->px, d->operator_, d->stork,
		 d->kubernetes);
}

void json_summary(const struct show *s)
{
	const struct tally *t = &s->tally;

	buf_addf(s->out,
		 "\"summary\":{\"clusters\":%zu,\"unreachable\":%zu,\"pass\":%zu,\"warn\":%zu,\"fail\":%zu,"
		 "\"unknown\":%zu,\"skip\":%zu}",
		 t->clusters, t->lost, t->n[OUTCOME_PASS], t->n[OUTCOME_WARN], t->n[OUTCOME_FAIL],
		 t->n[OUTCOME_UNKNOWN], t->n[OUTCOME_SKIP]);
}

static void json_end(struct show *s)
{
	buf_addc(s->out, ']');
	json_identities(s);
	changes_json(s);
	buf_adds(s->out, ",\n ");
	json_summary(s);
	buf_adds(s->out, "}\n");
}

/* --- all forms ------------------------------------------------------------------------------------------------- */

static void junit_start(struct show *s)
{
	buf_addf(s->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pxb-fed %s\">\n",
		 check_command_name(s->command));
}

static void junit_end(struct show *s)
{
	buf_adds(s->out, "</testsuites>\n");
}

static void words_end(struct show *s)
{
	text_identities(s);
	changes_text(s);
	text_end(s);
}

/* One row a form; NULL: nothing to be written then. */
static const struct form {
	void (*start)(struct show *s);
	void (*cluster)(struct show *s, const struct facts *f);
	void (*end)(struct show *s);
	bool rows;
} forms[SHOW_FORMS] = {
	[SHOW_TEXT] = {NULL, text_cluster, words_end, false},
	[SHOW_SHORT] = {NULL, text_cluster, words_end, false},
	[SHOW_MATRIX] = {NULL, NULL, matrix_text, true},
	[SHOW_JSON] = {json_start, json_cluster, json_end, false},
	[SHOW_JSONL] = {NULL, jsonl_cluster, jsonl_end, false},
	[SHOW_SARIF] = {sarif_start, sarif_cluster, sarif_end, false},
	[SHOW_JUNIT] = {junit_start, junit_cluster, junit_end, false},
	[SHOW_MARKDOWN] = {NULL, markdown_cluster, words_end, false},
	[SHOW_GITHUB] = {NULL, github_cluster, words_end, false},
	[SHOW_HTML] = {NULL, NULL, html_fleet, true},
};

void show_start(struct show *s)
{
	s->arena = ARENA_INIT((size_t)64 << 20);
	s->matrix = MATRIX_INIT;
	s->first = true;
	if (forms[s->form].start)
		forms[s->form].start(s);
}

void show_cluster(struct show *s, const struct facts *f)
{
	s->tally.clusters++;
	s->tally.lost += facts_are_lost(f);
	count_identity(s, f);
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (f->results[i].set)
			s->tally.n[f->results[i].outcome]++;
	if (forms[s->form].rows || s->past)
		matrix_add(&s->matrix, f);
	if (forms[s->form].cluster)
		forms[s->form].cluster(s, f);
	s->first = false;
}

void show_end(struct show *s)
{
	for (size_t i = 0; i < s->identities.n; i++)
		count_clusters(&s->identities.v[i]);
	for (size_t i = 0; i < s->identities.n; i++)
		s->tally.n[OUTCOME_WARN] += is_crowded(&s->identities.v[i]);
	s->out->failed |= arena_failed(&s->matrix.arena);
	forms[s->form].end(s);
}

void show_release(struct show *s)
{
	arena_release(&s->arena);
	matrix_release(&s->matrix);
}
