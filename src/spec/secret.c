#include "chart/chart_value.h"
#include "spec/secret.h"

#include "base/base64.h"
#include "yaml/stream.h"

#include <sys/random.h>

void secret_init(struct secret *s)
{
	memset(s, 0, sizeof(*s));
}

void secret_release(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

void wiped_release(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->room);
	buf_release(b);
}

int secret_set(struct secret *s, const struct pxc_credential *c, struct slice value, struct err *err)
{
	const char *fault = pxc_credential_fault(c, value);
	size_t i = (size_t)(c - pxc_credentials);

	if (fault)
		return err_set(err, STATUS_USAGE, "%s %s", c->key, fault);
	memcpy(s->value[i].text, value.p, value.n);
	s->value[i].n = value.n;
	return 0;
}

/* A byte of 248 or more is drawn again: 248 is the largest multiple of 62 that fits, so each letter is as likely as
   any other. */
static int draw(char *text, size_t n, struct err *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char pool[128];
	size_t have = 0;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0;) {
		if (have == 0) {
			if (getrandom(pool, sizeof(pool), 0) != (ssize_t)sizeof(pool)) {
				rc = err_errno(err, STATUS_FAILED, "cannot draw random numbers");
				break;
			}
			have = sizeof(pool);
		}
		if (pool[--have] < 248)
			text[i++] = letters[pool[have] % 62];
	}
	explicit_bzero(pool, sizeof(pool));
	return rc;
}

int secret_fill(struct secret *s, bool encrypt, struct err *err)
{
	for (size_t i = 0; i < PXC_CREDENTIALS_N; i++) {
		const struct pxc_credential *c = &pxc_credentials[i];

		if (s->value[i].n || (c->encryption && !encrypt))
			continue;
		if (draw(s->value[i].text, c->made, err) < 0)
			return err->status;
		s->value[i].n = c->made;
	}
	return 0;
}

void secret_write(const struct secret *s, const char *ns, bool namespace_object, struct buf *out)
{
	if (namespace_object)
		buf_addf(out, "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n---\n", ns);
	buf_addf(out,
		 "apiVersion: v1\nkind: Secret\nmetadata:\n  name: " PXC_CREDENTIALS
		 "\n  namespace: %s\ntype: Opaque\ndata:\n",
		 ns);
	for (size_t i = 0; i < PXC_CREDENTIALS_N; i++) {
		if (!s->value[i].n)
			continue;
		buf_addf(out, "  %s: ", pxc_credentials[i].key);
		base64_encode(slice_of(s->value[i].text, s->value[i].n), out);
		buf_addc(out, '\n');
	}
}

/* --- checking -------------------------------------------------------------------------------------------------- */

static void say(struct buf *report, size_t *faults, const char *key, const char *fault)
{
	*faults += fault != NULL;
	buf_addf(report, "%s  %s%s%s\n", fault ? "error" : "ok   ", key, fault ? " " : "", fault ? fault : "");
}

/* stringData wins over data, as the API server lays it over. */
static const char *value_of(const struct node *secret, const struct pxc_credential *c, struct buf *decoded, bool *there)
{
	const struct node *text = node_lookup(node_lookup(secret, "stringData"), c->key);
	const struct node *data = node_lookup(node_lookup(secret, "data"), c->key);

	buf_reuse(decoded);
	*there = text || data;
	if (text) {
		if (!node_is_string(text))
			return "is not a string";
		buf_add(decoded, node_string(text));
		return NULL;
	}
	if (data && (!node_is_string(data) || !base64_decode(node_string(data), BASE64_STANDARD, decoded)))
		return "is not base64, which the API server refuses";
	return NULL;
}

static void check_key(const struct node *secret, const struct pxc_credential *c, bool encrypt, struct buf *report,
		      size_t *faults)
{
	cleanup_wiped struct buf decoded = BUF_INIT((size_t)2 << 20);
	cleanup_buf struct buf needed = BUF_INIT(256);
	bool there;
	const char *fault = value_of(secret, c, &decoded, &there);

	if (!there && c->encryption && !encrypt)
		return;
	if (!there && c->encryption) {
		buf_addf(&needed, "is missing; %s needs it", chart_value_name(VALUE_ENCRYPT_MONGODB));
		fault = buf_str(&needed);
	} else if (!there) {
		fault = "is missing";
	} else if (!fault) {
		fault = pxc_credential_fault(c, buf_slice(&decoded));
	}
	say(report, faults, c->key, fault);
	if (there && c->encryption && !encrypt)
		buf_addf(report, "note   %s has no effect without %s\n", c->key,
			 chart_value_name(VALUE_ENCRYPT_MONGODB));
	report->failed |= decoded.failed || needed.failed;
}

static void check_other_keys(const struct node *secret, struct buf *report)
{
	static const char *const fields[] = {"data", "stringData"};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		for (struct map_iter it = map_iter_of(node_lookup(secret, fields[i])); map_next(&it);)
			if (!pxc_credential_find(node_text(it.key)))
				buf_addf(report,
					 "note   another key in %s; Portworx Backup reads none but the six it knows\n",
					 fields[i]);
}

static void check_type(const struct node *secret, struct buf *report, size_t *faults)
{
	const struct node *type = node_lookup(secret, "type");

	if (type && !node_string_is(type, "Opaque"))
		say(report, faults, "type", "must be Opaque");
}

static void look_at(const struct node *root, const struct node **found, size_t *count)
{
	if (!node_string_is(node_lookup(root, "kind"), "Secret") ||
	    !node_string_is(node_at(root, "metadata/name"), PXC_CREDENTIALS))
		return;
	*found = root;
	++*count;
}

/* Documents, and the items of a List. */
static const struct node *find_secret(const struct stream *s, size_t *count)
{
	const struct node *found = NULL;

	*count = 0;
	for (size_t i = 0; i < s->documents.n; i++) {
		const struct node *root = s->documents.v[i].root;

		look_at(root, &found, count);
		for (struct seq_iter it = seq_iter_of(node_lookup(root, "items")); seq_next(&it);)
			look_at(it.item, &found, count);
	}
	return found;
}

/* Two values under one key: the cluster takes the last, and nobody can know which was meant. */
static void check_shape(const struct node *secret, struct buf *report, size_t *faults)
{
	static const char *const fields[] = {"data", "stringData"};

	if (!node_string_is(node_lookup(secret, "apiVersion"), "v1"))
		say(report, faults, "apiVersion", "must be v1");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct node *map = node_real(node_lookup(secret, fields[i]));

		if (map && !node_is_null(map) && map->kind != NODE_MAPPING)
			say(report, faults, fields[i], "must be a mapping");
		for (const struct node *k = map && map->kind == NODE_MAPPING ? map->child : NULL; k; k = k->next->next)
			if ((k->flags & NODE_SHADOWED) && pxc_credential_find(node_text(k)))
				say(report, faults, pxc_credential_find(node_text(k))->key, "is defined twice");
	}
}

int secret_check(const char *name, struct slice text, bool encrypt, struct buf *report, size_t *faults, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *secret;
	size_t count;

	*faults = 0;
	stream_init(&s, &limits);
	if (stream_add(&s, name, text, err) < 0)
		return err->status;
	/* The message of a problem may quote the text, and so a value. */
	if (s.problems.n)
		return err_set(err, STATUS_INPUT, "%s cannot be read as YAML or JSON", name);
	secret = find_secret(&s, &count);
	if (count != 1)
		return err_set(err, STATUS_INPUT, "%s contains %s Secret named " PXC_CREDENTIALS, name,
			       count ? "more than one" : "no");
	for (size_t i = 0; i < PXC_CREDENTIALS_N; i++)
		check_key(secret, &pxc_credentials[i], encrypt, report, faults);
	check_shape(secret, report, faults);
	check_type(secret, report, faults);
	check_other_keys(secret, report);
	return report->failed ? err_nomem(err) : 0;
}
