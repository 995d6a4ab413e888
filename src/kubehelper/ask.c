/*
 * ask.c: one question from its first page to its answer.
 */
#include "kubehelper/engine.h"

enum { PAGE_ITEMS = 500, RETRIES_PAUSE_MS = 250 };

void question_free(struct engine *e, struct question *q)
{
	for (struct question **p = &e->questions; *p; p = &(*p)->next) {
		if (*p != q)
			continue;
		*p = q->next;
		if (e->questions_end == &q->next)
			e->questions_end = p;
		break;
	}
	if (q->cluster->probe == q)
		q->cluster->probe = NULL;
	if (q->easy) {
		curl_multi_remove_handle(e->multi, q->easy);
		curl_easy_cleanup(q->easy);
	}
	curl_slist_free_all(q->connect_to);
	reduction_release(&q->fields);
	if (q->body.p)
		explicit_bzero(q->body.p, q->body.room);
	buf_release(&q->body);
	buf_release(&q->items);
	if (q->post.p)
		explicit_bzero(q->post.p, q->post.room); /* a Secret may be in it */
	buf_release(&q->post);
	buf_release(&q->warnings);
	watch_free(q);
	free(q->path);
	free(q->needs);
	free(q->next_page);
	free(q);
}

static void send_answer(struct engine *e, const struct question *q, enum answer_kind kind, long status,
			const char *text, struct buf *body)
{
	cleanup_buf struct buf head = BUF_TEXT;

	buf_addf(&head, "{\"cluster\":%ld,\"question\":%ld,\"kind\":\"%s\",\"status\":%ld,\"text\":", q->cluster->id,
		 q->id, answer_name(kind), status);
	json_quote(slice_str(text), &head);
	if (q->warnings.n)
		buf_addf(&head, ",\"warnings\":[%s]", buf_str(&q->warnings));
	buf_addc(&head, '}');
	engine_send(e, FRAME_ANSWER, buf_slice(&head), body);
}

void question_answer(struct engine *e, struct question *q, enum answer_kind kind, long status, const char *fmt, ...)
{
	struct buf none = BUF_TEXT;
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	hide_token(q->cluster, text);
	send_answer(e, q, kind, status, text, &none);
	question_free(e, q);
}

/* --- asking ---------------------------------------------------------------------------------------------------- */

static bool page_url(const struct question *q, struct buf *url)
{
	bool query = strchr(q->path, '?') != NULL;
	char *token;

	buf_adds(url, q->cluster->login.server);
	buf_adds(url, q->path);
	if (q->list)
		buf_addf(url, "%climit=%d", query ? '&' : '?', PAGE_ITEMS);
	if (q->next_page) {
		token = curl_easy_escape(NULL, q->next_page, 0);
		if (!token)
			return false;
		buf_addf(url, "&continue=%s", token);
		curl_free(token);
	}
	return !url->failed;
}

void question_start(struct engine *e, struct question *q)
{
	cleanup_buf struct buf url = BUF_TEXT;

	cluster_refresh(q->cluster);
	if (q->cluster->state == LOGIN_FAILED) {
		question_answer(e, q, q->cluster->kind, 0, "%s", q->cluster->text);
		return;
	}
	if (q->watcher) {
		watch_start(e, q);
		return;
	}
	if (monotonic_ms() >= q->until) {
		question_answer(e, q, ANSWER_DEADLINE, 0, "%s did not answer before the deadline",
				q->cluster->login.server);
		return;
	}
	if (q->easy) {
		curl_multi_remove_handle(e->multi, q->easy);
		curl_easy_cleanup(q->easy);
		curl_slist_free_all(q->connect_to);
		q->connect_to = NULL;
	}
	buf_reuse(&q->body);
	buf_reuse(&q->warnings);
	q->error[0] = '\0';
	q->easy = curl_easy_init();
	if (!q->easy || !page_url(q, &url) || !transport_set(e, q, buf_str(&url)) ||
	    curl_multi_add_handle(e->multi, q->easy) != CURLM_OK) {
		question_answer(e, q, ANSWER_CONFIG, 0, "the server's URL '%s' cannot be used",
				q->cluster->login.server);
		return;
	}
	q->state = QUESTION_RUNS;
}

/* --- the body -------------------------------------------------------------------------------------------------- */

static void add_items(struct question *q, const struct node *items)
{
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		buf_adds(&q->items, q->items_n++ ? "," : "{\"items\":[");
		reduce_write(&q->fields, it.item, &q->items);
	}
}

/* An empty list of a whole kind has no items; one of metadata has "items":null. */
static bool is_list(const struct node *root)
{
	const struct node *items = node_lookup(root, "items");

	return slice_ends(node_string(node_lookup(root, "kind")), "List") &&
	       (node_is_sequence(items) || (node_lookup(root, "metadata") && node_is_null(items)));
}

static void foreign_body(struct engine *e, struct question *q, long status)
{
	char line[160];

	one_line(buf_slice(&q->body), line, sizeof(line));
	question_answer(e, q, ANSWER_FOREIGN, status, "it begins with: %s", line);
}

static void finish(struct engine *e, struct question *q, long status)
{
	struct buf none = BUF_TEXT;

	if (q->list)
		buf_adds(&q->items, q->items.n ? "]}" : "{\"items\":[]}");
	if (q->items.failed)
		send_answer(e, q, ANSWER_TOO_LARGE, status, "the answer is larger than the limit", &none);
	else
		send_answer(e, q, ANSWER_OK, status, "", &q->items);
	question_free(e, q);
}

static void take_root(struct engine *e, struct question *q, long status, const struct node *root)
{
	struct slice next = node_string(node_at(root, "metadata/continue"));

	bool right = q->list ? is_list(root) : !q->needs || !node_is_null(node_lookup(root, q->needs));

	if (!node_is_mapping(root) || !right) {
		foreign_body(e, q, status);
		return;
	}
	free(q->next_page);
	q->next_page = NULL;
	if (!q->list) {
		reduce_write(&q->fields, root, &q->items);
		finish(e, q, status);
		return;
	}
	add_items(q, node_lookup(root, "items"));
	if (!next.n || q->items.failed) {
		finish(e, q, status);
		return;
	}
	q->next_page = strndup(next.p, next.n);
	if (q->next_page)
		question_start(e, q);
	else
		question_answer(e, q, ANSWER_TOO_LARGE, status, "out of memory");
}

static void take_body(struct engine *e, struct question *q, long status)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	struct err err = ERR_INIT;

	stream_init(&s, &limits);
	if (q->raw) {
		send_answer(e, q, ANSWER_OK, status, "", &q->body);
		question_free(e, q);
		return;
	}
	if (json_guess(buf_slice(&q->body)) != JSON_MAYBE) {
		foreign_body(e, q, status);
		return;
	}
	if (stream_add(&s, "answer", buf_slice(&q->body), &err) < 0)
		question_answer(e, q, ANSWER_TOO_LARGE, status, "%s", err.text);
	else if (s.problems.n || s.documents.n != 1)
		question_answer(e, q, ANSWER_BROKEN, status, "the answer is not complete JSON: %s",
				s.problems.n ? s.problems.v[0].message : "no document");
	else
		take_root(e, q, status, s.documents.v[0].root);
}

/* --- what is asked again --------------------------------------------------------------------------------------- */

/* A server that says when to come back is asked again, if that is before the deadline. */
static bool rest(struct question *q, long status)
{
	curl_off_t seconds = 0;
	long long at;

	if (status != 429 && status < 500)
		return false;
	curl_easy_getinfo(q->easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds <= 0)
		return false;
	at = monotonic_ms() + (seconds < 3600 ? (long long)seconds * 1000 : 3600000);
	if (at + RETRIES_PAUSE_MS >= q->until)
		return false;
	q->state = QUESTION_RESTS;
	q->rest_until = at;
	return true;
}

/* A list whose token ran out is read once more from its start. */
static bool restart(struct engine *e, struct question *q, long status)
{
	if (status != 410 || !q->next_page || q->restarted)
		return false;
	q->restarted = true;
	free(q->next_page);
	q->next_page = NULL;
	buf_reuse(&q->items);
	q->items_n = 0;
	question_start(e, q);
	return true;
}

/* A plugin's credential that the server does not take is asked for once more, as client-go does. A token file that was
 * written while the question was on its way is read again. */
static bool renew(struct question *q, long status)
{
	struct cluster *c = q->cluster;

	if (status == 401 && cluster_refresh(c)) {
		q->state = QUESTION_WAITS;
		return true;
	}
	if (status != 401 || !c->login.plugin.command || c->renewed)
		return false;
	c->renewed = true;
	c->state = LOGIN_NEEDED;
	q->state = QUESTION_WAITS;
	return true;
}

/* A server that ends its connection (a GOAWAY, a restart) takes the questions on it along: what changes nothing
 * is asked again. */
static bool ask_again(struct engine *e, struct question *q, CURLcode code)
{
	enum { TIMES = 3 };

	switch (code) {
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
		break;
	default:
		return false;
	}
	if ((q->post.n && !q->dry_run) || q->repeats == TIMES)
		return false;
	q->repeats++;
	question_start(e, q);
	return true;
}

void question_done(struct engine *e, struct question *q, CURLcode code)
{
	struct verdict v = {0};
	long status = 0;

	q->cluster->probed = true;
	if (q->watcher) {
		watch_done(e, q, code);
		return;
	}
	if (ask_again(e, q, code))
		return;
	if (code != CURLE_OK) {
		classify_failure(q, code, &v);
		question_answer(e, q, v.kind, 0, "%s", v.text);
		return;
	}
	curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200 || status == 201) {
		take_body(e, q, status);
		return;
	}
	if (restart(e, q, status) || rest(q, status) || renew(q, status))
		return;
	classify_status(q, status, buf_slice(&q->body), &v);
	question_answer(e, q, v.kind, status, "%s", v.text);
}
