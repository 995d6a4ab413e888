/*
 * checks.c: AWS, Google Cloud, Oracle, tokens and keys in PEM.
 */
#include "credentials/checks.h"

#include "base/base64.h"

/* The first six of the ten bytes behind AKIA hold the account. Source: A. Steele 2020, T. Be'ery. */
bool aws_account_of(struct slice id, char account[13])
{
	uint64_t bits = 0;

	if (id.n != 20 || id.p[4] == 'I' || id.p[4] == 'J')
		return false;
	for (size_t i = 4; i < 14; i++) {
		char c = id.p[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7')))
			return false;
		bits = bits << 5 | (uint64_t)(c >= 'A' ? c - 'A' : c - '2' + 26);
	}
	bits = bits >> 2 & 0xffffffffffff; /* 50 bits to six bytes */
	bits = (bits & 0x7fffffffff80) >> 7;
	if (bits > 999999999999)
		return false;
	snprintf(account, 13, "%012llu", (unsigned long long)bits);
	return true;
}

bool check_aws_id(struct match *m, struct slice text)
{
	struct slice tail = slice_from(m->secret, 4);
	char account[13];

	(void)text;
	m->confidence = CONFIDENCE_MEDIUM;
	if (slice_find(tail, "EXAMPLE") != SIZE_MAX || variety_of(tail) <= 3) {
		m->confidence = CONFIDENCE_PLACEHOLDER;
		return true;
	}
	for (size_t i = 0; i < tail.n; i++)
		if (strchr("0189", tail.p[i])) { /* cannot occur in a real one, but people scramble digits */
			m->confidence = CONFIDENCE_LOW;
			return true;
		}
	if (aws_account_of(m->secret, account)) {
		m->confidence = CONFIDENCE_HIGH;
		m->reason = "its shape and the account in it";
	}
	return true;
}

bool check_presigned(struct match *m, struct slice text)
{
	return slice_find(match_around(m, text, 4096), "X-Amz-Credential=") != SIZE_MAX;
}

bool check_mixed(struct match *m, struct slice text)
{
	(void)text;
	return is_mixed(m->secret) && variety_of(m->secret) > 8;
}

/* Base64 behind a PEM header whose last word begins at `at`, line ends written or escaped: at least the length of the
   smallest key. */
static bool pem_body_at(struct slice text, size_t at, struct slice *body)
{
	struct slice head = slice_to(text, at);
	size_t n = 0, end;

	if (slice_find(slice_from(head, at > 40 ? at - 40 : 0), "-----BEGIN ") == SIZE_MAX)
		return false;
	at += strlen("PRIVATE KEY-----");
	for (end = at; end < text.n && end < at + 20000 && text.p[end] != '-'; end++)
		n += char_in(text.p[end], CLASS_BASE64);
	*body = slice_of(text.p + at, end - at);
	return n >= 40 && entropy_of(slice_to(*body, 4096)) > 380;
}

/* The first private key of the text. */
static bool pem_body(struct slice text, struct slice *body)
{
	for (size_t from = 0;;) {
		size_t at = slice_find(slice_from(text, from), "PRIVATE KEY-----");

		if (at == SIZE_MAX)
			return false;
		if (pem_body_at(text, from + at, body))
			return true;
		from += at + 1;
	}
}

bool check_sa_json(struct match *m, struct slice text)
{
	struct slice body;

	if (slice_find(text, "private_key") == SIZE_MAX || !pem_body(text, &body))
		return false;
	m->secret = body;
	return true;
}

bool check_user_json(struct match *m, struct slice text)
{
	if (slice_find(text, "client_secret") == SIZE_MAX)
		return false;
	for (size_t from = 0;;) {
		size_t at = slice_find(slice_from(text, from), "refresh_token");

		if (at == SIZE_MAX)
			return false;
		for (at += from + strlen("refresh_token"); at < text.n && text.p[at] && strchr("\"'\\:= ", text.p[at]);
		     at++)
			;
		m->secret = slice_of(text.p + at, run_forward(text, at, CLASS_ANY64, 400));
		if (m->secret.n >= 20)
			return true;
		from = at;
	}
}

bool check_oci_pem(struct match *m, struct slice text)
{
	struct slice body;

	if (!pem_body(text, &body))
		return false;
	m->secret = body;
	return true;
}

bool check_pem(struct match *m, struct slice text)
{
	struct slice body;

	if (!pem_body_at(text, match_at(m, text), &body))
		return false;
	m->secret = body;
	return true;
}

/* A token of Entra names its issuer in its second part; other issuers' tokens open no cloud by themselves. */
bool check_jwt(struct match *m, struct slice text)
{
	static const char *const issuers[] = {"sts.windows.net", "login.microsoftonline",
					      "login.partner.microsoftonline", "login.windows.net", ".azurecr.io"};
	struct slice rest, payload, sign;
	struct buf claims = BUF_INIT(1 << 16);
	bool ours = false;

	(void)text;
	slice_cut(m->secret, '.', &rest);
	if (!rest.p)
		return false;
	payload = slice_cut(rest, '.', &sign);
	if (!sign.p || sign.n < 16)
		return false;
	if (base64_decode(payload, BASE64_ANY, &claims))
		for (size_t i = 0; i < ARRAY_SIZE(issuers); i++)
			ours |= slice_find(buf_slice(&claims), issuers[i]) != SIZE_MAX;
	ours |= claims.failed; /* without memory to look at it, it counts */
	buf_release(&claims);
	return ours;
}

/* t1., two parts of the URL alphabet, the second of 86 characters; both may be padded. */
bool check_yandex(struct match *m, struct slice text)
{
	size_t at = match_at(m, text), end = at + strlen("t1."), n = run_forward(text, end, CLASS_URL64, 400);
	size_t sign;

	for (end += n; end < text.n && text.p[end] == '='; end++)
		;
	if (n == 0 || end >= text.n || text.p[end] != '.')
		return false;
	sign = end + 1;
	end = sign + run_forward(text, sign, CLASS_URL64, 90);
	if (end - sign != 86 || entropy_of(slice_of(text.p + sign, 86)) < 400)
		return false;
	m->secret = slice_of(text.p + at, end - at);
	return true;
}
