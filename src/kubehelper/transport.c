/*
 * transport.c: what curl is told. Nothing is left to its defaults that weakens TLS, follows a redirect, reads a file of
 * the user or the environment, or sends a credential to anybody but the server of the kubeconfig.
 */
#include "kubehelper/engine.h"
#include "kubehelper/proxy.h"

#include <unistd.h>

/* Where Go's crypto/x509 looks for the system's authorities. */
static const char *system_bundle(void)
{
	static const char *const paths[] = {"/etc/ssl/certs/ca-certificates.crt",
					    "/etc/pki/tls/certs/ca-bundle.crt",
					    "/etc/ssl/ca-bundle.pem",
					    "/etc/pki/tls/cacert.pem",
					    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
					    "/etc/ssl/cert.pem"};
	const char *named = getenv("SSL_CERT_FILE");

	if (named && *named)
		return named;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (access(paths[i], R_OK) == 0)
			return paths[i];
	return paths[0];
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
	char *text = NULL;
	struct curl_slist *more;

	if (asprintf(&text, "%s: %s", name, value) < 0)
		return false;
	more = curl_slist_append(*list, text);
	explicit_bzero(text, strlen(text));
	free(text);
	if (!more)
		return false;
	*list = more;
	return true;
}

/* As client-go escapes the key of an extra: what is not a token character of a header is percent-encoded. */
static bool add_extra(struct curl_slist **list, const struct extra *extra)
{
	cleanup_buf struct buf name = BUF_TEXT;

	buf_adds(&name, "Impersonate-Extra-");
	for (const char *p = extra->key; *p; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("!#$&'*+-.^_`|~", c);

		if (plain)
			buf_addc(&name, c);
		else
			buf_addf(&name, "%%%02X", (unsigned char)c);
	}
	return !name.failed && add_header(list, buf_str(&name), extra->value);
}

/* The URL has the certificate's name then, the server is still asked by its own. */
static bool add_host(struct cluster *c, struct curl_slist **list)
{
	struct slice url = slice_str(c->login.server), rest,
		     host = slice_cut(slice_from(url, slice_find(url, "://") + 3), '/', &rest);

	return add_header(list, "Host", arena_str(&c->login.arena, host));
}

static struct file_stamp stamp_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return (struct file_stamp){0};
	return (struct file_stamp){st.st_dev, st.st_ino, st.st_size, st.st_mtim};
}

static bool same_stamp(const struct file_stamp *a, const struct file_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

/* What the file holds; NULL with the reason. The stamp is older than the text, never newer. */
static const char *read_token(struct cluster *c, struct err *err)
{
	const char *path = c->login.token_file;
	struct slice text;

	c->token_stamp = stamp_of(path);
	if (login_file(&c->login, path, "token file", &text, err) < 0)
		return NULL;
	text = slice_trim(text);
	if (text.n)
		return arena_str(&c->login.arena, text);
	err_set(err, STATUS_USAGE, "token file '%s' is empty", path);
	return NULL;
}

static const char *bearer(struct cluster *c, struct err *err)
{
	const char *token = c->credential.token || !c->login.token_file ? NULL : read_token(c, err);

	return c->credential.token ? c->credential.token : token ? token : c->login.token;
}

/* A server that knows no such form answers with the second one. */
#define JSON		"application/json"
#define ACCEPT_METADATA "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"

static bool add_all(struct cluster *c, struct curl_slist **list, const char *accept, const char *sent,
		    const char *token)
{
	struct login *l = &c->login;
	char *value = NULL;
	bool ok = add_header(list, "Accept", accept) && add_header(list, "Content-Type", sent) &&
		  add_header(list, "User-Agent", "pxb-fed-kube/" PXB_VERSION);

	if (ok && token && asprintf(&value, "Bearer %s", token) > 0) {
		ok = add_header(list, "Authorization", value);
		explicit_bzero(value, strlen(value));
	}
	free(value);
	if (l->tls_name)
		ok = ok && add_host(c, list);
	if (l->as)
		ok = ok && add_header(list, "Impersonate-User", l->as);
	if (l->as_uid)
		ok = ok && add_header(list, "Impersonate-Uid", l->as_uid);
	for (size_t i = 0; ok && i < l->as_groups.n; i++)
		ok = add_header(list, "Impersonate-Group", l->as_groups.v[i]);
	for (size_t i = 0; ok && i < l->as_extra.n; i++)
		ok = add_extra(list, &l->as_extra.v[i]);
	return ok;
}

static void retire(struct cluster *c, struct curl_slist **list)
{
	struct curl_slist *last = *list;

	while (last && last->next)
		last = last->next;
	if (last) {
		last->next = c->retired;
		c->retired = *list;
	}
	*list = NULL;
}

static void retire_all(struct cluster *c)
{
	retire(c, &c->headers);
	retire(c, &c->metadata_headers);
	retire(c, &c->apply_headers);
}

void cluster_headers_free(struct cluster *c)
{
	retire_all(c);
	for (struct curl_slist *h = c->retired; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(c->retired);
	c->retired = NULL;
}

static bool has_control(const char *token)
{
	for (const char *p = token; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return true;
	return false;
}

bool cluster_headers(struct cluster *c)
{
	struct login *l = &c->login;
	struct err err = ERR_INIT;
	const char *token = bearer(c, &err);
	bool ok;

	retire_all(c);
	if (!token && l->token_file && !l->token) {
		c->kind = ANSWER_LOGIN;
		snprintf(c->text, sizeof(c->text), "%.*s", TEXT_MAX - 1, err.text);
		return false;
	}
	ok = !has_control(token) && add_all(c, &c->headers, JSON, JSON, token) &&
	     add_all(c, &c->metadata_headers, ACCEPT_METADATA, JSON, token) &&
	     add_all(c, &c->apply_headers, JSON, "application/apply-patch+yaml", token);
	if (!ok) {
		c->kind = ANSWER_LOGIN;
		snprintf(c->text, sizeof(c->text), "the token has characters that no token has");
	}
	c->proxy = proxy_for(l->proxy, l->server);
	c->bundle = system_bundle();
	return ok;
}

bool cluster_refresh(struct cluster *c)
{
	struct err err = ERR_INIT;
	struct file_stamp now;
	const char *token;

	if (c->state != LOGIN_READY || !c->login.token_file || c->credential.token)
		return false;
	now = stamp_of(c->login.token_file);
	if (same_stamp(&now, &c->token_stamp))
		return false;
	token = read_token(c, &err);
	if (!token || has_control(token) || is_token_of(c, token))
		return false;
	if (!cluster_headers(c))
		c->state = LOGIN_FAILED;
	return true;
}

static size_t receive(char *p, size_t size, size_t n, void *to)
{
	struct question *q = to;

	if (q->body.n + size * n > PAGE_MAX) {
		q->too_large = true;
		return 0;
	}
	buf_add(&q->body, slice_of(p, size * n));
	return q->body.failed ? 0 : size * n;
}

/* Of `Warning: 299 - "TEXT"` the text, as the API server sends it. */
static void add_warning(struct question *q, struct slice value)
{
	cleanup_buf struct buf text = BUF_TEXT, quoted = BUF_TEXT;
	char line[TEXT_MAX];
	size_t from = slice_chr(value, '"'), to = slice_rchr(value, '"');

	if (from == SIZE_MAX || to <= from)
		return;
	for (size_t i = from + 1; i < to; i++) {
		if (value.p[i] == '\\' && i + 1 < to)
			i++;
		buf_addc(&text, value.p[i]);
	}
	one_line(buf_slice(&text), line, sizeof(line));
	hide_token(q->cluster, line);
	if (q->warnings.n)
		buf_addc(&quoted, ',');
	json_quote(slice_str(line), &quoted);
	if (!text.failed && !quoted.failed && q->warnings.n + quoted.n < WARNINGS_MAX)
		buf_add(&q->warnings, buf_slice(&quoted));
}

static size_t receive_header(char *p, size_t size, size_t n, void *to)
{
	struct slice value, name = slice_cut(slice_of(p, size * n), ':', &value);

	if (slice_is_nocase(name, "warning"))
		add_warning(to, value);
	return size * n;
}

static struct curl_blob blob(struct slice s)
{
	return (struct curl_blob){.data = (void *)(uintptr_t)s.p, .len = s.n, .flags = CURL_BLOB_COPY};
}

static void set_trust(CURL *h, const struct cluster *c)
{
	const struct login *l = &c->login;
	struct curl_blob ca = blob(l->ca);

	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, l->insecure ? 0L : 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, l->insecure ? 0L : 2L);
	curl_easy_setopt(h, CURLOPT_CAPATH, NULL); /* the built-in one would be trusted beside the kubeconfig's own */
	if (l->ca.n) {
		curl_easy_setopt(h, CURLOPT_CAINFO, NULL);
		curl_easy_setopt(h, CURLOPT_CAINFO_BLOB, &ca);
	} else {
		curl_easy_setopt(h, CURLOPT_CAINFO, c->bundle);
	}
	curl_easy_setopt(h, CURLOPT_PROXY_CAPATH, NULL);
	curl_easy_setopt(h, CURLOPT_PROXY_CAINFO, c->bundle);
	curl_easy_setopt(h, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

static void set_identity(CURL *h, const struct cluster *c)
{
	const struct login *l = &c->login;
	struct slice certificate = c->credential.certificate.n ? c->credential.certificate : l->certificate;
	struct slice key = c->credential.key.n ? c->credential.key : l->key;
	struct curl_blob cert_blob = blob(certificate), key_blob = blob(key);

	if (certificate.n) {
		curl_easy_setopt(h, CURLOPT_SSLCERTTYPE, "PEM");
		curl_easy_setopt(h, CURLOPT_SSLKEYTYPE, "PEM");
		curl_easy_setopt(h, CURLOPT_SSLCERT_BLOB, &cert_blob);
		curl_easy_setopt(h, CURLOPT_SSLKEY_BLOB, &key_blob);
	}
	if (l->username && !c->credential.token) {
		curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(h, CURLOPT_USERNAME, l->username);
		curl_easy_setopt(h, CURLOPT_PASSWORD, l->password ? l->password : "");
	}
}

/* tls-server-name: the URL names it, the connection goes to the server, and the Host header is the server's. */
static bool set_name(struct question *q, CURL *h, const char *url)
{
	const struct login *l = &q->cluster->login;
	struct slice rest, host = slice_cut(slice_from(slice_str(url), 8), '/', &rest);
	char *text = NULL;
	bool ok;

	if (!l->tls_name || !slice_starts(slice_str(url), "https://"))
		return curl_easy_setopt(h, CURLOPT_URL, url) == CURLE_OK;
	if (asprintf(&text, "https://%s/" SLICE_FMT, l->tls_name, SLICE_ARG(rest)) < 0)
		return false;
	ok = curl_easy_setopt(h, CURLOPT_URL, text) == CURLE_OK;
	free(text);
	if (slice_chr(host, ':') == SIZE_MAX || slice_ends(host, "]")) {
		if (asprintf(&text, "%s:443:" SLICE_FMT ":443", l->tls_name, SLICE_ARG(host)) < 0)
			return false;
	} else if (asprintf(&text, "%s:443:" SLICE_FMT, l->tls_name, SLICE_ARG(host)) < 0) {
		return false;
	}
	q->connect_to = curl_slist_append(NULL, text);
	free(text);
	return ok && q->connect_to && curl_easy_setopt(h, CURLOPT_CONNECT_TO, q->connect_to) == CURLE_OK;
}

bool transport_set(struct engine *e, struct question *q, const char *url)
{
	CURL *h = q->easy;
	long long left = q->until - monotonic_ms();

	(void)e;
	curl_easy_setopt(h, CURLOPT_PRIVATE, q);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, q->error);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, q);
	curl_easy_setopt(h, CURLOPT_HTTPHEADER,
			 q->metadata ? q->cluster->metadata_headers
			 : q->apply  ? q->cluster->apply_headers
				     : q->cluster->headers);
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_PROXY, q->cluster->proxy);
	curl_easy_setopt(h, CURLOPT_NOPROXY, "");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	/* libcurl looks at every kept name whenever a transfer ends: thousands of clusters would pay for each other. */
	curl_easy_setopt(h, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(h, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(h, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, left > 0 ? (long)left : 1L);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, left > 0 ? (long)left : 1L);
	set_trust(h, q->cluster);
	set_identity(h, q->cluster);
	if (q->post.n) {
		curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->post.n);
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, q->post.p);
		if (q->apply)
			curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, "PATCH");
	}
	if (q->dry_run) {
		curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, receive_header);
		curl_easy_setopt(h, CURLOPT_HEADERDATA, q);
	}
	return set_name(q, h, url);
}
