/*
 * watch_events.c: what a watch sends: one event a line.
 */
#include "kubehelper/watcher.h"

void watch_set_version(struct watcher *w, struct slice version)
{
	char *copy = version.n ? strndup(version.p, version.n) : NULL;

	if (!copy)
		return;
	free(w->version);
	w->version = copy;
}

static bool take_event(struct question *q, const struct node *root)
{
	static const char *const types[][2] = {{"ADDED", "added"}, {"MODIFIED", "modified"}, {"DELETED", "deleted"}};
	struct slice type = node_string(node_lookup(root, "type"));
	const struct node *object = node_lookup(root, "object");
	cleanup_buf struct buf body = BUF_INIT(ANSWER_MAX);

	if (!node_is_mapping(object) || slice_is(type, "ERROR"))
		return false;
	watch_set_version(q->watcher, node_string(node_at(object, "metadata/resourceVersion")));
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (!slice_is(type, types[i][0]))
			continue;
		reduce_write(&q->fields, object, &body);
		if (body.failed)
			return false;
		watch_tell(q, types[i][1], ANSWER_OK, 200, "", buf_slice(&body));
	}
	return true; /* a bookmark, or a type that does not exist yet */
}

static bool take_line(struct question *q, struct slice line)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	struct err err = ERR_INIT;

	if (!slice_trim(line).n)
		return true;
	stream_init(&s, &limits);
	if (json_guess(line) != JSON_MAYBE || stream_add(&s, "event", line, &err) < 0 || s.problems.n ||
	    s.documents.n != 1)
		return false;
	return take_event(q, s.documents.v[0].root);
}

/* curl's callback: what arrives is cut into lines. An error of the server and a line that is not an event end the
 * transfer, and the list is read again. */
size_t watch_take_lines(char *p, size_t size, size_t n, void *to)
{
	struct question *q = to;
	long status = 0;
	size_t end;

	if (q->body.n + size * n > PAGE_MAX) {
		q->too_large = true;
		return 0;
	}
	buf_add(&q->body, slice_of(p, size * n));
	curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return q->body.failed ? 0 : size * n; /* classified when it is whole */
	while (!q->body.failed && (end = slice_chr(buf_slice(&q->body), '\n')) != SIZE_MAX) {
		if (!take_line(q, slice_to(buf_slice(&q->body), end))) {
			q->watcher->list_again = true;
			return 0;
		}
		memmove(q->body.p, q->body.p + end + 1, q->body.n - end - 1);
		q->body.n -= end + 1;
	}
	return q->body.failed ? 0 : size * n;
}
