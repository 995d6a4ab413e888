/*
 * watch_file.c: a watch as a file: what the cluster reported, reduced to the fields that are read, one change a line.
 * A record is for support cases and for tests; it holds no value of a Secret and no log.
 */
#include "base/file.h"
#include "cmd/watch_run.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

static const char *const changes[] = {"list", "added", "modified", "deleted", "state"};

/* --- writing
 * ------------------------------------------------------------------------------------------------------------- */

int watch_file_create(struct watch_run *w, struct err *err)
{
	cleanup_buf struct buf head = BUF_TEXT;

	if (!w->o->save)
		return 0;
	w->save = open(w->o->save, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->save < 0)
		return err_errno(err, STATUS_USAGE, "cannot create '%s'", w->o->save);
	buf_addf(&head, "{\"watch\":1,\"tool\":\"pxb-fed %s\",\"time\":%lld,\"namespace\":", PXB_VERSION,
		 (long long)time(NULL));
	json_quote(slice_str(w->o->ns), &head);
	buf_adds(&head, ",\"release\":");
	json_quote(slice_str(w->o->release), &head);
	buf_adds(&head, "}\n");
	return head.failed ? err_nomem(err) : file_write_all(w->save, buf_slice(&head), w->o->save, err);
}

int watch_file_write(struct watch_run *w, const struct kube_event *e, struct err *err)
{
	cleanup_buf struct buf line = BUF_INIT((size_t)FRAME_MAX * 2);

	if (w->save < 0)
		return 0;
	buf_addf(&line, "{\"at\":%lld,\"resource\":\"%s\",\"change\":\"%s\",\"kind\":\"%s\"", w->now_ms - w->start_ms,
		 resource_infos[e->question].name, changes[e->change], answer_name(e->answer));
	if (e->text.n) {
		buf_adds(&line, ",\"text\":");
		json_quote(e->text, &line);
	}
	if (e->body.n) {
		buf_adds(&line, ",\"body\":");
		buf_add(&line, e->body);
	}
	buf_adds(&line, "}\n");
	return line.failed ? err_nomem(err) : file_write_all(w->save, buf_slice(&line), w->o->save, err);
}

/* --- reading
 * ------------------------------------------------------------------------------------------------------------- */

struct record {
	struct watch_run *w;
	long long time; /* when it began, seconds since 1970 */
	char ns[64], release[64];
};

static long long number(const struct node *n)
{
	struct slice s = node_text(node_real(n));
	long long value = 0;

	for (size_t i = 0; i < s.n && i < 15 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		value = value * 10 + (s.p[i] - '0');
	return value;
}

static int bad_line(const struct watch_run *w, size_t number, const char *what, struct err *err)
{
	return err_set(err, STATUS_INPUT, "'%s' line %zu: %s", w->o->from, number, what);
}

static bool take_name(struct slice name, char *to, size_t room)
{
	if (!name.n || name.n >= room)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!name.p[i] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", name.p[i]))
			return false;
	memcpy(to, name.p, name.n);
	to[name.n] = '\0';
	return true;
}

static int take_head(struct record *r, const struct node *root, struct err *err)
{
	struct watch_run *w = r->w;

	if (number(node_lookup(root, "watch")) != 1 ||
	    !take_name(node_string(node_lookup(root, "namespace")), r->ns, sizeof(r->ns)) ||
	    !take_name(node_string(node_lookup(root, "release")), r->release, sizeof(r->release)))
		return bad_line(w, 1, "this is not a record of 'watch --save'", err);
	r->time = number(node_lookup(root, "time"));
	w->snap.ns = w->drawing.ns = r->ns;
	w->snap.release = w->drawing.release = r->release;
	return 0;
}

static int take_change(struct record *r, const struct node *root, struct slice line, size_t at, struct err *err)
{
	struct watch_run *w = r->w;
	enum resource_id resource = resource_parse(node_string(node_lookup(root, "resource")));
	enum answer_kind kind = answer_parse(node_string(node_lookup(root, "kind")));
	struct slice word = node_string(node_lookup(root, "change"));
	const struct node *body = node_lookup(root, "body");
	struct slice bytes = SLICE_EMPTY;
	unsigned change = 0;

	while (change < ARRAY_SIZE(changes) && !slice_is(word, changes[change]))
		change++;
	w->now_ms = number(node_lookup(root, "at"));
	w->snap.now = r->time + w->now_ms / 1000;
	if (!word.n) /* only the time goes on */
		return 0;
	if (resource == RESOURCE_COUNT || kind == ANSWER_KINDS || change == ARRAY_SIZE(changes) ||
	    (change != KUBE_STATE && !node_is_mapping(body)))
		return bad_line(w, at, "this is not a change", err);
	if (body)
		bytes = slice_of(line.p + body->start, body->end - body->start);
	return snapshot_apply(&w->snap, resource, (enum kube_change)change, kind,
			      node_string(node_lookup(root, "text")), bytes, err);
}

static int take_line(struct record *r, struct slice line, size_t at, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *root;

	stream_init(&s, &limits);
	if (stream_add(&s, "record", line, err) < 0)
		return err->status;
	if (s.problems.n || s.documents.n != 1 || !node_is_mapping(s.documents.v[0].root))
		return bad_line(r->w, at, "this is not a JSON object", err);
	root = s.documents.v[0].root;
	return at == 1 ? take_head(r, root, err) : take_change(r, root, line, at, err);
}

int watch_file_run(struct watch_run *w, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)1 << 30);
	struct record r = {.w = w};
	struct slice rest;
	bool done = false, is_stdin = strcmp(w->o->from, "-") == 0;
	int code = EXIT_OK;

	if ((is_stdin ? file_read_fd(STDIN_FILENO, "standard input", &text, err)
		      : file_read(w->o->from, &text, STATUS_INPUT, err)) < 0)
		return err->status;
	rest = buf_slice(&text);
	for (size_t at = 1; rest.n && !done; at++) {
		struct slice line = slice_cut(rest, '\n', &rest);

		if (!slice_trim(line).n)
			continue;
		if (take_line(&r, line, at, err) < 0 || (at > 1 && watch_step(w, &done, &code, err) < 0))
			return err->status;
	}
	if (!*r.ns)
		return bad_line(w, 1, "this is not a record of 'watch --save'", err);
	if (!done) { /* a failure that shows to the end of the record holds, and so does a list that is not in it */
		w->now_ms += 60000;
		if ((w->failing_ms >= 0 || !w->judged) && watch_step(w, &done, &code, err) < 0)
			return err->status;
		if (!done)
			code = EXIT_HELPER;
	}
	if (w->picture.stand == STAND_BLIND)
		return err_set(err, STATUS_HELPER, "%s: %s", w->picture.thing.subject, w->picture.thing.text);
	if (watch_end(w, !done ? "deadline" : code == EXIT_OK ? "ready" : "failed", SLICE_EMPTY, SLICE_EMPTY, err) < 0)
		return err->status;
	return code;
}
