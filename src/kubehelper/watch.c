/*
 * watch.c: a list that is followed: LIST, then WATCH from its resourceVersion with bookmarks. A version that the server
 * has forgotten (410), a connection that breaks and a server that is away lead back to LIST; a watch that is forbidden
 * becomes a LIST every two seconds. Nothing ends a watch but its deadline and credentials that cannot be had.
 */
#include "kubehelper/watcher.h"

enum {
	PAGE_ITEMS = 500,
	POLL_MS = 2000,	      /* between lists where no watch is allowed */
	UNREADABLE_MS = 5000, /* between tries of a list that is forbidden or not served: rights and CRDs may come */
	RETRY_FIRST_MS = 250,
	RETRY_MAX_MS = 5000,
	RENEW_MS = 10000,    /* credentials that are rejected sooner after they were renewed are bad */
	WATCH_SECONDS = 120, /* then the server ends the watch, and a dead connection is found */
	WATCH_GRACE_SECONDS = 15,
	LIST_SECONDS = 30,
	CONNECT_SECONDS = 10,
	LIVED_MS = 10000,     /* a watch that broke later was a good one */
	PAGES_MAX = 200,      /* of a list: 100,000 objects */
	WATCHES_AT_ONCE = 32, /* connections, for servers that speak HTTP/1.1 only */
};

void watch_free(struct question *q)
{
	if (!q->watcher)
		return;
	free(q->watcher->version);
	free(q->watcher);
	q->watcher = NULL;
}

int watch_take(struct engine *e, struct question *q, struct err *err)
{
	struct watcher *w = calloc(1, sizeof(*w));

	if (!w)
		return err_nomem(err);
	w->engine = e;
	q->watcher = w;
	q->list = true;
	curl_multi_setopt(e->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)WATCHES_AT_ONCE);
	return 0;
}

/* --- telling ----------------------------------------------------------------------------------------------------- */

void watch_tell(struct question *q, const char *change, enum answer_kind kind, long status, const char *said,
		struct slice body)
{
	cleanup_buf struct buf head = BUF_TEXT;
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "%s", said);
	hide_token(q->cluster, text);

	buf_addf(&head, "{\"cluster\":%ld,\"question\":%ld,\"change\":\"%s\",\"kind\":\"%s\",\"status\":%ld,\"text\":",
		 q->cluster->id, q->id, change, answer_name(kind), status);
	json_quote(slice_str(text), &head);
	buf_addc(&head, '}');
	frame_write(&q->watcher->engine->out, FRAME_CHANGE, buf_slice(&head), body);
}

/* --- asking ------------------------------------------------------------------------------------------------------ */

static bool watch_url(const struct question *q, struct buf *url)
{
	const struct watcher *w = q->watcher;
	const char *token = w->mode == MODE_WATCH ? w->version : q->next_page;
	char *text = token ? curl_easy_escape(NULL, token, 0) : NULL;

	if (token && !text)
		return false;
	buf_adds(url, q->cluster->login.server);
	buf_adds(url, q->path);
	buf_addc(url, strchr(q->path, '?') ? '&' : '?');
	if (w->mode == MODE_WATCH) {
		buf_addf(url, "watch=true&allowWatchBookmarks=true&timeoutSeconds=%d&resourceVersion=%s", WATCH_SECONDS,
			 text ? text : "");
	} else {
		buf_addf(url, "limit=%d", PAGE_ITEMS);
		if (text)
			buf_addf(url, "&continue=%s", text);
	}
	curl_free(text);
	return !url->failed;
}

/* Each request has a time of its own: the deadline of the question is that of the whole watch. */
static void set_times(struct question *q)
{
	long seconds = q->watcher->mode == MODE_WATCH ? WATCH_SECONDS + WATCH_GRACE_SECONDS : LIST_SECONDS;
	long long left = q->until - monotonic_ms();

	if (left > seconds * 1000)
		left = seconds * 1000;
	curl_easy_setopt(q->easy, CURLOPT_TIMEOUT_MS, left > 0 ? (long)left : 1L);
	curl_easy_setopt(q->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_SECONDS * 1000L);
	curl_easy_setopt(q->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(q->easy, CURLOPT_TCP_KEEPIDLE, (long)WATCH_GRACE_SECONDS);
	curl_easy_setopt(q->easy, CURLOPT_TCP_KEEPINTVL, (long)WATCH_GRACE_SECONDS);
}

void watch_start(struct engine *e, struct question *q)
{
	cleanup_buf struct buf url = BUF_TEXT;

	if (monotonic_ms() >= q->until) {
		question_answer(e, q, ANSWER_DEADLINE, 0, "the deadline passed");
		return;
	}
	if (q->easy) {
		curl_multi_remove_handle(e->multi, q->easy);
		curl_easy_cleanup(q->easy);
		curl_slist_free_all(q->connect_to);
		q->connect_to = NULL;
	}
	buf_reuse(&q->body);
	q->error[0] = '\0';
	q->too_large = false;
	q->watcher->started = monotonic_ms();
	q->easy = curl_easy_init();
	if (!q->easy || !watch_url(q, &url) || !transport_set(e, q, buf_str(&url))) {
		question_answer(e, q, ANSWER_CONFIG, 0, "the server's URL '%s' cannot be used",
				q->cluster->login.server);
		return;
	}
	set_times(q);
	if (q->watcher->mode == MODE_WATCH)
		curl_easy_setopt(q->easy, CURLOPT_WRITEFUNCTION, watch_take_lines);
	if (curl_multi_add_handle(e->multi, q->easy) != CURLM_OK) {
		question_answer(e, q, ANSWER_CONFIG, 0, "out of memory");
		return;
	}
	q->state = QUESTION_RUNS;
}

static void rest(struct question *q, long long ms)
{
	q->state = QUESTION_RESTS;
	q->rest_until = monotonic_ms() + ms;
	if (q->rest_until > q->until)
		q->rest_until = q->until;
}

static void list_again(struct question *q)
{
	struct watcher *w = q->watcher;

	if (w->mode == MODE_WATCH)
		w->mode = MODE_LIST;
	free(q->next_page);
	q->next_page = NULL;
	buf_reuse(&q->items);
	q->items_n = 0;
	w->pages = 0;
	w->list_again = false;
}

static long long pause_ms(unsigned failures)
{
	long long ms = RETRY_FIRST_MS;

	for (unsigned i = 0; i < failures && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

/* A watch that breaks at once, again and again, must not become a storm of lists: the pause before them grows. Where
 * the server is well and only forgot the version, the first list may follow at once. */
static void watch_broke(struct question *q, bool at_once)
{
	struct watcher *w = q->watcher;

	if (monotonic_ms() - w->started >= LIVED_MS)
		w->broken = 0;
	list_again(q);
	rest(q, at_once && !w->broken ? 0 : pause_ms(w->broken));
	w->broken++;
}

static void retry(struct question *q)
{
	struct watcher *w = q->watcher;

	list_again(q);
	rest(q, pause_ms(w->failures++));
}

/* --- the list ------------------------------------------------------------------------------------------------------
 */

static void list_is_whole(struct engine *e, struct question *q, struct slice version)
{
	cleanup_buf struct buf list = BUF_INIT((size_t)ANSWER_MAX + 64);
	struct watcher *w = q->watcher;

	buf_adds(&list, "{\"items\":[");
	buf_add(&list, buf_slice(&q->items));
	buf_adds(&list, "]}");
	if (list.failed || q->items.failed) {
		watch_tell(q, "state", ANSWER_TOO_LARGE, 200, "the list is larger than the limit", SLICE_EMPTY);
		list_again(q);
		rest(q, UNREADABLE_MS);
		return;
	}
	watch_tell(q, "list", ANSWER_OK, 200, "", buf_slice(&list));
	list_again(q);
	w->failures = 0;
	watch_set_version(w, version);
	if (w->mode == MODE_POLL || !w->version) {
		rest(q, POLL_MS);
		return;
	}
	w->mode = MODE_WATCH;
	watch_start(e, q);
}

static bool take_page(struct question *q, const struct node *root)
{
	const struct node *items = node_lookup(root, "items");

	if (!slice_ends(node_string(node_lookup(root, "kind")), "List") ||
	    (!node_is_sequence(items) && !node_is_null(items)))
		return false;
	for (struct seq_iter it = seq_iter_of(items); seq_next(&it);) {
		if (q->items_n++)
			buf_addc(&q->items, ',');
		reduce_write(&q->fields, it.item, &q->items);
	}
	return true;
}

static void take_list(struct engine *e, struct question *q)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	struct err err = ERR_INIT;
	const struct node *root = NULL;
	struct slice next;
	char line[160];

	stream_init(&s, &limits);
	if (json_guess(buf_slice(&q->body)) == JSON_MAYBE && stream_add(&s, "list", buf_slice(&q->body), &err) == 0 &&
	    !s.problems.n && s.documents.n == 1)
		root = s.documents.v[0].root;
	if (!root || !take_page(q, root)) {
		one_line(buf_slice(&q->body), line, sizeof(line));
		watch_tell(q, "state", ANSWER_FOREIGN, 200, line, SLICE_EMPTY);
		retry(q);
		return;
	}
	next = node_string(node_at(root, "metadata/continue"));
	free(q->next_page);
	q->next_page = next.n ? strndup(next.p, next.n) : NULL;
	if (next.n && (!q->next_page || ++q->watcher->pages >= PAGES_MAX)) {
		watch_tell(q, "state", ANSWER_TOO_LARGE, 200, "the list does not end", SLICE_EMPTY);
		list_again(q);
		rest(q, UNREADABLE_MS);
	} else if (next.n)
		watch_start(e, q);
	else
		list_is_whole(e, q, node_string(node_at(root, "metadata/resourceVersion")));
}

/* Credentials that worked once are asked for until the deadline: what gives them out may be away as the server may be.
 */
bool watch_waits_for_login(struct question *q)
{
	if (!q->watcher || !q->watcher->version)
		return false;
	watch_tell(q, "state", q->cluster->kind, 0, q->cluster->text, SLICE_EMPTY);
	list_again(q);
	rest(q, UNREADABLE_MS);
	return true;
}

/* --- the end of a request ------------------------------------------------------------------------------------------
 */

/* Rejected credentials are asked for again, unless they are new. */
static bool renew(struct question *q)
{
	struct cluster *c = q->cluster;
	struct watcher *w = q->watcher;
	long long now = monotonic_ms();

	if (!c->login.plugin.command && !c->login.token_file)
		return false;
	if (w->renewed && now - w->renewed < RENEW_MS)
		return false;
	w->renewed = now;
	if (c->state == LOGIN_READY) /* another watch may have begun it */
		c->state = LOGIN_NEEDED;
	list_again(q);
	q->state = QUESTION_WAITS;
	return true;
}

static long long retry_after_ms(const struct question *q)
{
	curl_off_t seconds = 0;

	curl_easy_getinfo(q->easy, CURLINFO_RETRY_AFTER, &seconds);
	return seconds > 0 ? (seconds < 60 ? (long long)seconds * 1000 : 60000) : 0;
}

static void refused(struct engine *e, struct question *q, long status)
{
	struct watcher *w = q->watcher;
	struct verdict v = {0};

	classify_status(q, status, buf_slice(&q->body), &v);
	if (status == 410 && w->mode == MODE_WATCH) {
		watch_broke(q, true);
		return;
	}
	if (status == 410) { /* of a page: the list is older than what the server keeps */
		list_again(q);
		rest(q, pause_ms(w->failures++));
		return;
	}
	if (status == 401 && renew(q))
		return;
	if (status == 401 && !w->version) { /* they never worked */
		question_answer(e, q, v.kind, status, "%s", v.text);
		return;
	}
	if (w->mode == MODE_WATCH && (status == 403 || status == 405)) {
		list_again(q);
		w->mode = MODE_POLL;
		rest(q, POLL_MS);
		return;
	}
	if (w->mode == MODE_WATCH) { /* the list was answered: it says whether more is wrong */
		watch_broke(q, false);
		if (retry_after_ms(q))
			rest(q, retry_after_ms(q));
		return;
	}
	watch_tell(q, "state", v.kind, status, v.text, SLICE_EMPTY);
	retry(q);
	if (v.kind == ANSWER_FORBIDDEN || v.kind == ANSWER_NO_API || v.kind == ANSWER_ABSENT)
		rest(q, UNREADABLE_MS);
	else if (retry_after_ms(q))
		rest(q, retry_after_ms(q));
}

void watch_done(struct engine *e, struct question *q, CURLcode code)
{
	struct watcher *w = q->watcher;
	struct verdict v = {0};
	long status = 0;

	curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
	if (w->list_again) {
		watch_broke(q, true);
	} else if (code != CURLE_OK) {
		if (monotonic_ms() >= q->until) {
			question_answer(e, q, ANSWER_DEADLINE, 0, "the deadline passed");
			return;
		}
		classify_failure(q, code, &v);
		/* A server that closes an old connection; the list says whether more is wrong. */
		if (w->mode == MODE_WATCH) {
			watch_broke(q, false);
			return;
		}
		watch_tell(q, "state", v.kind, 0, v.text, SLICE_EMPTY);
		retry(q);
	} else if (status != 200) {
		refused(e, q, status);
	} else if (w->mode == MODE_WATCH) {
		rest(q, monotonic_ms() - w->started < 1000 ? 1000 : 0);
	} else {
		take_list(e, q);
	}
}
