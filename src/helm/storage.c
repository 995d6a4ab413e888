#include "helm/storage.h"

#include "base/base64.h"
#include "yaml/stream.h"

#include <zlib.h>

enum { RELEASE_MAX = 256 << 20, GZIP = MAX_WBITS + 16, CHUNK = 1 << 20 };

static const struct {
	const char *names[2];
	const char *resource;
} drivers[] = {
	[HELM_DRIVER_SECRETS] = {{"secret", "secrets"}, "secrets"},
	[HELM_DRIVER_CONFIGMAPS] = {{"configmap", "configmaps"}, "configmaps"},
};

const char *const storage_list_fields[] = {"metadata/name",	     "metadata/namespace",	"metadata/labels/name",
					   "metadata/labels/status", "metadata/labels/version", NULL};
const char *const storage_fields[] = {"metadata/name", "data/release", NULL};

enum helm_driver helm_driver(void)
{
	const char *driver = getenv("HELM_DRIVER");

	if (!driver || !*driver)
		return HELM_DRIVER_SECRETS;
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		for (size_t k = 0; k < ARRAY_SIZE(drivers[i].names); k++)
			if (strcmp(driver, drivers[i].names[k]) == 0)
				return (enum helm_driver)i;
	return HELM_DRIVER_OTHER;
}

const char *helm_driver_resource(enum helm_driver d)
{
	return d == HELM_DRIVER_OTHER ? NULL : drivers[d].resource;
}

/* --- paths ----------------------------------------------------------------------------------------------------- */

const char *storage_list_path(enum helm_driver d, const char *ns, const char *name, struct arena *a)
{
	return arena_printf(a, "/api/v1/%s%s%s%s?labelSelector=owner%%3Dhelm%s%s", ns ? "namespaces/" : "",
			    ns ? ns : "", ns ? "/" : "", drivers[d].resource, name ? "%2Cname%3D" : "",
			    name ? name : "");
}

const char *storage_path(enum helm_driver d, const struct revision *r, struct arena *a)
{
	return arena_printf(a, "/api/v1/namespaces/%s/%s/%s", r->ns, drivers[d].resource, r->object);
}

/* --- revisions ------------------------------------------------------------------------------------------------- */

/* 0: no number of a revision, which begin with 1. */
static unsigned long number_of(struct slice text)
{
	unsigned long n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || i == 9)
			return 0;
		n = n * 10 + (unsigned long)(text.p[i] - '0');
	}
	return n;
}

static void add(struct revisions *r, const struct node *item, struct arena *a)
{
	const struct node *metadata = node_lookup(item, "metadata"), *labels = node_lookup(metadata, "labels");
	struct slice name = node_string(node_lookup(labels, "name"));
	unsigned long number = number_of(node_string(node_lookup(labels, "version")));
	struct revision *slot = name.n && number ? VEC_PUSH(a, r->all) : NULL;

	if (slot)
		*slot = (struct revision){.object = arena_str(a, node_string(node_lookup(metadata, "name"))),
					  .name = arena_str(a, name),
					  .ns = arena_str(a, node_string(node_lookup(metadata, "namespace"))),
					  .status = arena_str(a, node_string(node_lookup(labels, "status"))),
					  .number = number};
}

static int parse(struct stream *s, const char *name, struct slice json, const struct node **root, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	limits.bytes = json.n + 1;
	stream_init(s, &limits);
	if (stream_add(s, name, json, err) < 0)
		return err->status;
	*root = s->documents.n == 1 && !s->problems.n ? s->documents.v[0].root : NULL;
	return node_is_mapping(*root) ? 0 : err_set(err, STATUS_HELPER, "%s cannot be read", name);
}

int storage_add(struct revisions *r, struct slice list, struct arena *a, struct err *err)
{
	cleanup_stream struct stream s = {0};
	const struct node *root = NULL;

	if (parse(&s, "the list of releases", list, &root, err) < 0)
		return err->status;
	for (struct seq_iter it = seq_iter_of(node_lookup(root, "items")); seq_next(&it);)
		add(r, it.item, a);
	return arena_failed(a) ? err_nomem(err) : 0;
}

static const struct revision *find(const struct revisions *r, const char *ns, const char *name, const char *status)
{
	const struct revision *found = NULL;

	for (size_t i = 0; i < r->all.n; i++) {
		const struct revision *v = &r->all.v[i];

		if (strcmp(v->name, name) == 0 && strcmp(v->ns, ns) == 0 &&
		    (!status || strcmp(v->status, status) == 0) && (!found || v->number > found->number))
			found = v;
	}
	return found;
}

const struct revision *storage_newest(const struct revisions *r, const char *ns, const char *name)
{
	return find(r, ns, name, NULL);
}

const struct revision *storage_deployed(const struct revisions *r, const char *ns, const char *name)
{
	const struct revision *deployed = find(r, ns, name, "deployed");

	return deployed ? deployed : find(r, ns, name, "superseded");
}

/* --- the release ----------------------------------------------------------------------------------------------- */

static bool gunzip(struct slice bytes, struct buf *out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes.p, .avail_in = (uInt)bytes.n};
	int rc;

	if (bytes.n > RELEASE_MAX || inflateInit2(&z, GZIP) != Z_OK)
		return false;
	do {
		char *at = buf_reserve(out, CHUNK);

		if (!at) {
			rc = Z_MEM_ERROR;
			break;
		}
		z.next_out = (Bytef *)at;
		z.avail_out = CHUNK;
		rc = inflate(&z, Z_NO_FLUSH);
		out->n += CHUNK - z.avail_out;
	} while (rc == Z_OK);
	inflateEnd(&z);
	return rc == Z_STREAM_END;
}

/* Helm encodes its gzipped JSON as base64; a Secret's data is base64 once more. Old releases are not gzipped. */
static bool decode(enum helm_driver d, struct slice text, struct buf *json)
{
	cleanup_buf struct buf outer = BUF_INIT((size_t)RELEASE_MAX), bytes = BUF_INIT((size_t)RELEASE_MAX);

	if (d == HELM_DRIVER_SECRETS) {
		if (!base64_decode(text, BASE64_STANDARD, &outer))
			return false;
		text = buf_slice(&outer);
	}
	if (!base64_decode(text, BASE64_STANDARD, &bytes))
		return false;
	if (slice_starts(buf_slice(&bytes), "\x1f\x8b\x08"))
		return gunzip(buf_slice(&bytes), json);
	buf_add(json, buf_slice(&bytes));
	return !json->failed;
}

int storage_open(enum helm_driver d, struct slice json, struct arena *a, struct storage_release *out, struct err *err)
{
	cleanup_stream struct stream object = {0}, release = {0};
	cleanup_buf struct buf text = BUF_INIT((size_t)RELEASE_MAX);
	const struct node *root = NULL, *metadata;

	if (parse(&object, "the stored release", json, &root, err) < 0)
		return err->status;
	if (!decode(d, node_string(node_real(node_at(root, "data/release"))), &text))
		return text.failed ? err_nomem(err)
				   : err_set(err, STATUS_HELPER, "the stored release is not in Helm's form");
	if (parse(&release, "the stored release", buf_slice(&text), &root, err) < 0)
		return err->status;
	if (!node_string(node_lookup(root, "name")).n)
		return err_set(err, STATUS_HELPER, "the stored release is not in Helm's form");
	metadata = node_at(root, "chart/metadata");
	out->version = arena_str(a, node_string(node_lookup(metadata, "version")));
	out->chart =
		arena_printf(a, SLICE_FMT "-%s", SLICE_ARG(node_string(node_lookup(metadata, "name"))), out->version);
	buf_add(&out->manifest, node_string(node_lookup(root, "manifest")));
	return out->manifest.failed || arena_failed(a) ? err_nomem(err) : 0;
}
