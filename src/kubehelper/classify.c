#include "kubehelper/engine.h"

#include <errno.h>

void one_line(struct slice text, char *to, size_t room)
{
	size_t n = 0;
	struct slice line = slice_trim(text);

	if (slice_chr(line, '\n') != SIZE_MAX)
		line = slice_to(line, slice_chr(line, '\n'));
	for (size_t i = 0; i < line.n && n + 1 < room; i++) {
		unsigned char c = (unsigned char)line.p[i];

		to[n++] = c < ' ' || c >= 0x7f ? '?' : (char)c;
	}
	to[n] = '\0';
}

static const char *token_in(const struct curl_slist *header)
{
	static const char lead[] = "Authorization: Bearer ";

	return strncmp(header->data, lead, strlen(lead)) == 0 ? header->data + strlen(lead) : NULL;
}

bool is_token_of(const struct cluster *c, const char *token)
{
	for (const struct curl_slist *h = c->headers; h; h = h->next)
		if (token_in(h) && strcmp(token_in(h), token) == 0)
			return true;
	return false;
}

static void hide(const char *token, char *text)
{
	enum { LEAST = 4, CUT_LEAST = 8 };
	size_t len = strlen(token), n = strlen(text);

	for (char *at = len >= LEAST ? strstr(text, token) : NULL; at; at = strstr(at, token))
		memset(at, '*', len);
	/* The end of the text may have cut it. */
	for (size_t part = len < n ? len : n; part >= CUT_LEAST; part--)
		if (strncmp(text + n - part, token, part) == 0)
			memset(text + n - part, '*', part);
}

/* A request may have gone out with the token of before. */
void hide_token(const struct cluster *c, char *text)
{
	for (const struct curl_slist *h = c->headers; h; h = h->next)
		if (token_in(h))
			hide(token_in(h), text);
	for (const struct curl_slist *h = c->retired; h; h = h->next)
		if (token_in(h))
			hide(token_in(h), text);
}

static void say(struct verdict *v, enum answer_kind kind, const char *fmt, ...) PXB_PRINTF(3, 4);

static void say(struct verdict *v, enum answer_kind kind, const char *fmt, ...)
{
	va_list ap;

	v->kind = kind;
	va_start(ap, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, ap);
	va_end(ap);
}

/* --- transfers that failed ------------------------------------------------------------------------------------- */

static void connect_failure(const struct question *q, struct verdict *v)
{
	const char *proxy = q->cluster->proxy, *whose = proxy && *proxy ? "the proxy for " : "",
		   *server = q->cluster->login.server;
	long os = 0;

	/* With a proxy it is the proxy that is connected to; its own URL may contain a password. */
	curl_easy_getinfo(q->easy, CURLINFO_OS_ERRNO, &os);
	if (os == 0 || os == ECONNREFUSED)
		say(v, ANSWER_REFUSED, "%s%s refused the connection", whose, server);
	else if (os == ETIMEDOUT)
		say(v, ANSWER_DEADLINE, "no connection to %s%s", whose, server);
	else
		say(v, ANSWER_REFUSED, "cannot connect to %s%s: %s", whose, server, strerror((int)os));
}

void classify_failure(const struct question *q, CURLcode code, struct verdict *v)
{
	const char *server = q->cluster->login.server;
	char detail[160];

	one_line(slice_str(q->error[0] ? q->error : curl_easy_strerror(code)), detail, sizeof(detail));
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		say(v, ANSWER_NO_HOST, "the name of %s does not resolve", server);
		break;
	case CURLE_COULDNT_RESOLVE_PROXY:
		say(v, ANSWER_NO_HOST, "the name of the proxy does not resolve");
		break;
	case CURLE_COULDNT_CONNECT:
		connect_failure(q, v);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		say(v, ANSWER_DEADLINE, "%s did not answer before the deadline", server);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_ENGINE_INITFAILED:
		say(v, ANSWER_TLS, "%s: %s", server, detail);
		break;
	case CURLE_WRITE_ERROR:
		if (q->too_large)
			say(v, ANSWER_TOO_LARGE, "more than %d MiB", PAGE_MAX >> 20);
		else
			say(v, ANSWER_BROKEN, "%s: %s", server, detail);
		break;
	case CURLE_UNSUPPORTED_PROTOCOL: /* of the kubeconfig's URLs none comes so far: the answer is no HTTP */
	case CURLE_WEIRD_SERVER_REPLY:
		say(v, ANSWER_FOREIGN, "%s does not speak HTTP: %s", server, detail);
		break;
	case CURLE_URL_MALFORMAT:
		say(v, ANSWER_CONFIG, "the server's URL '%s' cannot be used: %s", server, detail);
		break;
	default:
		say(v, ANSWER_BROKEN, "%s: %s", server, detail);
	}
}

/* --- answers that are no 200 ----------------------------------------------------------------------------------- */

/* The message of a Status; its `details.name` is there when an object, not a path, was missing. */
struct status_answer {
	bool is_status, names_object;
	char message[300];
};

/* Where a value that begins with a bracket ends: quotes count, whatever the brackets are. */
static size_t value_end(struct slice text)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && --depth == 0)
			return i + 1;
	}
	return text.n;
}

/* A refused object is repeated in the message, before the reason and with all that is in it. */
static void leave_out_values(struct slice text, struct buf *out)
{
	static const char lead[] = "nvalid value: ";
	size_t at;

	while ((at = slice_find(text, lead)) != SIZE_MAX) {
		size_t end = at + strlen(lead), name = end;

		/* {"labels":...}, or as older servers write it, core.PodTemplateSpec{...} */
		while (name < text.n && text.p[name] && !strchr("{[ \"", text.p[name]))
			name++;
		buf_add(out, slice_to(text, end));
		text = slice_from(text, end);
		if (name == end + text.n || !strchr("{[", text.p[name - end]))
			continue;
		buf_adds(out, "{...}");
		text = slice_from(text, name - end + value_end(slice_from(text, name - end)));
	}
	buf_add(out, text);
}

static void read_status(struct slice body, struct status_answer *s)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream in;
	cleanup_buf struct buf message = BUF_TEXT;
	struct err err = ERR_INIT;
	const struct node *root;

	stream_init(&in, &limits);
	if (json_guess(body) != JSON_MAYBE || stream_add(&in, "answer", body, &err) < 0 || in.problems.n ||
	    in.documents.n != 1)
		return;
	root = in.documents.v[0].root;
	s->is_status = node_string_is(node_lookup(root, "kind"), "Status");
	s->names_object = s->is_status && node_string(node_at(root, "details/name")).n > 0;
	if (s->is_status) {
		leave_out_values(node_string(node_lookup(root, "message")), &message);
		one_line(buf_slice(&message), s->message, sizeof(s->message));
	}
}

static void foreign(long status, struct slice body, struct verdict *v)
{
	char line[160];

	one_line(body, line, sizeof(line));
	say(v, ANSWER_FOREIGN, "status %ld%s%s", status, *line ? ", beginning: " : " and nothing else", line);
}

static void not_found(const struct status_answer *s, struct slice body, struct verdict *v)
{
	if (s->names_object)
		say(v, ANSWER_ABSENT, "%s", s->message);
	else if (s->is_status || slice_is(slice_trim(body), "404 page not found"))
		say(v, ANSWER_NO_API, "%s", s->is_status ? s->message : "404 page not found");
	else
		foreign(404, body, v);
}

void classify_status(const struct question *q, long status, struct slice body, struct verdict *v)
{
	struct status_answer s = {0};
	char *location = NULL, line[160];

	read_status(body, &s);
	if (status >= 300 && status < 400) {
		curl_easy_getinfo(q->easy, CURLINFO_REDIRECT_URL, &location);
		/* The query of such an address may carry a session. */
		one_line(slice_cut(slice_str(location), '?', &(struct slice){0}), line, sizeof(line));
		say(v, ANSWER_REDIRECT, "status %ld to %s", status, *line ? line : "nowhere");
	} else if (status == 404) {
		not_found(&s, body, v);
	} else if (status == 401) {
		say(v, ANSWER_UNAUTHORIZED, "%s", s.is_status ? s.message : "status 401");
	} else if (status == 403 && (s.is_status || slice_starts(body, "Forbidden"))) {
		say(v, ANSWER_FORBIDDEN, "%s", s.is_status ? s.message : "status 403");
	} else if (status == 410 && s.is_status) {
		say(v, ANSWER_GONE, "%s", s.message);
	} else if (status == 429 || status >= 500) {
		one_line(s.is_status ? slice_str(s.message) : body, line, sizeof(line));
		say(v, ANSWER_BUSY, "status %ld%s%s", status, *line ? ": " : "", line);
	} else if (s.is_status) {
		say(v, ANSWER_REJECTED, "status %ld: %s", status, s.message);
	} else {
		foreign(status, body, v);
	}
}
