/*
 * frames.c: what the main program asks for.
 */
#include "kubehelper/engine.h"

static int parse_head(struct stream *s, struct slice head, const struct node **root, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	stream_init(s, &limits);
	if (stream_add(s, "frame", head, err) < 0)
		return err->status;
	if (s->problems.n || s->documents.n != 1 || !node_is_mapping(s->documents.v[0].root))
		return err_set(err, STATUS_FAILED, "a frame without a head");
	*root = s->documents.v[0].root;
	return 0;
}

static long number(const struct node *head, const char *key)
{
	struct slice s = node_text(node_real(node_lookup(head, key)));
	long n = 0;

	for (size_t i = 0; i < s.n && i < 9; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		n = n * 10 + (s.p[i] - '0');
	}
	return s.n && s.n <= 9 ? n : -1;
}

void engine_hello(struct engine *e)
{
	cleanup_buf struct buf head = BUF_TEXT;

	buf_addf(&head, "{\"protocol\":%d,\"version\":\"%s\",\"connections\":%u}", KUBE_PROTOCOL, PXB_VERSION,
		 e->connections_max);
	frame_write(&e->out, FRAME_HELLO, buf_slice(&head), SLICE_EMPTY);
}

static int take_hello(struct engine *e, const struct node *head, struct err *err)
{
	struct slice version = node_string(node_lookup(head, "version"));

	if (number(head, "protocol") != KUBE_PROTOCOL || !slice_is(version, PXB_VERSION))
		return err_set(err, STATUS_FAILED, "pxb-fed-kube is version %s, pxb-fed is version " SLICE_FMT,
			       PXB_VERSION, SLICE_ARG(slice_to(version, 40)));
	e->greeted = true;
	return 0;
}

/* --- contexts -------------------------------------------------------------------------------------------------- */

static void put_pair(struct buf *out, const char *key, struct slice value)
{
	buf_addf(out, "\"%s\":", key);
	json_quote(value, out);
}

static void put_contexts(const struct kubeconfig *k, struct buf *out)
{
	const struct config_file *file, *first;
	size_t n = 0;

	for (size_t i = 0; i < k->files.n; i++)
		for (struct seq_iter it = seq_iter_of(node_lookup(k->files.v[i]->root, "contexts")); seq_next(&it);) {
			struct slice name = node_string(node_lookup(it.item, "name")),
				     cluster = node_string(node_at(it.item, "context/cluster"));
			const struct node *entry;

			if (kubeconfig_entry(k, CONFIG_CONTEXTS, name, &first) != it.item)
				continue;
			entry = kubeconfig_entry(k, CONFIG_CLUSTERS, cluster, &file);
			buf_adds(out, n++ ? ",{" : "{");
			put_pair(out, "name", name);
			buf_addc(out, ',');
			put_pair(out, "cluster", cluster);
			buf_addc(out, ',');
			put_pair(out, "server", node_string(node_at(entry, "cluster/server")));
			buf_addc(out, '}');
		}
}

static int take_contexts(struct engine *e, const struct node *head, struct err *err)
{
	struct arena arena = ARENA_INIT((size_t)1 << 20);
	cleanup_buf struct buf out = BUF_INIT((size_t)32 << 20);
	struct err bad = ERR_INIT;
	const char *file = arena_str(&arena, node_string(node_lookup(head, "kubeconfig")));
	const struct kubeconfig *k;

	buf_adds(&out, "{\"contexts\":[");
	if (kubeconfig_cached(&e->cache, *file ? file : NULL, &k, &bad) == 0)
		put_contexts(k, &out);
	buf_adds(&out, "],");
	put_pair(&out, "current", kubeconfig_current(k));
	arena_release(&arena);
	if (bad.status) {
		buf_addc(&out, ',');
		put_pair(&out, "error", slice_str(bad.text));
	}
	buf_addc(&out, '}');
	frame_write(&e->out, FRAME_CONTEXTS, buf_slice(&out), SLICE_EMPTY);
	return out.failed ? err_nomem(err) : 0;
}

/* --- clusters -------------------------------------------------------------------------------------------------- */

static struct cluster *find_cluster(struct engine *e, long id)
{
	struct cluster *c = e->clusters;

	while (c && c->id != id)
		c = c->next;
	return c;
}

static void answer_connect(struct engine *e, const struct cluster *c)
{
	cleanup_buf struct buf head = BUF_TEXT;

	buf_addf(&head, "{\"cluster\":%ld,\"kind\":\"%s\",", c->id, answer_name(c->kind));
	put_pair(&head, "text", slice_str(c->text));
	buf_addc(&head, ',');
	put_pair(&head, "server", slice_str(c->login.server));
	buf_addc(&head, ',');
	put_pair(&head, "context", slice_str(c->login.context));
	buf_addc(&head, ',');
	put_pair(&head, "namespace", slice_str(c->login.ns));
	buf_adds(&head, ",\"warnings\":[");
	for (size_t i = 0; i < c->login.warnings.n; i++) {
		if (i)
			buf_addc(&head, ',');
		json_quote(slice_str(c->login.warnings.v[i]), &head);
	}
	buf_adds(&head, "]}");
	frame_write(&e->out, FRAME_CONNECT, buf_slice(&head), SLICE_EMPTY);
}

static int take_connect(struct engine *e, const struct node *head, struct err *err)
{
	struct cluster *c = calloc(1, sizeof(*c));
	struct err bad = ERR_INIT;

	if (!c)
		return err_nomem(err);
	c->id = number(head, "cluster");
	c->next = e->clusters;
	e->clusters = c;
	e->clusters_n++;
	engine_limit_idle(e);
	c->plugin.out = c->plugin.errors = -1;
	login_init(&c->login);
	if (login_read(&c->login, &e->cache, head, &c->kind, &bad) < 0) {
		c->state = LOGIN_FAILED;
		snprintf(c->text, sizeof(c->text), "%.*s", TEXT_MAX - 1, bad.text);
	}
	answer_connect(e, c);
	return 0;
}

/* What a cluster took is given back: its credentials, its questions, and as soon as others need it its connection. */
static int take_disconnect(struct engine *e, const struct node *head)
{
	struct cluster *c = find_cluster(e, number(head, "cluster"));
	struct question *next;

	for (struct question *q = c ? e->questions : NULL; q; q = next) {
		next = q->next;
		if (q->cluster == c)
			question_free(e, q);
	}
	if (c)
		cluster_free(e, c);
	return 0;
}

/* --- questions ------------------------------------------------------------------------------------------------- */

static bool is_path(struct slice path)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] <= ' ' || (unsigned char)path.p[i] >= 0x7f || path.p[i] == '#')
			return false;
	return slice_starts(path, "/");
}

/* The whole parameter, as the server takes a query apart: at '&' alone, and what has a ';' in it is dropped. */
static bool is_dry_run(struct slice path)
{
	struct slice query;

	slice_cut(path, '?', &query);
	while (query.n)
		if (slice_is(slice_cut(query, '&', &query), "dryRun=All"))
			return true;
	return false;
}

/* Nothing that changes a cluster leaves this program, whatever the other side asks for. The address of the server comes
 * first in a URL: a query in it would swallow ours. */
static bool may_send(const struct cluster *c, struct slice path, bool apply)
{
	bool viewer = !apply && slice_chr(path, '?') == SIZE_MAX && slice_starts(path, "/apis/core.gardener.cloud/") &&
		      slice_ends(path, "/viewerkubeconfig");

	return viewer || (is_dry_run(path) && c->login.server && !strpbrk(c->login.server, "?#"));
}

static int take_ask(struct engine *e, const struct node *head, struct slice body, bool watch, struct err *err)
{
	struct cluster *c = find_cluster(e, number(head, "cluster"));
	struct slice path = node_string(node_lookup(head, "path")), needs = node_string(node_lookup(head, "needs"));
	long seconds = number(head, "seconds");
	bool apply = node_is_bool(node_lookup(head, "apply"), true);
	struct question *q;

	if (!c || !is_path(path) || seconds < 1)
		return err_set(err, STATUS_FAILED, "a question without cluster, path or deadline");
	if ((body.n || apply) && !may_send(c, path, apply))
		return err_set(err, STATUS_FAILED, "a request that writes must be a dry run (dryRun=All)");
	q = calloc(1, sizeof(*q));
	if (!q)
		return err_nomem(err);
	*q = (struct question){.cluster = c,
			       .id = number(head, "question"),
			       .path = strndup(path.p, path.n),
			       .needs = needs.n ? strndup(needs.p, needs.n) : NULL,
			       .list = node_is_bool(node_lookup(head, "list"), true),
			       .metadata = node_is_bool(node_lookup(head, "metadata"), true),
			       .raw = node_is_bool(node_lookup(head, "raw"), true),
			       .apply = apply,
			       .dry_run = body.n && is_dry_run(path),
			       .until = monotonic_ms() + seconds * 1000,
			       .fields = REDUCTION_INIT,
			       .body = BUF_INIT(PAGE_MAX + 1),
			       .items = BUF_INIT(ANSWER_MAX),
			       .post = BUF_INIT(FRAME_MAX),
			       .warnings = BUF_INIT(WARNINGS_MAX)};
	*e->questions_end = q;
	e->questions_end = &q->next;
	buf_add(&q->post, body);
	for (struct seq_iter it = seq_iter_of(node_lookup(head, "fields")); seq_next(&it);)
		if (!reduction_add(&q->fields, node_string(it.item)))
			return err_set(err, STATUS_FAILED, "a field that cannot be read");
	if (!q->path || q->post.failed)
		return err_nomem(err);
	return watch ? watch_take(e, q, err) : 0;
}

int engine_take(struct engine *e, const struct frame *f, struct err *err)
{
	cleanup_stream struct stream s = {0};
	const struct node *head = NULL;

	if (parse_head(&s, f->head, &head, err) < 0)
		return err->status;
	if (f->kind == FRAME_HELLO)
		return take_hello(e, head, err);
	if (!e->greeted)
		return err_set(err, STATUS_FAILED, "a question before the greeting");
	switch (f->kind) {
	case FRAME_CONTEXTS:
		return take_contexts(e, head, err);
	case FRAME_CONNECT:
		return take_connect(e, head, err);
	case FRAME_DISCONNECT:
		return take_disconnect(e, head);
	case FRAME_ASK:
		return take_ask(e, head, f->body, false, err);
	case FRAME_WATCH:
		return take_ask(e, head, SLICE_EMPTY, true, err);
	default:
		return err_set(err, STATUS_FAILED, "a frame of an unknown kind");
	}
}
