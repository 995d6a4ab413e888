#include "cmd/fleet_sources.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

enum { LIST_MAX = 16 << 20 };

static const struct option fleet_rows[] = {
	{"kubeconfigs", 0, OPTION_STRING, "DIR", "a folder of kubeconfigs; of each its current-context", NULL,
	 offsetof(struct fleet_sources, kubeconfigs)},
	{"list", 0, OPTION_STRING, "FILE", "a file with one cluster a line: CONTEXT [KUBECONFIG]", NULL,
	 offsetof(struct fleet_sources, list)},
	{"from-argocd", 0, OPTION_FLAG, NULL, "the clusters that Argo CD of the current cluster deploys to", NULL,
	 offsetof(struct fleet_sources, argocd)},
	{"argocd-namespace", 0, OPTION_STRING, "NAME", "the namespace of Argo CD (argocd)", NULL,
	 offsetof(struct fleet_sources, argocd_namespace)},
	{"from-gardener", 0, OPTION_STRING, "PROJECT", "the shoots of a project of the current cluster, a Gardener",
	 NULL, offsetof(struct fleet_sources, gardener)},
	{"allow-exec", 0, OPTION_FLAG, NULL, "login plugins that Argo CD's Secrets name may run here", NULL,
	 offsetof(struct fleet_sources, allow_exec)},
};
const struct option_table fleet_options_table = {fleet_rows, ARRAY_SIZE(fleet_rows)};

bool fleet_sources_of_hub(const struct fleet_sources *s)
{
	return s->argocd || s->gardener;
}

bool fleet_sources_named(const struct fleet_sources *s)
{
	return s->kubeconfigs || s->list || fleet_sources_of_hub(s);
}

struct survey_cluster *fleet_add(struct arena *a, survey_clusters *to, const char *name, const char *origin)
{
	struct survey_cluster *c = VEC_PUSH(a, *to);

	if (c)
		*c = (struct survey_cluster){.name = name, .origin = origin};
	return c;
}

bool is_namespace(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 63 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

/* --- a folder -------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct survey_cluster *)a)->name, ((const struct survey_cluster *)b)->name);
}

/* What the file is called without what says that it is a kubeconfig. */
static const char *name_of_file(struct arena *a, const char *file)
{
	static const char *const ends[] = {".yaml", ".yml", ".json", ".kubeconfig", ".conf"};
	struct slice name = slice_str(file);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (slice_ends(name, ends[i]) && name.n > strlen(ends[i]))
			return arena_str(a, slice_to(name, name.n - strlen(ends[i])));
	return arena_str(a, name);
}

/* What cannot be a kubeconfig is a cluster that cannot be asked, so that none is missed; a folder is none. */
static void add_file(const char *folder, const char *name, struct arena *a, survey_clusters *to)
{
	const char *path = arena_printf(a, "%s/%s", folder, name);
	struct survey_cluster *c;
	struct stat st;
	int failed = stat(path, &st) < 0 ? errno : 0;

	if (!failed && S_ISDIR(st.st_mode)) {
		fprintf(stderr, "pxb-fed: note: folder '%s' is not looked into\n", facts_printable(a, slice_str(path)));
		return;
	}
	c = fleet_add(a, to, name_of_file(a, name), path);
	if (!c)
		return;
	c->target.kubeconfig = path;
	if (failed)
		c->excuse = arena_printf(a, "its kubeconfig '%s' cannot be read: %s", path, strerror(failed));
	else if (!S_ISREG(st.st_mode))
		c->excuse = arena_printf(a, "its kubeconfig '%s' is not a file", path);
}

static int load_folder(const char *folder, struct arena *a, survey_clusters *to, struct err *err)
{
	DIR *dir = opendir(folder);
	size_t before = to->n;
	struct dirent *e;

	if (!dir)
		return err_errno(err, STATUS_USAGE, "cannot read folder '%s'", folder);
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			add_file(folder, arena_str(a, slice_str(e->d_name)), a, to);
	closedir(dir);
	if (to->n == before)
		return err_set(err, STATUS_USAGE, "folder '%s' has no kubeconfig", folder);
	qsort(to->v + before, to->n - before, sizeof(*to->v), by_name);
	return 0;
}

/* --- a list ---------------------------------------------------------------------------------------------------- */

static struct slice next_word(struct slice *line)
{
	size_t n = 0;
	struct slice word;

	*line = slice_trim(*line);
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	word = slice_to(*line, n);
	*line = slice_trim(slice_from(*line, n));
	return word;
}

/* A path is relative to the list's folder, as a kubeconfig's own paths are to its. */
static const char *beside(struct arena *a, const char *list, struct slice path)
{
	size_t slash = slice_rchr(slice_str(list), '/');

	if (slice_starts(path, "/") || slash == SIZE_MAX)
		return arena_str(a, path);
	return arena_printf(a, SLICE_FMT "/" SLICE_FMT, SLICE_ARG(slice_to(slice_str(list), slash)), SLICE_ARG(path));
}

static int load_line(const char *file, size_t number, struct slice line, const struct kube_target *base,
		     struct arena *a, survey_clusters *to, struct err *err)
{
	struct slice context = next_word(&line), kubeconfig = next_word(&line);
	struct survey_cluster *c;

	if (!context.n || context.p[0] == '#')
		return 0;
	if (line.n && line.p[0] != '#')
		return err_set(err, STATUS_USAGE, "%s:%zu: a line is CONTEXT [KUBECONFIG]", file, number);
	c = fleet_add(a, to, arena_str(a, context), base->kubeconfig ? base->kubeconfig : "the kubeconfig");
	if (!c)
		return 0;
	c->target.context = c->name;
	c->target.kubeconfig = base->kubeconfig;
	if (kubeconfig.n && kubeconfig.p[0] != '#')
		c->origin = c->target.kubeconfig = beside(a, file, kubeconfig);
	return 0;
}

static int load_list(const char *file, const struct kube_target *base, struct arena *a, survey_clusters *to,
		     struct err *err)
{
	cleanup_buf struct buf text = BUF_INIT(LIST_MAX);
	struct slice rest;
	size_t before = to->n, number = 0;

	if (file_read(file, &text, STATUS_USAGE, err) < 0)
		return err->status;
	rest = slice_without_bom(buf_slice(&text));
	while (rest.n) {
		struct slice line = slice_cut(rest, '\n', &rest);

		if (slice_chr(line, '\0') != SIZE_MAX)
			return err_set(err, STATUS_USAGE, "%s:%zu: a line with a zero byte", file, number + 1);
		if (load_line(file, ++number, line, base, a, to, err) < 0)
			return err->status;
	}
	return to->n > before ? 0 : err_set(err, STATUS_USAGE, "'%s' names no cluster", file);
}

/* --- names ----------------------------------------------------------------------------------------------------- */

static int by_name_and_origin(const void *a, const void *b)
{
	const struct survey_cluster *x = *(const struct survey_cluster *const *)a,
				    *y = *(const struct survey_cluster *const *)b;
	int c = strcmp(x->name, y->name);

	if (c == 0)
		c = strcmp(x->origin ? x->origin : "", y->origin ? y->origin : "");
	return c ? c : x < y ? -1 : x > y;
}

static int sort_by_name(struct arena *a, const survey_clusters *v, struct survey_cluster ***sorted, struct err *err)
{
	*sorted = arena_alloc(a, v->n * sizeof(**sorted));
	if (!*sorted)
		return err_nomem(err);
	for (size_t i = 0; i < v->n; i++)
		(*sorted)[i] = &v->v[i];
	qsort(*sorted, v->n, sizeof(**sorted), by_name_and_origin);
	return 0;
}

static bool is_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Of one name from one place (a line that is twice in a list) the first is kept. */
static int drop_repeated(struct arena *a, survey_clusters *v, struct err *err)
{
	struct survey_cluster **sorted;
	size_t kept = 0, last = 0;

	if (sort_by_name(a, v, &sorted, err) < 0)
		return err->status;
	for (size_t i = 1; i < v->n; i++)
		if (is_same(sorted[last]->name, sorted[i]->name) && is_same(sorted[last]->origin, sorted[i]->origin))
			sorted[i]->name = NULL;
		else
			last = i;
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].name)
			v->v[kept++] = v->v[i];
	v->n = kept;
	return 0;
}

int fleet_name_apart(struct arena *a, survey_clusters *v, struct err *err)
{
	struct survey_cluster **sorted;

	if (v->n < 2)
		return 0;
	if (drop_repeated(a, v, err) < 0 || sort_by_name(a, v, &sorted, err) < 0)
		return err->status;
	for (size_t i = 0, n; i < v->n; i += n) {
		const char *name = sorted[i]->name;

		for (n = 1; i + n < v->n && is_same(name, sorted[i + n]->name);)
			n++;
		for (size_t k = i; n > 1 && k < i + n; k++)
			sorted[k]->name = arena_printf(a, "%s (%s)", name, sorted[k]->origin ? sorted[k]->origin : "?");
	}
	/* A context may be called as another one is called now. */
	if (arena_failed(a) || sort_by_name(a, v, &sorted, err) < 0)
		return err_nomem(err);
	for (size_t i = 1; i < v->n; i++)
		if (is_same(sorted[i - 1]->name, sorted[i]->name))
			return err_set(err, STATUS_USAGE,
				       "two clusters are called '%.200s': rename one, or verify them one by one",
				       sorted[i]->name);
	return 0;
}

int fleet_sources_load(const struct fleet_sources *s, const struct kube_target *hub, struct arena *arena,
		       survey_clusters *to, struct err *err)
{
	if (s->argocd && s->gardener)
		return err_set(err, STATUS_USAGE,
			       "--from-argocd and --from-gardener name two hubs: run them one by one");
	if ((s->kubeconfigs && load_folder(s->kubeconfigs, arena, to, err) < 0) ||
	    (s->list && load_list(s->list, hub, arena, to, err) < 0) ||
	    (s->argocd && fleet_load_argocd(s, hub, arena, to, err) < 0) ||
	    (s->gardener && fleet_load_gardener(s, hub, arena, to, err) < 0))
		return err->status;
	return 0;
}
