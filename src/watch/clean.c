#include "watch/clean.h"

#include "base/ascii.h"
#include "credentials/scan.h"
#include "report/chars.h"

enum { SCAN_MAX = 1 << 20, SECRET_LEAST = 4, ENCODED_LEAST = 24, LINE_MAX_BYTES = 1000 };

/* --- what the scan finds ---------------------------------------------------------------------------------------------
 */

static void hide(char *text, size_t n, struct slice secret, bool *found)
{
	for (size_t i = 0; secret.n >= SECRET_LEAST && i + secret.n <= n; i++)
		if (memcmp(text + i, secret.p, secret.n) == 0) {
			memset(text + i, '*', secret.n);
			*found = true;
		}
}

static bool is_encoded(char c)
{
	return ascii_is_alnum(c) || strchr("+/=_-%", c);
}

/* A secret that was found behind an encoding has no bytes of its own here: every long run may be it. */
static void hide_encoded(char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t end = i;

		while (end < n && text[end] && is_encoded(text[end]))
			end++;
		if (end - i >= ENCODED_LEAST)
			memset(text + i, '*', end - i);
		if (end > i)
			i = end;
	}
}

/* The text as the only value of a ConfigMap: that is what the scan reads. */
static int hide_found(char *text, size_t n, struct err *err)
{
	struct arena arena = ARENA_INIT((size_t)64 << 20);
	cleanup_buf struct buf object = BUF_TEXT;
	struct limits limits = LIMITS_DEFAULT;
	struct credential_scan scan = {.arena = &arena};
	struct release release;
	struct stream s;
	int rc;

	buf_adds(&object,
		 "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"log\",\"namespace\":\"n\"},"
		 "\"data\":{\"log\":");
	json_quote(slice_of(text, n), &object);
	buf_adds(&object, "}}");
	if (object.failed)
		return err_nomem(err);
	stream_init(&s, &limits);
	release_init(&release);
	rc = stream_add(&s, "log", buf_slice(&object), err);
	if (rc == 0)
		rc = release_build(&release, &s, err);
	if (rc == 0 && (!credential_scan_release(&scan, &release) || scan.failed))
		rc = err_nomem(err);
	for (size_t i = 0; rc == 0 && i < scan.hits.n; i++) {
		bool found = false;

		if (!credential_hit_is_secret(&scan.hits.v[i]))
			continue;
		hide(text, n, scan.hits.v[i].secret, &found);
		if (!found)
			hide_encoded(text, n);
	}
	/* What cannot be read cannot be scanned. */
	if (rc == 0 && s.problems.n)
		hide_encoded(text, n);
	release_release(&release);
	stream_release(&s);
	arena_release(&arena);
	return rc;
}

/* --- what every log may hold
 * ------------------------------------------------------------------------------------------ */

static bool ends_value(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '"' || c == '\'' || c == ',' || c == ';' ||
	       c == '&' || c == ')' || c == '}' || c == ']' || !c;
}

static size_t skip(const char *text, size_t n, size_t i, const char *chars)
{
	while (i < n && text[i] && strchr(chars, text[i]))
		i++;
	return i;
}

static void hide_value(char *text, size_t n, size_t i)
{
	while (i < n && !ends_value(text[i]))
		text[i++] = '*';
}

/* A word of a shell or of logfmt: quotes inside it are part of it, and so is all else up to a blank. */
static void hide_word(char *text, size_t n, size_t i)
{
	for (; i < n && text[i] && !strchr(" \t\r\n", text[i]); i++) {
		bool quote = text[i] == '"' || text[i] == '\'';

		if (quote && (i + 1 == n || ends_value(text[i + 1])))
			return;
		text[i] = '*';
	}
}

/* Up to the quote that is not escaped. */
static void hide_quoted(char *text, size_t n, size_t i, char quote)
{
	for (; i < n && text[i] && text[i] != quote && text[i] != '\n'; i++) {
		if (text[i] == '\\' && i + 1 < n && text[i + 1] && text[i + 1] != '\n')
			text[i++] = '*';
		text[i] = '*';
	}
}

/* Behind a colon: a phrase, up to a mark that a blank or the end follows. */
static void hide_phrase(char *text, size_t n, size_t i)
{
	for (; i < n && text[i] && !strchr("\n\"", text[i]); i++) {
		if (strchr(",;}", text[i]) && (i + 1 == n || !text[i + 1] || strchr(" \t\r\n,}]", text[i + 1])))
			return;
		text[i] = '*';
	}
}

/* In quotes up to the quote; behind '=' a word; behind ':' the rest of the line, which may be a phrase. */
static void hide_assigned(char *text, size_t n, size_t at)
{
	char sign = text[at];
	size_t start = skip(text, n, skip(text, n, at + 1, ">"), " \t");

	/* Of JSON in JSON the quotes are escaped: the next such quote is the end. */
	at = skip(text, n, start, "\\");
	if (at > start && at < n && text[at] == '"') {
		for (at++; at < n && text[at] && !strchr("\\\n", text[at]); at++)
			text[at] = '*';
	} else if (at < n && (text[at] == '"' || text[at] == '\'')) {
		hide_quoted(text, n, at + 1, text[at]);
	} else if (sign == '=') {
		hide_word(text, n, start);
	} else {
		hide_phrase(text, n, start);
	}
}

/* The word that ends before i is an option: "--db-password x". */
static bool is_option(const char *text, size_t i)
{
	while (i && (ascii_is_alnum(text[i - 1]) || text[i - 1] == '-' || text[i - 1] == '_'))
		i--;
	return text[i] == '-' && text[i + 1] == '-';
}

/* "password=x", "db_password: x", "\"token\": \"x\"", "--password x". */
static void hide_named(char *text, size_t n)
{
	static const char *const names[] = {"password",
					    "passwd",
					    "pwd",
					    "secret",
					    "secret_value",
					    "secretvalue",
					    "password_hash",
					    "passwordhash",
					    "accountkey",
					    "account_key",
					    "sharedaccesssignature",
					    "cookie",
					    "?sig",
					    "&sig",
					    "token",
					    "apikey",
					    "api_key",
					    "api-key",
					    "accesskey",
					    "access_key",
					    "pass",
					    "access-key",
					    "private_key",
					    "passphrase",
					    "credential",
					    "authorization"};

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			size_t len = strlen(names[k]), at = i + len;

			if (at >= n || !slice_is_nocase(slice_of(text + i, len), names[k]))
				continue;
			if (text[at] == ' ' && is_option(text, i))
				hide_word(text, n, skip(text, n, at, " "));
			at = skip(text, n, at, "\\\"'");
			at = skip(text, n, at, " \t");
			if (at < n && (text[at] == '=' || text[at] == ':'))
				hide_assigned(text, n, at);
		}
}

static void hide_bearers(char *text, size_t n)
{
	static const char *const leads[] = {"bearer ", "basic ", "eyJ"};

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(leads); k++) {
			size_t len = strlen(leads[k]);
			bool jwt = k == 2;

			if (i + len > n || (jwt ? memcmp(text + i, leads[k], len) != 0
						: !slice_is_nocase(slice_of(text + i, len), leads[k])))
				continue;
			hide_value(text, n, jwt ? i : i + len);
		}
}

/* "name:tag@sha256:..." is an image. */
static bool is_digest(const char *text, size_t n, size_t i)
{
	return slice_starts(slice_of(text + i, n - i), "sha256:");
}

/* "scheme://user:password@host"; a password may have a '/' in it, and only a path of http may have a '@'. */
static void hide_user_information(char *text, size_t n)
{
	for (size_t i = 0; i + 3 < n; i++) {
		size_t end = i + 3, at = 0;
		bool web = (i >= 4 && slice_is_nocase(slice_of(text + i - 4, 4), "http")) ||
			   (i >= 5 && slice_is_nocase(slice_of(text + i - 5, 5), "https"));

		if (memcmp(text + i, "://", 3) != 0)
			continue;
		for (; end < n && !strchr(web ? " \t\n\r\"'/<>" : " \t\n\r\"'<>", text[end]); end++)
			if (text[end] == '@' && !is_digest(text, n, end + 1))
				at = end;
		if (at)
			memset(text + i + 3, '*', at - i - 3);
	}
}

/* "user:password@host" without a scheme. */
static void hide_login(char *text, size_t n)
{
	for (size_t i = 1; i + 1 < n; i++) {
		size_t start = i;
		bool colon = false;

		if (text[i] != '@' || is_digest(text, n, i + 1))
			continue;
		while (start && text[start - 1] && !strchr(" \t\n\r\"'/<>*", text[start - 1]))
			colon |= text[--start] == ':';
		if (colon)
			memset(text + start, '*', i - start);
	}
}

/* The length of an escape that only colours text; 0: it is none, and is shown as what it is. */
static size_t color_here(struct slice text)
{
	size_t i = 2;

	if (!slice_starts(text, "\033["))
		return 0;
	while (i < text.n && ((text.p[i] >= '0' && text.p[i] <= '9') || text.p[i] == ';'))
		i++;
	return i < text.n && text.p[i] == 'm' ? i + 1 : 0;
}

/* Colours go first: a name and its value may have their own. */
static void add_plain(struct slice text, struct buf *out)
{
	while (text.n) {
		size_t color = color_here(text), n = slice_chr(slice_from(text, 1), '\033');

		n = color ? color : n == SIZE_MAX ? text.n : n + 1;
		if (!color)
			buf_add(out, slice_to(text, n));
		text = slice_from(text, n);
	}
}

static int redact(struct slice text, struct buf *out, struct err *err)
{
	char *to;
	size_t from = out->n;

	add_plain(slice_from(text, text.n > SCAN_MAX ? text.n - SCAN_MAX : 0), out);
	if (out->failed)
		return err_nomem(err);
	if (out->n == from)
		return 0;
	to = out->p + from;
	if (hide_found(to, out->n - from, err) < 0)
		return err->status;
	hide_named(to, out->n - from);
	hide_bearers(to, out->n - from);
	hide_user_information(to, out->n - from);
	hide_login(to, out->n - from);
	return 0;
}

/* --- lines
 * ------------------------------------------------------------------------------------------------------------ */

static struct slice last_lines(struct slice text, size_t lines)
{
	size_t at = text.n;

	while (at && (text.p[at - 1] == '\n' || text.p[at - 1] == '\r'))
		at--;
	text = slice_to(text, at);
	while (at && lines) {
		at--;
		if (text.p[at] == '\n' && --lines == 0)
			return slice_from(text, at + 1);
	}
	return text;
}

/* Each run of stars becomes three: the length of a secret is nobody's business. */
static void put_line(struct slice line, struct buf *out)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)SCAN_MAX * 2);

	for (size_t i = 0; i < line.n; i++) {
		size_t end = i;

		while (end < line.n && line.p[end] == '*')
			end++;
		if (end - i > 3) {
			buf_adds(&text, "***");
			i = end - 1;
		} else {
			buf_addc(&text, line.p[i]);
		}
	}
	out->failed |= text.failed;
	line_put(buf_slice(&text), LINE_MAX_BYTES, out);
}

int clean_lines(struct slice text, size_t lines, const char *lead, struct buf *out, struct err *err)
{
	cleanup_buf struct buf hidden = BUF_INIT((size_t)SCAN_MAX * 2);
	struct slice rest;

	if (redact(text, &hidden, err) < 0)
		return err->status;
	rest = last_lines(buf_slice(&hidden), lines);
	while (rest.n) {
		struct slice line = slice_cut(rest, '\n', &rest);

		buf_adds(out, lead);
		put_line(line, out);
		buf_addc(out, '\n');
	}
	return out->failed ? err_nomem(err) : 0;
}

const char *clean_line(struct arena *a, const char *text)
{
	cleanup_buf struct buf hidden = BUF_INIT((size_t)SCAN_MAX * 2), out = BUF_TEXT;
	struct err err = ERR_INIT;

	if (redact(slice_str(text), &hidden, &err) < 0) {
		arena_fail(a);
		return "";
	}
	for (size_t i = 0; i < hidden.n; i++)
		if (hidden.p[i] == '\n')
			hidden.p[i] = ' ';
	put_line(buf_slice(&hidden), &out);
	if (out.failed)
		arena_fail(a);
	return arena_str(a, buf_slice(&out));
}
