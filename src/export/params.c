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
	if (n->needs || n->asks != ASKS_NOTHING)
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

/* Folded names that were written already: several spellings of one name are one key. */
struct written {
	struct buf keys;    /* " key" for each */
	struct buf endings; /* their last two letters, in the same way */
};

static bool is_there(struct buf *words, const char *word, size_t n)
{
	cleanup_buf struct buf wanted = BUF_TEXT;

	buf_addf(&wanted, " %.*s ", (int)n, word);
	words->failed |= wanted.failed;
	return slice_find(buf_slice(words), buf_str(&wanted)) != SIZE_MAX;
}

static void add_word(struct buf *words, const char *word, size_t n)
{
	if (!is_there(words, word, n))
		buf_addf(words, "%s%.*s ", words->n ? "" : " ", (int)n, word);
}

static bool is_key(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9')))
			return false;
	return n > 0;
}

static void put_name(struct written *w, const char *kind, struct slice name, unsigned least, struct buf *out)
{
	char key[120];
	size_t n = name_fold(name, key, sizeof(key));

	/* One that no key of an object can have is no use here. */
	if (!least || n < 2 || !is_key(key, n) || is_there(&w->keys, key, n))
		return;
	buf_addf(out, "  %s.%.*s: \"%u\"\n", kind, (int)n, key, least);
	add_word(&w->keys, key, n);
	add_word(&w->endings, key + n - 2, 2);
}

static void put_names(const struct demands *d, struct buf *out)
{
	struct written w = {BUF_TEXT, BUF_TEXT};
	size_t n;
	const struct credential_name *rows = name_rows(&n);

	yaml_comment(out, 2, 0,
		     "Names of cloud credentials, in lower case and without separators; the value is the least length "
		     "of a credential of that name. Those of the policy itself count as a whole only.");
	for (size_t i = 0; i < n; i++)
		put_name(&w, "name", slice_str(rows[i].name), least_length(&rows[i]), out);
	for (size_t i = 0; i < d->credential_names_n; i++)
		put_name(&w, "own", d->credential_names[i], 3, out);
	yaml_text(out, 2, "nameEndings", slice_trim(buf_slice(&w.endings)));
	out->failed |= w.keys.failed || w.endings.failed;
	buf_release(&w.keys);
	buf_release(&w.endings);
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
		yaml_comment(out, 2, 0, "No class is named: any will do, but there must be one.");
	yaml_text(out, 2, "storageClass", d->storage_class);
	if (d->encryption != LOCK_SWITCH_UNKNOWN)
		buf_addf(out, "  encryption: \"%s\"\n", d->encryption == LOCK_ON ? "on" : "off");
	yaml_text(out, 2, "serviceMesh", slice_str(mesh_mode_name(d->mesh)));
	if (d->host_name.n)
		yaml_text(out, 2, "hostName", d->host_name);
	if (d->registry_host.n)
		yaml_text(out, 2, "imagePrefix", params_image_prefix(d, &prefix));
	if (d->pull_secret.n)
		yaml_text(out, 2, "pullSecret", d->pull_secret);
	out->failed |= prefix.failed;
	put_names(d, out);
}
