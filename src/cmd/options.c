#include "cmd/options.h"

#include "report/chars.h"

#include <errno.h>

void string_list_release(struct string_list *l)
{
	free(l->v);
	*l = (struct string_list){0};
}

int string_list_add(struct string_list *l, const char *s, struct err *err)
{
	if (l->n == l->cap) {
		size_t want = l->cap ? l->cap * 2 : 8;
		const char **more = realloc(l->v, want * sizeof(*more));

		if (!more)
			return err_nomem(err);
		l->v = more;
		l->cap = want;
	}
	l->v[l->n++] = s;
	return 0;
}

struct found {
	const struct option *option;
	void *into;
};

static struct found find_name(const struct option_table *const *tables, void *const *into, struct slice name)
{
	for (size_t t = 0; tables[t]; t++)
		for (size_t i = 0; i < tables[t]->n; i++)
			if (slice_is(name, tables[t]->v[i].name))
				return (struct found){&tables[t]->v[i], into[t]};
	return (struct found){0};
}

static struct found find_letter(const struct option_table *const *tables, void *const *into, char letter)
{
	for (size_t t = 0; tables[t]; t++)
		for (size_t i = 0; i < tables[t]->n; i++)
			if (tables[t]->v[i].letter == letter && letter)
				return (struct found){&tables[t]->v[i], into[t]};
	return (struct found){0};
}

/* What kubectl and Helm call things that have another name here. */
static const struct {
	const char *theirs;
	char letter;
	const char *ours; /* NULL: `hint` says it */
	const char *hint;
} foreign[] = {
	{"namespace", 'n', "release-namespace", NULL},
	{"format", 0, "output", NULL},
	{"filename", 'f', NULL, "files are given as arguments; a values file is --values FILE"},
	{"file", 0, NULL, "files are given as arguments; a values file is --values FILE"},
};

static bool has_option(const struct option_table *const *tables, const char *name)
{
	for (size_t t = 0; tables[t]; t++)
		for (size_t i = 0; i < tables[t]->n; i++)
			if (strcmp(tables[t]->v[i].name, name) == 0)
				return true;
	return false;
}

/* True when err says what the option of another program is called here. */
static bool say_foreign(const struct option_table *const *tables, struct slice name, char letter, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		const char *ours = foreign[i].ours ? foreign[i].ours : "values";
		char given[24];

		if ((letter ? letter != foreign[i].letter : !slice_is(name, foreign[i].theirs)) ||
		    !has_option(tables, ours))
			continue;
		if (letter)
			snprintf(given, sizeof(given), "-%c", letter);
		else
			snprintf(given, sizeof(given), "--%s", foreign[i].theirs);
		if (foreign[i].hint)
			err_set(err, STATUS_USAGE, "unknown option '%s'; %s", given, foreign[i].hint);
		else
			err_set(err, STATUS_USAGE, "unknown option '%s'; did you mean '--%s'?", given, ours);
		return true;
	}
	return false;
}

static int unknown(const struct option_table *const *tables, struct slice name, struct err *err)
{
	const char *names[64] = {"help"};
	const char *near;
	size_t n = 1;

	for (size_t t = 0; tables[t]; t++)
		for (size_t i = 0; i < tables[t]->n && n < ARRAY_SIZE(names); i++)
			names[n++] = tables[t]->v[i].name;
	if (say_foreign(tables, name, 0, err))
		return err->status;
	near = slice_nearest(name, names, n);
	if (near)
		return err_set(err, STATUS_USAGE, "unknown option '--" SLICE_FMT "'; did you mean '--%s'?",
			       SLICE_ARG(slice_to(name, 60)), near);
	return err_set(err, STATUS_USAGE, "unknown option '--" SLICE_FMT "'", SLICE_ARG(slice_to(name, 60)));
}

static bool is_choice(const char *choices, const char *value)
{
	struct slice rest = slice_str(choices);

	while (rest.p)
		if (slice_is(slice_cut(rest, '|', &rest), value))
			return true;
	return false;
}

static int set_number(const struct option *o, void *field, const char *value, struct err *err)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(value, &end, 10);
	if (errno || *end || end == value || !strchr("+0123456789", value[0]) || n < 1 || n > SIZE_MAX)
		return err_set(err, STATUS_USAGE, "option '--%s' needs a whole number from 1, not '%.60s'", o->name,
			       value);
	*(size_t *)field = (size_t)n;
	return 0;
}

static int set_seconds(const struct option *o, size_t *field, const char *value, struct err *err)
{
	enum { MOST = 86400 };

	if (set_number(o, field, value, err) < 0)
		return err->status;
	return *field <= MOST ? 0 : err_set(err, STATUS_USAGE, "option '--%s' takes at most %d seconds", o->name, MOST);
}

static int set_mib(const struct option *o, size_t *field, const char *value, struct err *err)
{
	enum { MOST = 4095 }; /* offsets in an input have 32 bits */

	if (set_number(o, field, value, err) < 0)
		return err->status;
	return *field <= MOST ? 0 : err_set(err, STATUS_USAGE, "option '--%s' takes at most %d MiB", o->name, MOST);
}

static int set(const struct found *f, const char *value, struct err *err)
{
	const struct option *o = f->option;
	void *field = (char *)f->into + o->offset;

	switch (o->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_LIST:
		return string_list_add(field, value, err);
	case OPTION_NUMBER:
		return set_number(o, field, value, err);
	case OPTION_SECONDS:
		return set_seconds(o, field, value, err);
	case OPTION_MIB:
		return set_mib(o, field, value, err);
	case OPTION_CHOICE:
		if (!is_choice(o->choices, value))
			return err_set(err, STATUS_USAGE, "option '--%s' takes %s, not '%.60s'", o->name, o->choices,
				       value);
		*(const char **)field = value;
		return 0;
	case OPTION_STRING:
		*(const char **)field = value;
		return 0;
	}
	return 0;
}

/* --name, --name=value, --name value. Returns how many arguments were taken, or a negative status. */
static int take_long(const struct option_table *const *tables, void *const *into, int left, char **argv,
		     struct err *err)
{
	struct slice value, name = slice_cut(slice_str(argv[0] + 2), '=', &value);
	struct found f = find_name(tables, into, name);

	if (!f.option)
		return unknown(tables, name, err);
	if (f.option->kind == OPTION_FLAG) {
		if (value.p)
			return err_set(err, STATUS_USAGE, "option '--%s' takes no value", f.option->name);
		return set(&f, NULL, err) < 0 ? err->status : 1;
	}
	if (value.p)
		return set(&f, value.p, err) < 0 ? err->status : 1;
	if (left < 2)
		return err_set(err, STATUS_USAGE, "option '--%s' needs a value: %s", f.option->name, f.option->arg);
	return set(&f, argv[1], err) < 0 ? err->status : 2;
}

/* -q, -qv, -pFILE, -p FILE */
static int take_short(const struct option_table *const *tables, void *const *into, int left, char **argv, bool *help,
		      struct err *err)
{
	for (const char *p = argv[0] + 1; *p; p++) {
		struct found f = find_letter(tables, into, *p);

		if (*p == 'h') {
			*help = true;
			return 1;
		}
		if (!f.option && say_foreign(tables, SLICE_EMPTY, *p, err))
			return err->status;
		if (!f.option)
			return err_set(err, STATUS_USAGE, "unknown option '-%c'", *p > ' ' && *p < 0x7f ? *p : '?');
		if (f.option->kind == OPTION_FLAG) {
			set(&f, NULL, err);
			continue;
		}
		if (p[1])
			return set(&f, p + 1, err) < 0 ? err->status : 1;
		if (left < 2)
			return err_set(err, STATUS_USAGE, "option '-%c' needs a value: %s", *p, f.option->arg);
		return set(&f, argv[1], err) < 0 ? err->status : 2;
	}
	return 1;
}

int options_parse(const struct option_table *const *tables, void *const *into, int argc, char **argv,
		  struct string_list *rest, bool *help, struct err *err)
{
	bool ended = false;
	int i = 0;

	*help = false;
	while (i < argc) {
		const char *a = argv[i];
		int took = 1;

		if (ended || a[0] != '-' || a[1] == '\0') {
			if (string_list_add(rest, a, err) < 0)
				return err->status;
		} else if (strcmp(a, "--") == 0) {
			ended = true;
		} else if (strcmp(a, "--help") == 0) {
			*help = true;
		} else if (a[1] == '-') {
			took = take_long(tables, into, argc - i, argv + i, err);
		} else {
			took = take_short(tables, into, argc - i, argv + i, help, err);
		}
		if (took < 0)
			return took;
		if (*help)
			return 0;
		i += took;
	}
	return 0;
}

/* --- options among another program's --------------------------------------------------------------------- */

static struct found find_word(const struct option_table *const *tables, const char *word, bool *has_value)
{
	static void *const nowhere[8];
	struct slice value, name;

	if (word[0] == '-' && word[1] == '-') {
		name = slice_cut(slice_str(word + 2), '=', &value);
		*has_value = value.p != NULL;
		return find_name(tables, nowhere, name);
	}
	*has_value = word[0] == '-' && word[1] && word[2];
	return word[0] == '-' ? find_letter(tables, nowhere, word[1]) : (struct found){0};
}

bool options_know(const struct option_table *const *tables, const char *word)
{
	bool has_value;

	return find_word(tables, word, &has_value).option != NULL;
}

int options_width(const struct option_table *const *tables, int left, char *const *words)
{
	bool has_value;
	struct found f = find_word(tables, words[0], &has_value);

	return f.option && f.option->kind != OPTION_FLAG && !has_value && left > 1 ? 2 : 1;
}

/* --- help ------------------------------------------------------------------------------------------------------ */

enum { HELP_INDENT = 28 };

void options_help(const struct option_table *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct option *o = &t->v[i];
		struct buf left = BUF_TEXT;

		if (!o->help)
			continue;
		if (o->letter)
			buf_addf(&left, "  -%c, --%s", o->letter, o->name);
		else
			buf_addf(&left, "      --%s", o->name);
		if (o->kind != OPTION_FLAG)
			buf_addf(&left, " %s", o->arg);
		buf_add(out, buf_slice(&left));
		if (left.n + 2 > HELP_INDENT) {
			buf_addc(out, '\n');
			left.n = 0;
		}
		buf_fill(out, ' ', HELP_INDENT - left.n);
		wrap_put(slice_str(o->help), HELP_INDENT, HELP_INDENT, out);
		buf_addc(out, '\n');
		if (left.failed)
			out->failed = true;
		buf_release(&left);
	}
}
