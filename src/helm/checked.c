#define XXH_STATIC_LINKING_ONLY
#include "helm/checked.h"

#include "base/file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <xxhash.h>

#define HEADLINE "pxb-fed checked 1 "

enum { SECRET_BYTES = XXH3_SECRET_SIZE_MIN + 56 };

struct checked_object {
	const char *title;
	XXH128_hash_t digest;
};

struct list {
	struct arena arena;
	VEC(struct checked_object) objects; /* by title, then digest */
	unsigned char secret[SECRET_BYTES];
};

/* --- one object ------------------------------------------------------------------------------------------------ */

struct digest {
	struct arena *arena;
	XXH3_state_t *state;
};

static void add(struct digest *d, char kind, struct slice text)
{
	uint64_t n = text.n; /* before the text, so that no text can run over into the next */

	XXH3_128bits_update(d->state, &kind, 1);
	XXH3_128bits_update(d->state, &n, sizeof(n));
	XXH3_128bits_update(d->state, text.p, text.n);
}

/* The chart draws it anew in each render, to have pods restarted. */
static bool is_drawn_by_lot(const struct node *n)
{
	const struct node *name = node_lookup(n->parent, "name");

	return node_string_is(name, "HELM_CHECKSUM") && node_lookup(n->parent, "value") == n;
}

struct entry {
	const struct node *key, *value;
};

static int by_key(const void *a, const void *b)
{
	return slice_cmp(node_text(((const struct entry *)a)->key), node_text(((const struct entry *)b)->key));
}

static void add_node(struct digest *d, const struct node *n);

static void add_mapping(struct digest *d, const struct node *map)
{
	VEC(struct entry) entries = {0};

	for (struct map_iter it = map_iter_of(map); map_next(&it);) {
		struct entry *e = VEC_PUSH(d->arena, entries);

		if (e)
			*e = (struct entry){it.key, it.value};
	}
	if (entries.n)
		qsort(entries.v, entries.n, sizeof(*entries.v), by_key);
	add(d, '{', SLICE_EMPTY);
	for (size_t i = 0; i < entries.n; i++) {
		add(d, ':', node_text(entries.v[i].key));
		add_node(d, entries.v[i].value);
	}
	add(d, '}', SLICE_EMPTY);
}

static void add_node(struct digest *d, const struct node *n)
{
	static const char kinds[] = {
		[TYPE_STRING] = 's', [TYPE_NULL] = '0', [TYPE_BOOL] = 'b', [TYPE_INT] = 'i', [TYPE_FLOAT] = 'f'};

	n = node_real(n);
	if (!n) {
		add(d, '0', SLICE_EMPTY);
	} else if (n->kind == NODE_MAPPING) {
		add_mapping(d, n);
	} else if (n->kind == NODE_SEQUENCE) {
		add(d, '[', SLICE_EMPTY);
		for (struct seq_iter it = seq_iter_of(n); seq_next(&it);)
			add_node(d, it.item);
		add(d, ']', SLICE_EMPTY);
	} else if (n->type == TYPE_BOOL) {
		add(d, 'b', n->flags & NODE_TRUE ? SLICE("true") : SLICE("false"));
	} else if (n->type == TYPE_NULL || is_drawn_by_lot(n)) {
		add(d, kinds[n->type], SLICE_EMPTY);
	} else {
		add(d, kinds[n->type], node_text(n));
	}
}

/* --- all objects ----------------------------------------------------------------------------------------------- */

static int by_title(const void *pa, const void *pb)
{
	const struct checked_object *a = pa, *b = pb;
	int c = strcmp(a->title, b->title);

	return c ? c : XXH128_cmp(&a->digest, &b->digest);
}

/* Quoted as JSON: a name may hold anything, a line end too. Two of a kind and name differ by their group; the digests
   hold it. */
static const char *title_of(struct arena *a, const struct object *o)
{
	const char *title = arena_printf(a, SLICE_FMT " " SLICE_FMT "%s" SLICE_FMT, SLICE_ARG(o->kind),
					 SLICE_ARG(o->ns), o->ns.n ? "/" : "", SLICE_ARG(o->name));
	struct buf quoted = BUF_TEXT;

	json_quote(slice_str(title), &quoted);
	title = arena_str(a, buf_slice(&quoted));
	a->failed |= quoted.failed;
	buf_release(&quoted);
	return title;
}

static int fill(struct list *l, const struct release *r, const struct input *in, struct err *err)
{
	struct digest d = {.arena = &l->arena, .state = XXH3_createState()};

	if (!d.state)
		return err_nomem(err);
	for (size_t i = 0; i < r->objects.n; i++) {
		const struct object *o = r->objects.v[i];
		struct checked_object *c;

		if (o->owner || (in && o->doc->input != in))
			continue;
		c = VEC_PUSH(&l->arena, l->objects);
		if (!c)
			break;
		XXH3_128bits_reset_withSecret(d.state, l->secret, SECRET_BYTES);
		add_node(&d, o->root);
		c->title = title_of(&l->arena, o);
		c->digest = XXH3_128bits_digest(d.state);
	}
	XXH3_freeState(d.state);
	if (arena_failed(&l->arena))
		return err_nomem(err);
	if (l->objects.n)
		qsort(l->objects.v, l->objects.n, sizeof(*l->objects.v), by_title);
	return 0;
}

static void list_init(struct list *l)
{
	memset(l, 0, sizeof(*l));
	l->arena = ARENA_INIT((size_t)1 << 30);
}

static void put_hex(const unsigned char *bytes, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%02x", bytes[i]);
}

int checked_list(const struct release *r, const struct input *in, struct buf *out, struct err *err)
{
	struct list l;

	list_init(&l);
	if (getrandom(l.secret, sizeof(l.secret), 0) != (ssize_t)sizeof(l.secret)) {
		err_errno(err, STATUS_FAILED, "cannot draw a random number");
	} else if (fill(&l, r, in, err) == 0) {
		buf_adds(out, HEADLINE);
		put_hex(l.secret, sizeof(l.secret), out);
		buf_addc(out, '\n');
		for (size_t i = 0; i < l.objects.n; i++) {
			XXH128_canonical_t c;

			XXH128_canonicalFromHash(&c, l.objects.v[i].digest);
			put_hex(c.digest, sizeof(c.digest), out);
			buf_addf(out, " %s\n", l.objects.v[i].title);
		}
		if (out->failed)
			err_nomem(err);
	}
	arena_release(&l.arena);
	return err->status;
}

/* --- comparing ------------------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hex(struct slice *s, unsigned char *bytes, size_t n)
{
	if (s->n < 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(s->p[2 * i]), low = hex_digit(s->p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	*s = slice_from(*s, 2 * n);
	return true;
}

static bool parse(struct list *l, struct slice text)
{
	struct slice line = slice_cut(text, '\n', &text);

	if (!slice_starts(line, HEADLINE))
		return false;
	line = slice_from(line, strlen(HEADLINE));
	if (!take_hex(&line, l->secret, sizeof(l->secret)) || line.n)
		return false;
	while (text.p && text.n) {
		struct checked_object *c = VEC_PUSH(&l->arena, l->objects);
		XXH128_canonical_t digest;

		line = slice_cut(text, '\n', &text);
		if (!c || !take_hex(&line, digest.digest, sizeof(digest.digest)) || line.n < 2 || line.p[0] != ' ')
			return false;
		c->digest = XXH128_hashFromCanonical(&digest);
		c->title = arena_str(&l->arena, slice_from(line, 1));
	}
	if (l->objects.n)
		qsort(l->objects.v, l->objects.n, sizeof(*l->objects.v), by_title);
	return true;
}

static void tell(checked_fn fn, void *arg, enum checked_change change, const char *quoted)
{
	struct slice s = slice_str(quoted);

	fn(arg, change, slice_of(s.p + 1, s.n - 2));
}

/* Where object i of one list stands to object j of the other; past its end a list has only what is behind all. */
static int order(const struct list *a, size_t i, const struct list *b, size_t j)
{
	if (i >= a->objects.n)
		return 1;
	return j >= b->objects.n ? -1 : strcmp(a->objects.v[i].title, b->objects.v[j].title);
}

static long compare(const struct list *then, const struct list *now, checked_fn fn, void *arg)
{
	size_t i = 0, j = 0;
	long n = 0;

	while (i < then->objects.n || j < now->objects.n) {
		int c = order(then, i, now, j);

		if (c < 0) {
			tell(fn, arg, CHECKED_MISSING, then->objects.v[i++].title);
			n++;
		} else if (c > 0) {
			tell(fn, arg, CHECKED_NEW, now->objects.v[j++].title);
			n++;
		} else {
			if (!XXH128_isEqual(then->objects.v[i].digest, now->objects.v[j].digest)) {
				tell(fn, arg, CHECKED_CHANGED, then->objects.v[i].title);
				n++;
			}
			i++;
			j++;
		}
	}
	return n;
}

long checked_compare(struct slice list, const struct release *r, checked_fn fn, void *arg, struct err *err)
{
	struct list then, now;
	long n = -1;

	list_init(&then);
	list_init(&now);
	if (!parse(&then, list)) {
		err_set(err, STATUS_USAGE, "--checked: not a list of checked objects");
	} else {
		memcpy(now.secret, then.secret, sizeof(now.secret));
		if (fill(&now, r, NULL, err) == 0)
			n = compare(&then, &now, fn, arg);
	}
	arena_release(&then.arena);
	arena_release(&now.arena);
	return err->status ? err->status : n;
}

/* --- between the two runs -------------------------------------------------------------------------------------- */

void checked_say(const char *path, int code)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK);
	struct err ignored = ERR_INIT;
	char byte = (char)code;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 0)
		err_ignore(file_write_all(fd, slice_of(&byte, 1), "the list of checked objects", &ignored));
}

int checked_heard(int fd, size_t length)
{
	unsigned char byte;

	return pread(fd, &byte, 1, (off_t)length) == 1 ? byte : 0;
}
