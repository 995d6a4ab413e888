/*
 * params.c: what the policies of one namespace compare with, in one ConfigMap. Names of credentials are keys of it, so
 * that looking one up costs nothing.
 */
#include "credentials/names.h"
#include "export/vap.h"
#include "export/yaml.h"

struct slice params_image_prefix(const struct demands *d, struct buf *scratch)
{
	if (!d->registry_host.n)
		return SLICE_EMPTY;
	buf_add(scratch, d->registry_host);
	buf_addc(scratch, '/');
	if (d->registry_repository.n) {
		buf_add(scratch, d->registry_repository);
		buf_addc(scratch, '/');
	}
	return buf_slice(scratch);
}

/* Least lengths of a value, by what the name stands for; 0: the name alone says nothing. */
static unsigned least_length(const struct credential_name *n)
{
	if (n->needs)
		return 0;
	switch (n->kind) {
	case NAME_ID:
		return 3;
	case NAME_SECRET:
		return 8;
	case NAME_DOC:
		return 40;
	default:
		return 0;
	}
}

/* Several spellings of one name fold to the same key. */
static bool is_repeated(const struct credential_name *rows, size_t at, const char *key, size_t key_n)
{
	char other[80];

	for (size_t i = 0; i < at; i++) {
		size_t n = name_fold(slice_str(rows[i].name), other, sizeof(other));

		if (least_length(&rows[i]) && n == key_n && memcmp(other, key, n) == 0)
			return true;
	}
	return false;
}

static void put_names(struct buf *out)
{
	size_t n;
	const struct credential_name *rows = name_rows(&n);

	yaml_comment(out, 2, 0,
		     "Names of cloud credentials, in lower case and without separators; the value is the least length "
		     "of a credential of that name.");
	for (size_t i = 0; i < n; i++) {
		char key[80];
		size_t key_n = name_fold(slice_str(rows[i].name), key, sizeof(key));

		if (least_length(&rows[i]) && key_n && !is_repeated(rows, i, key, key_n))
			buf_addf(out, "  name.%.*s: \"%u\"\n", (int)key_n, key, least_length(&rows[i]));
	}
}

static bool is_key(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9')))
			return false;
	return n > 0;
}

/* The policy's own names count as a whole only. One that no key of an object can have is no use here. */
static void put_own_names(const struct demands *d, struct buf *out)
{
	for (size_t i = 0; i < d->credential_names_n; i++) {
		char key[120], other[120];
		size_t n = name_fold(d->credential_names[i], key, sizeof(key));
		bool twice = false;

		for (size_t j = 0; j < i && !twice; j++)
			twice = name_fold(d->credential_names[j], other, sizeof(other)) == n &&
				memcmp(key, other, n) == 0;
		if (is_key(key, n) && !twice)
			buf_addf(out, "  own.%.*s: \"3\"\n", (int)n, key);
	}
}

void params_write(const struct demands *d, const struct vap_options *opt, struct buf *out)
{
	cleanup_buf struct buf prefix = BUF_TEXT;

	yaml_comment(
		out, 0, 0,
		"What the policies compare with. It lives outside the guarded namespace, so that whoever may write "
		"there cannot loosen it. Without it the policies that deny refuse every request that they match.");
	buf_adds(out, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ");
	vap_name(d, out);
	buf_addf(out, "\n  namespace: %s\n", opt->params_ns);
	vap_labels(d, NULL, out);
	buf_adds(out, "data:\n");
	if (!d->storage_class.n)
		yaml_comment(out, 2, 0, "The policy names no class: any will do, but there must be one.");
	yaml_text(out, 2, "storageClass", d->storage_class);
	yaml_text(out, 2, "serviceMesh", slice_str(mesh_mode_name(d->mesh)));
	if (d->host_name.n)
		yaml_text(out, 2, "hostName", d->host_name);
	if (d->registry_host.n)
		yaml_text(out, 2, "imagePrefix", params_image_prefix(d, &prefix));
	if (d->pull_secret.n)
		yaml_text(out, 2, "pullSecret", d->pull_secret);
	out->failed |= prefix.failed;
	put_names(out);
	put_own_names(d, out);
}
