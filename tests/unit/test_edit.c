/*
 * test_edit.c: each operation in each style, byte for byte, and a verification that notices what went wrong.
 *
 * Findings are made by hand, so that an operation can be tried anywhere; the gate around them has no rules to run until
 * the last tests, which go the whole way.
 */
#include "reading.h"

#include "edit/edit.h"

#include <unistd.h>

struct bench {
	struct reading r;
	struct release rel;
	struct gate gate;
	struct edit_plan plan;
	struct policy policy;
	struct finding finding, *list[1];
};

static void bench_open(struct bench *b, const char *text)
{
	struct err err = ERR_INIT;

	memset(b, 0, sizeof(*b));
	reading_of(&b->r, text);
	for (size_t i = 0; i < b->r.s.problems.n; i++)
		fail_msg("%s in:\n%s", b->r.s.problems.v[i].message, text);
	release_init(&b->rel);
	gate_init(&b->gate, &(struct gate_options){0});
	edit_plan_init(&b->plan);
	policy_init(&b->policy);
	if (release_build(&b->rel, &b->r.s, &err) < 0)
		fail_msg("%s", err.text);
	b->gate.release = &b->rel;
	b->gate.policy = &b->policy;
	b->gate.findings.v = b->list;
	b->gate.findings.n = 1;
	b->list[0] = &b->finding;
	b->finding = (struct finding){
		.rule = RULE_FEDERATED_FLAG, .severity = SEVERITY_ERROR, .path = "", .patched = true, .value = -1};
}

static void bench_close(struct bench *b)
{
	edit_plan_release(&b->plan);
	gate_release(&b->gate);
	release_release(&b->rel);
	policy_release(&b->policy);
	reading_release(&b->r);
}

static void assert_output(struct bench *b, const char *want, const char *what)
{
	struct slice have = edit_plan_text(&b->plan, b->r.s.inputs.v[0], 0, (uint32_t)b->r.s.inputs.v[0]->bytes.n);

	if (!slice_is(have, want))
		fail_msg("%s\n--- have\n" SLICE_FMT "--- want\n%s---", what, SLICE_ARG(have), want);
}

/* The new documents must read as the changed trees do: the first half of edit_plan_verify(). */
static void assert_reads_back(struct bench *b)
{
	for (size_t i = 0; i < b->r.s.documents.n; i++) {
		const struct document *d = &b->r.s.documents.v[i];
		struct reading again;

		if (!b->plan.changed[i] || b->plan.deleted[i])
			continue;
		reading_init(&again, edit_plan_text(&b->plan, d->input, d->start, d->end), &LIMITS_DEFAULT);
		if (again.s.problems.n || again.s.documents.n != 1 || !node_equal(again.s.documents.v[0].root, d->root))
			fail_msg("document %zu reads differently: " SLICE_FMT, i,
				 SLICE_ARG(again.s.inputs.v[0]->bytes));
		reading_release(&again);
	}
}

static void apply(struct bench *b, const char *want, const char *what)
{
	struct err err = ERR_INIT;

	if (edit_plan_build(&b->plan, &b->gate, &err) < 0)
		fail_msg("%s: %s", what, err.text);
	assert_output(b, want, what);
	assert_reads_back(b);
}

#define HEAD "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

/* --- set ------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *before, *after; /* behind HEAD; the value of `v` becomes "true" */
} sets[] = {
	{"v: false\n", "v: \"true\"\n"},
	{"v: 'false'\n", "v: 'true'\n"},
	{"v: \"false\"\n", "v: \"true\"\n"},
	{"v: \"false\"   # kept\nw: x\n", "v: \"true\"   # kept\nw: x\n"},
	{"v :  no # c\n", "v :  \"true\" # c\n"},
	{"v:\nw: x\n", "v: \"true\"\nw: x\n"},
	{"v: \nw: x\n", "v: \"true\" \nw: x\n"},
	{"v: # c\nw: x\n", "v: \"true\" # c\nw: x\n"},
	{"v: ~", "v: \"true\""},
	{"v: |\n  false\nw: x\n", "v: \"true\"\nw: x\n"},
	{"v: >-\n  false", "v: \"true\""},
	{"v: 'a\n  b'\nw: x\n", "v: 'true'\nw: x\n"},
	{"v: a\n  b\nw: x\n", "v: \"true\"\nw: x\n"},
	{"v: false\r\nw: x\r\n", "v: \"true\"\r\nw: x\r\n"},
	{"v: |\n  false\n\n\nw: x\n", "v: \"true\"\n\n\nw: x\n"}, /* blank lines stay */
	{"v: |\r\n  false\r\nw: x\r\n", "v: \"true\"\r\nw: x\r\n"},
	{"w: {v: false, x: 1}\n", "w: {v: \"true\", x: 1}\n"},
	{"w: {v: , x: 1}\n", "w: {v: \"true\", x: 1}\n"},
	{"w: {x: 1, v: 'no'}\n", "w: {x: 1, v: 'true'}\n"},
	{"w:\n- {v: false}\n- v: false\n", "w:\n- {v: \"true\"}\n- v: false\n"},
	{"é: ü\nv: false # 😀\n", "é: ü\nv: \"true\" # 😀\n"},
};

/* The value of the first key v, depth first. */
static const struct node *find_v(const struct node *n)
{
	for (const struct node *c = n->child; c && n->kind != NODE_ALIAS; c = c->next) {
		const struct node *found;

		if ((c->flags & NODE_KEY) && slice_is(node_text(c), "v"))
			return c->next;
		found = find_v(c);
		if (found)
			return found;
	}
	return NULL;
}

static void test_set(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		cleanup_buf struct buf before = BUF_TEXT, after = BUF_TEXT;
		bool crlf = strchr(sets[i].before, '\r') != NULL;
		struct bench b;

		buf_addf(&before, "%s%s", crlf ? "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n" : HEAD,
			 sets[i].before);
		buf_addf(&after, "%s%s", crlf ? "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n" : HEAD,
			 sets[i].after);
		bench_open(&b, buf_str(&before));
		b.finding.object = b.rel.objects.v[0];
		finding_set(&b.gate, &b.finding, find_v(b.rel.objects.v[0]->root), "true");
		apply(&b, buf_str(&after), sets[i].before);
		assert_int_equal(b.plan.edits.n, 1);
		assert_string_equal(b.plan.edits.v[0].operation, "set");
		bench_close(&b);
	}
}

static void test_set_json(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"v\": false }\n");
	b.finding.object = b.rel.objects.v[0];
	finding_set(&b.gate, &b.finding, find_v(b.rel.objects.v[0]->root), "tr\"ue");
	apply(&b, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"v\": \"tr\\\"ue\" }\n",
	      "json");
	bench_close(&b);
}

/* --- insert ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *before, *after; /* behind HEAD; the list `v` gets an env entry */
} inserts[] = {
	{"v:\n- name: A\n  value: b\nw: x\n", "v:\n- name: A\n  value: b\n- name: NEW\n  value: \"t\"\nw: x\n"},
	{"v:\n- name: A\n  value: b\n", "v:\n- name: A\n  value: b\n- name: NEW\n  value: \"t\"\n"},
	{"v:\n- name: A\n  value: b", "v:\n- name: A\n  value: b\n- name: NEW\n  value: \"t\""},
	{"v:\n    - name: A\n      value: b # c\n    # d\nw: x\n",
	 "v:\n    - name: A\n      value: b # c\n    - name: NEW\n      value: \"t\"\n    # d\nw: x\n"},
	{"v:\n  - name: A\n    value: |\n      text\nw: x\n",
	 "v:\n  - name: A\n    value: |\n      text\n  - name: NEW\n    value: \"t\"\nw: x\n"},
	{"v:\n  - name: A\n    value:\nw: x\n", "v:\n  - name: A\n    value:\n  - name: NEW\n    value: \"t\"\nw: x\n"},
	{"v:\n- {name: A}\nw: x\n", "v:\n- {name: A}\n- name: NEW\n  value: \"t\"\nw: x\n"},
	{"v:\r\n- name: A\r\nw: x\r\n", "v:\r\n- name: A\r\n- name: NEW\r\n  value: \"t\"\r\nw: x\r\n"},
	{"v: [{name: A}]\n", "v: [{name: A}, {name: NEW, value: \"t\"}]\n"},
	{"v: [{name: A}, {name: B} ] # c\n", "v: [{name: A}, {name: B}, {name: NEW, value: \"t\"} ] # c\n"},
	{"v: [\n  {name: A},\n]\n", "v: [\n  {name: A}, {name: NEW, value: \"t\"},\n]\n"},
	{"v:\n- name: A\n\n\nw: x\n", "v:\n- name: A\n- name: NEW\n  value: \"t\"\n\n\nw: x\n"},
};

static void test_insert(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(inserts); i++) {
		cleanup_buf struct buf before = BUF_TEXT, after = BUF_TEXT;
		bool crlf = strchr(inserts[i].before, '\r') != NULL;
		struct bench b;

		buf_addf(&before, "%s%s", crlf ? "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n" : HEAD,
			 inserts[i].before);
		buf_addf(&after, "%s%s", crlf ? "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n" : HEAD,
			 inserts[i].after);
		bench_open(&b, buf_str(&before));
		b.finding.object = b.rel.objects.v[0];
		finding_insert_env(&b.gate, &b.finding, find_v(b.rel.objects.v[0]->root), NULL, "NEW", "t");
		apply(&b, buf_str(&after), inserts[i].before);
		assert_string_equal(b.plan.edits.v[0].operation, "insert");
		bench_close(&b);
	}
}

static void test_insert_after(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{"v:\n- name: A\n  value: a # why\n# B\n- name: B\n  value: b\n",
		 "v:\n- name: A\n  value: a # why\n- name: NEW\n  value: \"t\"\n# B\n- name: B\n  value: b\n"},
		{"v: [{name: A}, {name: B}]\n", "v: [{name: A}, {name: NEW, value: \"t\"}, {name: B}]\n"},
		{"v:\n  - name: A\n    value: |\n      text\n\n  - name: B\n",
		 "v:\n  - name: A\n    value: |\n      text\n\n  - name: NEW\n    value: \"t\"\n  - name: B\n"},
		{"v:\n- name: B\n", "v:\n- name: B\n- name: NEW\n  value: \"t\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf before = BUF_TEXT, after = BUF_TEXT;
		struct bench b;

		buf_addf(&before, "%s%s", HEAD, rows[i].before);
		buf_addf(&after, "%s%s", HEAD, rows[i].after);
		bench_open(&b, buf_str(&before));
		b.finding.object = b.rel.objects.v[0];
		finding_insert_env(&b.gate, &b.finding, find_v(b.rel.objects.v[0]->root), "A", "NEW", "t");
		apply(&b, buf_str(&after), rows[i].before);
		bench_close(&b);
	}
}

static void test_insert_json(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"v\":[{\"name\":"
		       "\"A\"}]}");
	b.finding.object = b.rel.objects.v[0];
	finding_insert_env(&b.gate, &b.finding, find_v(b.rel.objects.v[0]->root), NULL, "NEW", "t");
	apply(&b,
	      "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"v\":[{\"name\":\"A\"}, "
	      "{\"name\": \"NEW\", "
	      "\"value\": \"t\"}]}",
	      "json");
	bench_close(&b);
}

/* --- delete ---------------------------------------------------------------------------------------------------- */

static const struct {
	size_t index;
	const char *before, *after; /* behind HEAD; that item of the list `v` goes */
} deletions[] = {
	{0, "v:\n- a\n- b\nw: x\n", "v:\n- b\nw: x\n"},
	{1, "v:\n- a\n- b\nw: x\n", "v:\n- a\nw: x\n"},
	{1, "v:\n- a\n- b", "v:\n- a\n"},
	{1, "v:\n  - a # one\n  - name: b # two\n    value: |\n      text\n  - c\n", "v:\n  - a # one\n  - c\n"},
	{1, "v:\r\n- a\r\n- b\r\nw: x\r\n", "v:\r\n- a\r\nw: x\r\n"},
	{1, "v:\n- a\n\n- b\n\n- c\n", "v:\n- a\n\n\n- c\n"},
	{0, "v: [a, b, c]\n", "v: [b, c]\n"},
	{1, "v: [a, b, c]\n", "v: [a, c]\n"},
	{2, "v: [a, b, {c: d} ]\n", "v: [a, b ]\n"},
	{0, "v: [a]\n", "v: []\n"},
};

static void test_delete_item(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(deletions); i++) {
		cleanup_buf struct buf before = BUF_TEXT, after = BUF_TEXT;
		bool crlf = strchr(deletions[i].before, '\r') != NULL;
		const struct node *item;
		struct bench b;

		buf_addf(&before, "%s%s", crlf ? "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n" : HEAD,
			 deletions[i].before);
		buf_addf(&after, "%s%s", crlf ? "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n" : HEAD,
			 deletions[i].after);
		bench_open(&b, buf_str(&before));
		b.finding.object = b.rel.objects.v[0];
		item = find_v(b.rel.objects.v[0]->root)->child;
		for (size_t k = 0; k < deletions[i].index; k++)
			item = item->next;
		finding_delete_item(&b.gate, &b.finding, item);
		apply(&b, buf_str(&after), deletions[i].before);
		assert_string_equal(b.plan.edits.v[0].operation, "delete");
		bench_close(&b);
	}
}

/* The only item of a block list cannot go: `v:` alone would be null. Verification says so; nothing is written. */
static void test_delete_only_item(void **state)
{
	struct err err = ERR_INIT;
	struct bench b;

	(void)state;
	bench_open(&b, HEAD "v:\n- a\nw: x\n");
	b.finding.object = b.rel.objects.v[0];
	finding_delete_item(&b.gate, &b.finding, find_v(b.rel.objects.v[0]->root)->child);
	if (edit_plan_build(&b.plan, &b.gate, &err) == 0) {
		assert_int_equal(edit_plan_verify(&b.plan, &b.gate, NULL, &err), STATUS_FAILED);
		assert_non_null(strstr(err.text, "reads differently"));
	}
	bench_close(&b);
}

static void test_delete_object(void **state)
{
	static const struct {
		size_t index;
		const char *before, *after;
	} rows[] = {
		{1, HEAD "---\n# Source: b\n" HEAD "x: 1\n---\n" HEAD "y: 2\n", HEAD "---\n" HEAD "y: 2\n"},
		{0, "---\n# Source: a\n" HEAD "---\n" HEAD "y: 2\n", "---\n" HEAD "y: 2\n"},
		{0, HEAD "---\n" HEAD "y: 2\n", "---\n" HEAD "y: 2\n"},
		{1, HEAD "---\n" HEAD "y: 2", HEAD},
		{1, HEAD "--- # c\n" HEAD, HEAD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bench b;

		bench_open(&b, rows[i].before);
		finding_delete_object(&b.gate, &b.finding, b.rel.objects.v[rows[i].index]);
		apply(&b, rows[i].after, rows[i].before);
		assert_true(b.plan.deleted[rows[i].index]);
		bench_close(&b);
	}
}

/* --- together -------------------------------------------------------------------------------------------------- */

static void test_several(void **state)
{
	static const char text[] = HEAD "v: a # one\nl:\n- b\n- c\ne:\n- name: A\n";
	const struct node *root;
	struct err err = ERR_INIT;
	struct bench b;
	int fds[2];
	char got[400];
	ssize_t n;

	(void)state;
	bench_open(&b, text);
	root = b.rel.objects.v[0]->root;
	b.finding.object = b.rel.objects.v[0];
	/* The order of the changes is not that of the bytes. */
	finding_insert_env(&b.gate, &b.finding, node_lookup(root, "e"), NULL, "NEW", "t");
	finding_delete_item(&b.gate, &b.finding, node_lookup(root, "l")->child);
	finding_comment(&b.gate, &b.finding, (uint32_t)(strstr(text, "# one") - text),
			(uint32_t)(strstr(text, "# one") - text + 5), "# two");
	finding_set(&b.gate, &b.finding, node_lookup(root, "v"), "z w");
	apply(&b, HEAD "v: \"z w\" # two\nl:\n- c\ne:\n- name: A\n- name: NEW\n  value: \"t\"\n", "several");
	assert_int_equal(b.plan.edits.n, 3); /* a comment is no edit */
	/* What is written is what was planned. */
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(edit_plan_write(&b.plan, &b.r.s, fds[1], &err), 0);
	close(fds[1]);
	n = read(fds[0], got, sizeof(got));
	close(fds[0]);
	assert_output(&b, arena_str(&b.plan.arena, slice_of(got, (size_t)n)), "written");
	bench_close(&b);
}

static void test_meeting(void **state)
{
	struct err err = ERR_INIT;
	struct bench b;

	(void)state;
	bench_open(&b, HEAD "v: [a, b]\n");
	b.finding.object = b.rel.objects.v[0];
	finding_set(&b.gate, &b.finding, find_v(b.rel.objects.v[0]->root)->child, "x");
	finding_delete_item(&b.gate, &b.finding, find_v(b.rel.objects.v[0]->root)->child);
	assert_int_equal(edit_plan_build(&b.plan, &b.gate, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "internal error: two repairs meet"));
	bench_close(&b);
}

static void test_nothing(void **state)
{
	struct err err = ERR_INIT;
	struct bench b;
	int fds[2];
	char got[200];

	(void)state;
	bench_open(&b, HEAD);
	b.finding.patched = false;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(edit_plan_write(&b.plan, &b.r.s, fds[1], &err), 0); /* nothing was built: the input as it is */
	assert_int_equal(read(fds[0], got, sizeof(got)), (int)strlen(HEAD));
	assert_memory_equal(got, HEAD, strlen(HEAD));
	close(fds[0]);
	assert_int_equal(edit_plan_write(&b.plan, &b.r.s, fds[0], &err), STATUS_FAILED);
	close(fds[1]);
	bench_close(&b);
}

/* --- the whole way, and a splice that is wrong ----------------------------------------------------------------- */

static const char flagged[] =
	"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: pxcentral-ui-configmap, namespace: central}\n"
	"data: {PX_BACKUP_FEDERATED: \"false\", OTHER: 'x'}\n"
	"---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: pre-install-check, namespace: central, annotations: "
	"{helm.sh/hook: pre-install}}\n"
	"spec: {template: {spec: {containers: [{name: c, env: [{name: A, value: b}]}]}}}\n";

struct whole {
	struct reading r;
	struct release rel;
	struct gate gate;
	struct edit_plan plan;
	struct policy policy;
};

static void whole_open(struct whole *w)
{
	static const char policy[] = "apiVersion: pxb-fed/v1\nkind: Policy\nseverity: {component-missing: note}\n";
	struct err err = ERR_INIT;

	reading_of(&w->r, flagged);
	release_init(&w->rel);
	gate_init(&w->gate, &(struct gate_options){0});
	edit_plan_init(&w->plan);
	policy_init(&w->policy);
	if (policy_read(&w->policy, "p", slice_str(policy), false, &err) < 0 ||
	    release_build(&w->rel, &w->r.s, &err) < 0 || gate_run(&w->gate, &w->rel, &w->policy, NULL, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; w->gate.verdict != VERDICT_PATCHED && i < w->gate.findings.n; i++)
		print_message("%s\n", w->gate.findings.v[i]->message);
	assert_int_equal(w->gate.verdict, VERDICT_PATCHED);
	if (edit_plan_build(&w->plan, &w->gate, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(w->plan.splices.n, 2);
}

static void whole_close(struct whole *w)
{
	edit_plan_release(&w->plan);
	gate_release(&w->gate);
	release_release(&w->rel);
	policy_release(&w->policy);
	reading_release(&w->r);
}

static void test_verify(void **state)
{
	struct second_opinion *so = NULL;
	struct err err = ERR_INIT;
	struct whole w;

	(void)state;
	for (int with = 0; with < 2; with++) {
		if (with && second_opinion_new(&so, &err) < 0)
			fail_msg("%s", err.text);
		whole_open(&w);
		if (edit_plan_verify(&w.plan, &w.gate, so, &err) < 0)
			fail_msg("%s", err.text);
		whole_close(&w);
		second_opinion_free(&so);
	}
}

/* Whatever the splices do instead, it shows. */
static void test_verify_notices(void **state)
{
	static const struct {
		size_t splice;
		int from, to; /* moved by this much */
		const char *text, *message;
	} rows[] = {
		{0, 0, 0, "\"false\"", "reads differently"},
		{0, 0, 0, "true", "reads differently"}, /* a boolean, no string */
		{0, 0, 0, "\"true\" ", NULL},		/* a blank means nothing */
		{0, 0, 0, "\"true", "cannot be read"},
		{0, 0, 0, "\"true\", EXTRA: 1", "reads differently"},
		{0, 0, 12, "\"true\"", "reads differently"},	  /* the next key is gone */
		{0, 0, -1, "\"true\"", "cannot be read"},	  /* a quote is left */
		{0, 0, 0, "\"true\"}\n---\n{", "cannot be read"}, /* one document more */
		{0, 0, 0, "&x \"true\"", NULL},			  /* an anchor that nobody follows */
		{1, 0, 0, "", "reads differently"},
		{1, 0, 0, ", {name: PX_BACKUP_FEDERATED, value: \"false\"}", "reads differently"},
		{1, 0, 0, ", {name: PX_BACKUP_FEDERATED, value: \"true\"}, {}", "reads differently"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct whole w;
		struct splice *s;
		int rc;

		whole_open(&w);
		s = &w.plan.splices.v[rows[i].splice];
		s->from = (uint32_t)((int)s->from + rows[i].from);
		s->to = (uint32_t)((int)s->to + rows[i].to);
		s->text = slice_str(rows[i].text);
		err = ERR_INIT;
		rc = edit_plan_verify(&w.plan, &w.gate, NULL, &err);
		if (rows[i].message ? rc != STATUS_FAILED || !strstr(err.text, rows[i].message) : rc != 0)
			fail_msg("row %zu: %d %s", i, rc, err.text);
		whole_close(&w);
	}
}

/* A tree that says what the rules would not accept is noticed by the rules, even if the bytes agree with it. */
static void test_rules_notice(void **state)
{
	struct err err = ERR_INIT;
	struct whole w;
	struct node *v;

	(void)state;
	whole_open(&w);
	v = (struct node *)(uintptr_t)node_at(w.r.s.documents.v[0].root, "data/PX_BACKUP_FEDERATED");
	v->text = "wrong";
	v->text_n = 5;
	w.plan.splices.v[0].text = SLICE("\"wrong\"");
	assert_int_equal(edit_plan_verify(&w.plan, &w.gate, NULL, &err), STATUS_REFUSED);
	assert_non_null(strstr(err.text, "federated-flag still finds"));
	whole_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_set_json),
		cmocka_unit_test(test_insert),
		cmocka_unit_test(test_insert_after),
		cmocka_unit_test(test_insert_json),
		cmocka_unit_test(test_delete_item),
		cmocka_unit_test(test_delete_only_item),
		cmocka_unit_test(test_delete_object),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_meeting),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_verify_notices),
		cmocka_unit_test(test_rules_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
