#include "kubehelper/kubeconfig.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { CONFIG_MAX = 16 << 20 };

void kubeconfig_release(struct kubeconfig *k)
{
	for (size_t i = 0; i < k->files.n; i++) {
		struct config_file *f = k->files.v[i];

		stream_release(&f->stream);
		if (f->text.p)
			explicit_bzero(f->text.p, f->text.room);
		buf_release(&f->text);
	}
	arena_release(&k->arena);
	*k = KUBECONFIG_INIT;
}

int config_fail(const struct config_file *f, const struct node *at, struct err *err, const char *fmt, ...)
{
	struct position pos = {0};
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (at && f->stream.inputs.n)
		pos = input_position(f->stream.inputs.v[0], at->start);
	if (pos.line)
		return err_set(err, STATUS_USAGE, "%s:%zu:%zu: %s", f->path, pos.line, pos.column, text);
	return err_set(err, STATUS_USAGE, "%s: %s", f->path, text);
}

/* --- loading --------------------------------------------------------------------------------------------------- */

static int parse(struct config_file *f, struct err *err)
{
	if (stream_add(&f->stream, f->path, buf_slice(&f->text), err) < 0)
		return err->status;
	if (f->stream.problems.n) {
		const struct problem *p = &f->stream.problems.v[0];
		struct position pos = input_position(p->input, p->at);

		return err_set(err, STATUS_USAGE, "%s:%zu:%zu: %s", f->path, pos.line, pos.column, p->message);
	}
	for (size_t i = 0; i < f->stream.documents.n; i++) {
		const struct document *d = &f->stream.documents.v[i];

		if (d->empty)
			continue;
		if (f->root)
			return config_fail(f, d->root, err, "a kubeconfig has one document, this file has more");
		f->root = node_real(d->root);
	}
	if (f->root && !node_is_mapping(f->root))
		return config_fail(f, f->root, err, "this is not a kubeconfig");
	return 0;
}

static struct config_file *add_file(struct kubeconfig *k, const char *path)
{
	struct config_file **slot = VEC_PUSH(&k->arena, k->files), *f = ARENA_NEW(&k->arena, struct config_file);
	struct slice name = slice_str(path);
	struct limits limits = LIMITS_DEFAULT;
	size_t at = slice_rchr(name, '/');

	if (!slot)
		return NULL;
	if (!f) {
		k->files.n--;
		return NULL;
	}
	*slot = f;
	f->path = path;
	f->directory = at == SIZE_MAX ? "." : at == 0 ? "/" : arena_str(&k->arena, slice_to(name, at));
	f->text = BUF_INIT(CONFIG_MAX);
	limits.bytes = CONFIG_MAX;
	stream_init(&f->stream, &limits);
	return f;
}

static int load_file(struct kubeconfig *k, const char *path, bool must_exist, struct err *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct config_file *f;
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR) && !must_exist)
		return 0;
	if (fd < 0)
		return err_errno(err, STATUS_USAGE, "cannot read kubeconfig '%s'", path);
	f = add_file(k, arena_str(&k->arena, slice_str(path)));
	if (!f || fstat(fd, &st) < 0)
		return err_nomem(err);
	if (S_ISDIR(st.st_mode))
		return err_set(err, STATUS_USAGE, "kubeconfig '%s' is a directory", path);
	f->mode = st.st_mode & 0777;
	if (file_read_fd(fd, path, &f->text, err) < 0)
		return err->status;
	return parse(f, err);
}

static int load_files(struct kubeconfig *k, const char *option, struct err *err)
{
	const char *list = getenv("KUBECONFIG"), *home = getenv("HOME");
	struct slice rest = slice_str(list);

	if (option && *option)
		return load_file(k, option, true, err);
	if (!rest.n)
		return home && *home ? load_file(k, arena_printf(&k->arena, "%s/.kube/config", home), false, err) : 0;
	while (rest.p) {
		struct slice path = slice_cut(rest, ':', &rest);

		if (path.n && load_file(k, arena_str(&k->arena, path), false, err) < 0)
			return err->status;
	}
	return 0;
}

/* --- looking up ------------------------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
	const struct config_entry *x = a, *y = b;
	int c = slice_cmp(x->name, y->name);

	return c ? c : x->order < y->order ? -1 : x->order > y->order;
}

static void index_list(struct kubeconfig *k, enum config_list list)
{
	static const char *const names[] = {"clusters", "users", "contexts"};

	for (size_t i = 0; i < k->files.n; i++)
		for (struct seq_iter it = seq_iter_of(node_lookup(k->files.v[i]->root, names[list])); seq_next(&it);) {
			struct config_entry *e = VEC_PUSH(&k->arena, k->lists[list].entries);

			if (e)
				*e = (struct config_entry){node_text(node_real(node_lookup(it.item, "name"))), it.item,
							   k->files.v[i], k->lists[list].entries.n};
		}
	if (k->lists[list].entries.n)
		qsort(k->lists[list].entries.v, k->lists[list].entries.n, sizeof(struct config_entry), by_name);
}

static int index_names(struct kubeconfig *k, struct err *err)
{
	for (unsigned list = 0; list < CONFIG_LISTS; list++)
		index_list(k, (enum config_list)list);
	return arena_failed(&k->arena) ? err_nomem(err) : 0;
}

const struct node *kubeconfig_entry(const struct kubeconfig *k, enum config_list list, struct slice name,
				    const struct config_file **file)
{
	const struct config_entry *v = k->lists[list].entries.v;
	size_t from = 0, to = k->lists[list].entries.n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (slice_cmp(v[middle].name, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == k->lists[list].entries.n || !slice_eq(v[from].name, name))
		return NULL;
	*file = v[from].file;
	return v[from].node;
}

int kubeconfig_load(struct kubeconfig *k, const char *option, struct err *err)
{
	return load_files(k, option, err) < 0 ? err->status : index_names(k, err);
}

int kubeconfig_load_text(struct kubeconfig *k, struct slice text, struct err *err)
{
	struct config_file *f = add_file(k, "kubeconfig");

	if (!f)
		return err_nomem(err);
	f->directory = NULL;
	buf_add(&f->text, text);
	if (f->text.failed)
		return err_nomem(err);
	return parse(f, err) < 0 ? err->status : index_names(k, err);
}

void kubeconfig_cache_release(struct kubeconfig_cache *c)
{
	kubeconfig_release(&c->k);
	free(c->option);
	*c = (struct kubeconfig_cache){.k = KUBECONFIG_INIT};
}

int kubeconfig_cached(struct kubeconfig_cache *c, const char *option, const struct kubeconfig **k, struct err *err)
{
	const char *name = option ? option : "";

	*k = &c->k;
	if (c->loaded && strcmp(c->option, name) == 0)
		return 0;
	kubeconfig_cache_release(c);
	c->option = strdup(name);
	if (!c->option)
		return err_nomem(err);
	if (kubeconfig_load(&c->k, option, err) < 0)
		return err->status;
	c->loaded = true;
	return 0;
}

struct slice kubeconfig_current(const struct kubeconfig *k)
{
	for (size_t i = 0; i < k->files.n; i++) {
		struct slice name = node_string(node_lookup(k->files.v[i]->root, "current-context"));

		if (name.n)
			return name;
	}
	return SLICE_EMPTY;
}

int config_text(const struct config_file *f, const struct node *map, const char *key, struct slice *text,
		struct err *err)
{
	const struct node *n = node_real(node_lookup(map, key));

	*text = SLICE_EMPTY;
	if (node_is_null(n))
		return 0;
	if (!node_is_string(n))
		return config_fail(f, n, err, "'%s' must be a text", key);
	*text = node_text(n);
	if (slice_chr(*text, '\0') != SIZE_MAX)
		return config_fail(f, n, err, "'%s' contains a NUL character", key);
	return 0;
}

int config_bool(const struct config_file *f, const struct node *map, const char *key, bool *value, struct err *err)
{
	const struct node *n = node_real(node_lookup(map, key));

	*value = node_is_bool(n, true);
	if (!node_is_null(n) && !*value && !node_is_bool(n, false))
		return config_fail(f, n, err, "'%s' must be true or false", key);
	return 0;
}

const char *config_path(struct arena *a, const struct config_file *f, struct slice path)
{
	if (!f->directory || slice_starts(path, "/"))
		return arena_str(a, path);
	return arena_printf(a, "%s/" SLICE_FMT, f->directory, SLICE_ARG(path));
}
