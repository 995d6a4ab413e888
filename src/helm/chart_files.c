#include "helm/chart_files.h"

#include "base/file.h"
#include "base/walk.h"
#include "helm/ustar.h"

#include <fnmatch.h>
#include <limits.h>
#include <sys/stat.h>
#include <zlib.h>

enum { FILE_BYTES = 16 << 20, IGNORE_BYTES = 1 << 20 };

/* --- an archive ------------------------------------------------------------------------------------------------ */

enum { NAME_ROOM = 1024 };

struct member {
	char name[NAME_ROOM];
	char type;
	size_t n;
};

enum next { NEXT_MEMBER, NEXT_END, NEXT_BROKEN };

/* Octal digits, or -1. */
static long long number_of(const char *p, size_t n)
{
	long long value = 0;
	size_t i = 0;

	while (i < n && p[i] == ' ')
		i++;
	for (; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		value = value * 8 + (p[i] - '0');
	return i < n && p[i] && p[i] != ' ' ? -1 : value;
}

static enum next next_header(gzFile in, struct member *m)
{
	char block[USTAR_BLOCK];
	int got = gzread(in, block, USTAR_BLOCK);
	int prefix, name;
	long long size;

	if (got != USTAR_BLOCK)
		return got == 0 && gzeof(in) ? NEXT_END : NEXT_BROKEN;
	if (!block[0])
		return NEXT_END;
	size = number_of(block + USTAR_SIZE, USTAR_SIZE_FIELD);
	if (size < 0 || memcmp(block + USTAR_MAGIC, "ustar", strlen("ustar")) != 0)
		return NEXT_BROKEN;
	prefix = (int)strnlen(block + USTAR_PREFIX, USTAR_PREFIX_FIELD);
	name = (int)strnlen(block, USTAR_NAME_FIELD);
	snprintf(m->name, sizeof(m->name), "%.*s%s%.*s", prefix, block + USTAR_PREFIX, prefix ? "/" : "", name, block);
	m->type = block[USTAR_TYPE];
	m->n = (size_t)size;
	return NEXT_MEMBER;
}

static bool skip(gzFile in, size_t n)
{
	char some[USTAR_BLOCK];

	for (n = (n + USTAR_BLOCK - 1) / USTAR_BLOCK; n; n--)
		if (gzread(in, some, USTAR_BLOCK) != USTAR_BLOCK)
			return false;
	return true;
}

static bool read_member(gzFile in, size_t n, struct buf *out)
{
	char *at, rest[USTAR_BLOCK];
	int padding = (int)((USTAR_BLOCK - n % USTAR_BLOCK) % USTAR_BLOCK);

	buf_clear(out);
	at = n <= FILE_BYTES ? buf_reserve(out, n + 1) : NULL;
	if (!at || gzread(in, at, (unsigned)n) != (int)n)
		return false;
	out->n = n;
	return gzread(in, rest, (unsigned)padding) == padding;
}

/* The chart's own folder is the first part of every name. */
static const char *below_chart(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash ? slash + 1 : "";
}

static bool is_file(const struct member *m)
{
	return m->type == '0' || m->type == '\0';
}

/* A folder, or what git and tar write about the whole archive. */
static bool is_harmless(const struct member *m)
{
	return m->type == '5' || m->type == 'g';
}

/* Closes it; the sum at the end of the bytes is read for this. */
static bool ends_well(gzFile in)
{
	char some[USTAR_BLOCK];
	int got;

	do
		got = gzread(in, some, USTAR_BLOCK);
	while (got > 0);
	return gzclose(in) == Z_OK && got == 0;
}

static int archive_files(const char *path, const struct chart_visitor *v, bool *whole, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)FILE_BYTES + USTAR_BLOCK);
	gzFile in = gzopen(path, "rbe");
	enum next next = NEXT_BROKEN;
	struct member m;
	int rc = 0;

	*whole = in != NULL;
	while (in && rc == 0 && (next = next_header(in, &m)) == NEXT_MEMBER) {
		const char *name = below_chart(m.name);

		*whole &= is_file(&m) || is_harmless(&m);
		if (!is_file(&m) || !v->wants(name)) {
			if (skip(in, m.n))
				continue;
		} else if (read_member(in, m.n, &text)) {
			rc = v->take(v->context, name, slice_without_bom(buf_slice(&text)), err);
			continue;
		}
		next = NEXT_BROKEN;
		break;
	}
	*whole &= next != NEXT_BROKEN;
	if (in)
		*whole &= ends_well(in);
	return text.failed && text.n <= FILE_BYTES ? err_nomem(err) : rc;
}

/* --- a folder -------------------------------------------------------------------------------------------------- */

struct folder {
	const struct chart_visitor *visitor;
	size_t root; /* bytes of its path */
	bool *whole;
};

static int visit(void *context, const struct walk_entry *e, struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)FILE_BYTES);
	struct folder *f = context;
	const char *name = e->level ? e->path + f->root + 1 : "";

	if (e->kind == WALK_FOLDER)
		return 0;
	if (e->kind != WALK_FILE) /* Helm follows links */
		*f->whole = false;
	if (e->kind != WALK_FILE || !f->visitor->wants(name))
		return 0;
	if (file_read(e->path, &text, STATUS_INPUT, err) < 0) {
		if (err->status != STATUS_INPUT)
			return err->status;
		*err = ERR_INIT;
		*f->whole = false;
		return 0;
	}
	return f->visitor->take(f->visitor->context, name, slice_without_bom(buf_slice(&text)), err);
}

/* Whether one of its patterns may be about a file that is read here: then Helm must say. */
static bool may_hide(struct slice patterns)
{
	static const char *const names[] = {"Chart.yaml", "values.yaml", "crds", "charts", "a.yaml", "a.yml", "a.json"};

	while (patterns.p && patterns.n) {
		struct slice line = slice_trim(slice_cut(patterns, '\n', &patterns));
		char pattern[256];

		if (!line.n || line.p[0] == '#')
			continue;
		while (line.n && line.p[line.n - 1] == '/')
			line.n--;
		if (line.n >= sizeof(pattern) || slice_find(line, "crds") != SIZE_MAX ||
		    slice_find(line, "charts") != SIZE_MAX)
			return true;
		snprintf(pattern, sizeof(pattern), SLICE_FMT, SLICE_ARG(slice_from(line, line.p[0] == '/')));
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (fnmatch(pattern, names[i], 0) == 0)
				return true;
	}
	return false;
}

static bool is_clear(const char *path)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)IGNORE_BYTES);
	struct err ignored = ERR_INIT;
	char name[PATH_MAX];
	struct stat st;

	if (snprintf(name, sizeof(name), "%s/.helmignore", path) >= (int)sizeof(name))
		return false;
	if (lstat(name, &st) < 0)
		return true;
	return file_read(name, &text, STATUS_INPUT, &ignored) == 0 && !may_hide(buf_slice(&text));
}

static int folder_files(const char *path, const struct chart_visitor *v, bool *whole, struct err *err)
{
	char root[PATH_MAX];
	struct folder f = {.visitor = v, .whole = whole};

	f.root = (size_t)snprintf(root, sizeof(root), "%s", path);
	if (f.root >= sizeof(root))
		return err_set(err, STATUS_INPUT, "the path of the chart is too long");
	while (f.root > 1 && root[f.root - 1] == '/')
		root[--f.root] = '\0';
	*whole = is_clear(root);
	return walk_tree(root, visit, &f, STATUS_INPUT, err);
}

/* --- both ------------------------------------------------------------------------------------------------------ */

int chart_files(const char *path, const struct chart_visitor *v, bool *whole, struct err *err)
{
	struct stat st;

	*whole = false;
	if (stat(path, &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return folder_files(path, v, whole, err);
	return S_ISREG(st.st_mode) ? archive_files(path, v, whole, err) : 0;
}

static bool is_notes(const char *name)
{
	return strcmp(name, "templates/NOTES.txt") == 0;
}

static int take_text(void *context, const char *name, struct slice text, struct err *err)
{
	struct buf *out = context;

	(void)name;
	buf_add(out, text);
	return out->failed ? err_nomem(err) : 0;
}

int chart_notes(const char *path, struct buf *out, struct err *err)
{
	struct chart_visitor v = {is_notes, take_text, out};
	bool whole;

	return chart_files(path, &v, &whole, err);
}

/* --- what is asked before a render ----------------------------------------------------------------------------- */

struct gathered {
	struct chart_facts *facts;
	bool chart, packed;
};

/* Behind the folders of dependencies; a dependency whose name begins so is none to Helm. */
static const char *in_its_chart(const char *name)
{
	while (strncmp(name, "charts/", strlen("charts/")) == 0) {
		const char *sub = name + strlen("charts/"), *slash = strchr(sub, '/');

		if (*sub == '.' || *sub == '_')
			return "";
		if (!slash)
			return sub;
		name = slash + 1;
	}
	return name;
}

static bool is_packed(const char *name)
{
	return slice_ends(slice_str(name), ".tgz") && name != in_its_chart(name) && !strchr(in_its_chart(name), '/');
}

static bool is_crd(const char *name)
{
	const char *own = in_its_chart(name);
	struct slice text = slice_str(own);

	return strncmp(own, "crds/", strlen("crds/")) == 0 &&
	       (slice_ends(text, ".yaml") || slice_ends(text, ".yml") || slice_ends(text, ".json"));
}

static bool is_fact(const char *name)
{
	return strcmp(name, "Chart.yaml") == 0 || strcmp(name, "values.yaml") == 0 || is_crd(name) || is_packed(name);
}

static int take_fact(void *context, const char *name, struct slice text, struct err *err)
{
	struct gathered *g = context;

	if (strcmp(name, "Chart.yaml") == 0) {
		g->chart = true;
	} else if (strcmp(name, "values.yaml") == 0) {
		buf_add(&g->facts->values, text);
	} else if (is_crd(name)) {
		buf_adds(&g->facts->crds, "---\n");
		buf_add(&g->facts->crds, text);
		buf_adds(&g->facts->crds, "\n");
	} else {
		g->packed = true;
	}
	return g->facts->values.failed || g->facts->crds.failed ? err_nomem(err) : 0;
}

int chart_facts_read(const char *path, struct chart_facts *f, bool *known, struct err *err)
{
	struct gathered g = {.facts = f};
	struct chart_visitor v = {is_fact, take_fact, &g};

	if (chart_files(path, &v, known, err) < 0) {
		if (err->status != STATUS_INPUT)
			return err->status;
		*err = ERR_INIT; /* Helm says it in its own words */
		*known = false;
	}
	*known &= g.chart && !g.packed;
	return 0;
}
