#include "checks/saved.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { FILE_MAX = 64 << 20, META_MAX = 1 << 20 };

static const char META_NAME[] = "cluster.json"; /* of a cluster's folder: goes first and comes last */

/* --- writing --------------------------------------------------------------------------------------------------- */

enum { NAME_BYTES_MAX = 255 };

/* A name of a cluster as a name of a file. One that is too long keeps its beginning, and a digest of the whole. */
static void put_escaped(struct slice name, struct buf *out)
{
	size_t start = out->n;
	char digest[24];
	int n;

	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			     c == '_' || (c == '.' && i > 0);

		if (plain)
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
	if (!name.n)
		buf_adds(out, "%");
	if (slice_is(slice_from(buf_slice(out), start), META_NAME)) { /* beside folders it would be the file of one */
		out->n = start;
		buf_addf(out, "%%%02X%s", (unsigned char)META_NAME[0], META_NAME + 1);
	}
	if (out->n - start <= NAME_BYTES_MAX)
		return;
	n = snprintf(digest, sizeof(digest), "%%%016llx", (unsigned long long)XXH3_64bits(name.p, name.n));
	out->n = start + NAME_BYTES_MAX - (size_t)n;
	buf_adds(out, digest);
}

static int make_folder(const char *path, struct err *err)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	return err_errno(err, STATUS_FAILED, "cannot make folder '%s'", path);
}

static void put_text(struct buf *b, const char *key, const char *value)
{
	buf_addf(b, "\"%s\":", key);
	json_quote(slice_str(value), b);
}

static int write_fact(const char *folder, const struct facts *f, enum question_id q, struct err *err)
{
	cleanup_buf struct buf path = BUF_TEXT, text = BUF_INIT(FILE_MAX);
	const struct fact *a = &f->v[q];

	buf_addf(&path, "%s/%s.json", folder, question_infos[q].name);
	buf_addc(&text, '{');
	put_text(&text, "path", a->path ? a->path : "");
	buf_addc(&text, ',');
	put_text(&text, "answer", answer_name(a->kind));
	buf_addc(&text, ',');
	put_text(&text, "text", a->text ? a->text : "");
	if (a->kind == ANSWER_OK) {
		buf_adds(&text, ",\"body\":");
		buf_add(&text, a->json);
	}
	buf_adds(&text, "}\n");
	if (path.failed || text.failed)
		return err_nomem(err);
	return file_write_atomic_nosync(buf_str(&path), buf_slice(&text), 0600, err);
}

/* What an earlier run left is no answer of this one. */
static int drop_file(const char *folder, const char *name, const char *end, struct err *err)
{
	cleanup_buf struct buf path = BUF_TEXT;

	buf_addf(&path, "%s/%s%s", folder, name, end);
	if (path.failed)
		return err_nomem(err);
	if (unlink(buf_str(&path)) == 0 || errno == ENOENT)
		return 0;
	return err_errno(err, STATUS_FAILED, "cannot remove '%s'", buf_str(&path));
}

/* cluster.json goes first and comes last: a folder without it was not written to its end. */
int saved_write(const char *dir, const struct facts *f, enum check_command command, struct err *err)
{
	cleanup_buf struct buf folder = BUF_TEXT, meta = BUF_TEXT, path = BUF_TEXT;

	buf_addf(&folder, "%s/", dir);
	put_escaped(slice_str(f->cluster), &folder);
	if (folder.failed)
		return err_nomem(err);
	if (make_folder(dir, err) < 0 || make_folder(buf_str(&folder), err) < 0)
		return err->status;
	if (drop_file(buf_str(&folder), META_NAME, "", err) < 0)
		return err->status;
	for (unsigned q = 0; q < QUESTION_COUNT; q++) {
		if (!(question_infos[q].commands & command))
			continue;
		if ((f->v[q].asked ? write_fact(buf_str(&folder), f, (enum question_id)q, err)
				   : drop_file(buf_str(&folder), question_infos[q].name, ".json", err)) < 0)
			return err->status;
	}
	buf_addf(&path, "%s/%s", buf_str(&folder), META_NAME);
	buf_adds(&meta, "{\"schema\":1,");
	put_text(&meta, "cluster", f->cluster);
	buf_adds(&meta, ",\"version\":\"" PXB_VERSION "\"}\n");
	if (path.failed || meta.failed)
		return err_nomem(err);
	return file_write_atomic_nosync(buf_str(&path), buf_slice(&meta), 0600, err);
}

size_t saved_older(const char *dir, time_t time)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	size_t n = 0;

	while (d && (entry = readdir(d))) {
		cleanup_buf struct buf meta = BUF_TEXT;
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		buf_addf(&meta, "%s/%s/%s", dir, entry->d_name, META_NAME);
		n += !meta.failed && stat(buf_str(&meta), &st) == 0 && st.st_mtime < time;
	}
	if (d)
		closedir(d);
	return n;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

static int parse(const char *path, struct buf *text, struct stream *s, const struct node **root, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;

	stream_init(s, &limits);
	if (file_read(path, text, STATUS_INPUT, err) < 0 || stream_add(s, path, buf_slice(text), err) < 0)
		return err->status;
	if (s->problems.n || s->documents.n != 1 || !node_is_mapping(s->documents.v[0].root))
		return err_set(err, STATUS_INPUT, "'%s' is not a file of saved answers%s%s", path,
			       s->problems.n ? ": " : "", s->problems.n ? s->problems.v[0].message : "");
	*root = s->documents.v[0].root;
	return 0;
}

static int read_fact(const char *path, struct facts *f, enum question_id q, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(FILE_MAX);
	cleanup_stream struct stream s = {0};
	const struct node *root = NULL, *body;
	enum answer_kind kind;

	if (parse(path, &text, &s, &root, err) < 0)
		return err->status;
	kind = answer_parse(node_string(node_lookup(root, "answer")));
	if (kind == ANSWER_KINDS)
		return err_set(err, STATUS_INPUT, "'%s': the answer is of an unknown kind", path);
	body = node_real(node_lookup(root, "body"));
	f->v[q].path = facts_printable(&f->arena, node_string(node_lookup(root, "path")));
	return facts_take(f, q, kind, node_string(node_lookup(root, "text")),
			  body ? slice_of(buf_str(&text) + body->start, body->end - body->start) : SLICE_EMPTY, err);
}

int saved_read(const char *folder, struct facts *f, enum check_command command, struct err *err)
{
	const char *meta = arena_printf(&f->arena, "%s/%s", folder, META_NAME);
	struct stat end;

	if (stat(meta, &end) < 0)
		return err_errno(err, STATUS_INPUT, "'%s', which ends a recording, cannot be read", meta);
	for (unsigned q = 0; q < QUESTION_COUNT; q++) {
		const char *path = arena_printf(&f->arena, "%s/%s.json", folder, question_infos[q].name);
		struct stat st;

		if (!(question_infos[q].commands & command) || (stat(path, &st) < 0 && errno == ENOENT))
			continue;
		if (read_fact(path, f, (enum question_id)q, err) < 0)
			return err->status;
	}
	return 0;
}

/* --- listing --------------------------------------------------------------------------------------------------- */

typedef VEC(struct saved_cluster) saved_clusters;

/* 1 when the folder is a cluster's, 0 when it is not, negative when it cannot be read. */
static int read_meta(const char *folder, struct arena *a, saved_clusters *to, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(META_MAX);
	cleanup_stream struct stream s = {0};
	const struct node *root = NULL;
	const char *path = arena_printf(a, "%s/%s", folder, META_NAME);
	struct saved_cluster *c;
	struct stat st;

	if (stat(path, &st) < 0 && errno == ENOENT)
		return 0;
	if (parse(path, &text, &s, &root, err) < 0)
		return err->status;
	if (!slice_is(node_text(node_real(node_lookup(root, "schema"))), "1"))
		return err_set(err, STATUS_INPUT, "'%s' is of another schema than this version reads", path);
	c = VEC_PUSH(a, *to);
	if (c)
		*c = (struct saved_cluster){arena_str(a, node_string(node_lookup(root, "cluster"))), folder};
	return 1;
}

static int by_name(const void *x, const void *y)
{
	const struct saved_cluster *a = x, *b = y;
	int c = strcmp(a->name, b->name);

	return c ? c : strcmp(a->folder, b->folder);
}

/* A folder in `dir` is a cluster, one whose recording broke off too; files beside them are not. */
static int add_folder(const char *dir, const char *name, struct arena *a, saved_clusters *to, struct err *err)
{
	const char *folder = arena_printf(a, "%s/%s", dir, name);
	struct saved_cluster *c;
	struct stat st;
	int rc;

	if (name[0] == '.' || stat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	rc = read_meta(folder, a, to, err);
	if (rc == 0 && (c = VEC_PUSH(a, *to)))
		*c = (struct saved_cluster){arena_str(a, slice_str(name)), folder};
	return rc < 0 ? rc : 1;
}

int saved_list(const char *dir, struct arena *a, struct saved_cluster **v, size_t *n, struct err *err)
{
	saved_clusters all = {0};
	struct dirent *entry;
	DIR *d;
	int rc = read_meta(dir, a, &all, err);

	*v = NULL;
	*n = 0;
	if (rc < 0)
		return rc;
	if (rc == 0) {
		d = opendir(dir);
		if (!d)
			return err_errno(err, STATUS_USAGE, "cannot read folder '%s'", dir);
		while (rc >= 0 && (entry = readdir(d)))
			rc = add_folder(dir, entry->d_name, a, &all, err);
		closedir(d);
	}
	if (rc < 0)
		return rc;
	if (arena_failed(a))
		return err_nomem(err);
	if (!all.n)
		return err_set(err, STATUS_USAGE, "folder '%s' has no saved answers (%s)", dir, META_NAME);
	qsort(all.v, all.n, sizeof(*all.v), by_name);
	*v = all.v;
	*n = all.n;
	return 0;
}
