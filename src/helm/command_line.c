#include "helm/command_line.h"

#include "base/buf.h"

static const struct helm_flag flags[] = {
#define I					       HELM_INSTALL
#define U					       HELM_UPGRADE
#define T					       HELM_TEMPLATE
#define HELM_FLAG(name, letter, arity, part, commands) {name, letter, ARITY_##arity, PART_##part, commands},
#include "helm/flags.def"
#undef HELM_FLAG
#undef I
#undef U
#undef T
};

void helm_line_release(struct helm_line *l)
{
	arena_release(&l->arena);
	memset(l, 0, sizeof(*l));
}

const char *helm_command_name(enum helm_command command)
{
	return command == HELM_INSTALL ? "install" : command == HELM_UPGRADE ? "upgrade" : "template";
}

const struct helm_flag *helm_flag_find(struct slice name, enum helm_command command)
{
	const struct helm_flag *other = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!slice_is(name, flags[i].name))
			continue;
		if (flags[i].commands & command)
			return &flags[i];
		other = &flags[i];
	}
	return other;
}

static const struct helm_flag *find_letter(char letter, enum helm_command command)
{
	for (size_t i = 0; letter && i < ARRAY_SIZE(flags); i++)
		if (flags[i].letter == letter && flags[i].commands & command)
			return &flags[i];
	return NULL;
}

/* --- parsing --------------------------------------------------------------------------------------------------- */

static void add_item(struct helm_line *l, struct helm_item item)
{
	struct helm_item *slot = VEC_PUSH(&l->arena, l->items);

	if (slot)
		*slot = item;
}

/* --name, --name=value, --name value. Returns how many arguments were taken. */
static int take_long(struct helm_line *l, int left, char **argv)
{
	struct slice value, name = slice_cut(slice_str(argv[0] + 2), '=', &value);
	const struct helm_flag *f = helm_flag_find(name, l->command);
	struct helm_item item = {.flag = f, .word = argv[0], .value = value.p};

	item.value_apart = f && f->arity == ARITY_VALUE && !value.p && left > 1;
	if (item.value_apart)
		item.value = argv[1];
	add_item(l, item);
	return item.value_apart ? 2 : 1;
}

/* -g, -gf FILE, -fFILE, -f=FILE: letters one by one; the first that takes a value takes the rest of the word. */
static int take_short(struct helm_line *l, int left, char **argv)
{
	for (const char *p = argv[0] + 1; *p; p++) {
		const struct helm_flag *f = find_letter(*p, l->command);
		struct helm_item item = {.flag = f, .word = argv[0], .in_cluster = p > argv[0] + 1};

		if (!f) { /* it, and what is behind it, is for Helm to understand */
			if (item.in_cluster)
				item.word = arena_printf(&l->arena, "-%s", p);
			add_item(l, item);
			return 1;
		}
		if (f->arity == ARITY_NONE && p[1] && p[1] != '=') {
			item.in_cluster = true;
			add_item(l, item);
			continue;
		}
		item.value_apart = f->arity == ARITY_VALUE && !p[1] && left > 1;
		if (p[1])
			item.value = p[1] == '=' ? p + 2 : p + 1;
		else if (item.value_apart)
			item.value = argv[1];
		add_item(l, item);
		return item.value_apart ? 2 : 1;
	}
	return 1;
}

int helm_words(enum helm_command command, int left, char *const *words)
{
	struct slice name, value;
	const struct helm_flag *f;
	const char *p = words[0];

	if (p[0] != '-' || !p[1] || left < 2)
		return 1;
	if (p[1] == '-') {
		name = slice_cut(slice_str(p + 2), '=', &value);
		f = helm_flag_find(name, command);
		return f && f->arity == ARITY_VALUE && !value.p ? 2 : 1;
	}
	for (p++; (f = find_letter(*p, command)) != NULL && p[1]; p++)
		if (f->arity != ARITY_NONE || p[1] == '=')
			return 1;
	return f && f->arity == ARITY_VALUE ? 2 : 1;
}

/* install [NAME] [CHART], upgrade RELEASE CHART, template [NAME] [CHART] */
static void find_name_and_chart(struct helm_line *l)
{
	const char *at[2] = {0};
	size_t n = 0;

	for (size_t i = 0; i < l->items.n; i++)
		if (l->items.v[i].positional && n < ARRAY_SIZE(at))
			at[n++] = l->items.v[i].word;
	if (n == 2) {
		l->name = at[0];
		l->chart = at[1];
	} else if (n == 1 && l->command != HELM_UPGRADE) {
		l->chart = at[0];
		if (l->command == HELM_TEMPLATE && !helm_line_has(l, "generate-name") &&
		    !helm_line_has(l, "name-template"))
			l->name = "release-name"; /* what Helm takes then */
	}
}

int helm_line_parse(struct helm_line *l, enum helm_command command, int argc, char **argv, struct err *err)
{
	bool ended = false;
	int i = 0;

	memset(l, 0, sizeof(*l));
	l->arena = ARENA_INIT((size_t)64 << 20);
	l->command = command;
	while (i < argc) {
		const char *a = argv[i];

		if (!ended && strcmp(a, "--") == 0) {
			ended = true;
			i++;
		} else if (ended || a[0] != '-' || a[1] == '\0') {
			add_item(l, (struct helm_item){.word = a, .positional = true, .after_end = ended});
			i++;
		} else if (a[1] == '-') {
			i += take_long(l, argc - i, argv + i);
		} else {
			i += take_short(l, argc - i, argv + i);
		}
	}
	find_name_and_chart(l);
	return arena_failed(&l->arena) ? err_nomem(err) : 0;
}

/* --- asking ---------------------------------------------------------------------------------------------------- */

static const struct helm_item *last(const struct helm_line *l, const char *flag)
{
	for (size_t i = l->items.n; i-- > 0;)
		if (l->items.v[i].flag && strcmp(l->items.v[i].flag->name, flag) == 0)
			return &l->items.v[i];
	return NULL;
}

const char *helm_line_value(const struct helm_line *l, const char *flag)
{
	const struct helm_item *item = last(l, flag);

	return item ? item->value : NULL;
}

/* The spellings of Go's strconv.ParseBool. */
static bool is_false(const char *value)
{
	static const char *const words[] = {"0", "f", "F", "false", "FALSE", "False"};

	for (size_t i = 0; value && i < ARRAY_SIZE(words); i++)
		if (strcmp(value, words[i]) == 0)
			return true;
	return false;
}

bool helm_line_has(const struct helm_line *l, const char *flag)
{
	const struct helm_item *item = last(l, flag);

	return item && !(item->flag->arity == ARITY_NONE && is_false(item->value));
}

bool helm_line_is_dry_run(const struct helm_line *l)
{
	const struct helm_item *item = last(l, "dry-run");

	return item && !is_false(item->value) && !(item->value && strcmp(item->value, "none") == 0);
}

/* --- changing -------------------------------------------------------------------------------------------------- */

const char *helm_generated_name(struct arena *a, const char *chart, long long seconds)
{
	struct slice base = slice_str(chart);
	size_t slash, dot;

	while (base.n > 1 && base.p[base.n - 1] == '/')
		base.n--;
	slash = slice_rchr(base, '/');
	if (slash != SIZE_MAX)
		base = slice_from(base, slash + 1);
	if (base.n == 0 || slice_is(base, "."))
		base = SLICE("chart");
	dot = slice_chr(base, '.');
	if (dot != SIZE_MAX)
		base = slice_to(base, dot);
	return arena_printf(a, SLICE_FMT "-%lld", SLICE_ARG(base), seconds);
}

void helm_line_set_name(struct helm_line *l, const char *name)
{
	struct helm_item chart = {.word = l->chart, .positional = true};
	size_t kept = 0;

	for (size_t i = 0; i < l->items.n; i++) {
		const struct helm_item *item = &l->items.v[i];

		if (!item->positional && !(item->flag && item->flag->part == PART_NAME))
			l->items.v[kept++] = *item;
	}
	l->items.n = kept;
	l->name = name;
	add_item(l, (struct helm_item){.word = name, .positional = true});
	add_item(l, chart);
}

void helm_line_add_value(struct helm_line *l, const char *flag, const char *text)
{
	const struct helm_flag *f = helm_flag_find(slice_str(flag), l->command);
	const char *word = arena_printf(&l->arena, "--%s", flag);

	add_item(l, (struct helm_item){.flag = f, .word = word, .value = text, .value_apart = true});
}

/* The text without the pairs to drop; *n tells how many are left. */
static const char *without(struct arena *a, const char *text, bool (*drop)(void *arg, struct slice key), void *arg,
			   size_t *n)
{
	struct slice rest = slice_str(text);
	const char *left = "";

	*n = 0;
	while (rest.p) {
		struct slice pair = slice_cut(rest, ',', &rest), value;

		if (drop(arg, slice_cut(pair, '=', &value)) && value.p)
			continue;
		left = arena_printf(a, "%s%s" SLICE_FMT, left, *n ? "," : "", SLICE_ARG(pair));
		(*n)++;
	}
	return left;
}

void helm_line_drop_values(struct helm_line *l, bool (*drop)(void *arg, struct slice key), void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->items.n; i++) {
		struct helm_item item = l->items.v[i];
		bool is_set = item.flag && item.value &&
			      (strcmp(item.flag->name, "set") == 0 || strcmp(item.flag->name, "set-string") == 0);
		const char *left;
		size_t n = 1;

		if (is_set && !strpbrk(item.value, "\\{}[]\"'")) {
			left = without(&l->arena, item.value, drop, arg, &n);
			if (strcmp(left, item.value) != 0) {
				item.word = arena_printf(&l->arena, "--%s", item.flag->name);
				item.value = left;
				item.value_apart = true;
			}
		}
		if (n)
			l->items.v[kept++] = item;
	}
	l->items.n = kept;
}

/* --- argument vectors ------------------------------------------------------------------------------------------ */

void helm_argv_add(struct helm_line *l, struct helm_argv *a, const char *text)
{
	char **slot = VEC_PUSH(&l->arena, a->args);

	if (slot)
		*slot = (char *)(uintptr_t)text; /* nobody changes it */
}

static void add_flag(struct helm_line *l, struct helm_argv *a, const struct helm_item *item)
{
	const char *name = item->flag->name;

	if (item->given) {
		helm_argv_add(l, a, arena_printf(&l->arena, "--%s=%s", name, item->given));
		return;
	}
	if (!item->in_cluster)
		helm_argv_add(l, a, item->word);
	else if (item->value && !item->value_apart)
		helm_argv_add(l, a, arena_printf(&l->arena, "--%s=%s", name, item->value));
	else
		helm_argv_add(l, a, arena_printf(&l->arena, "--%s", name));
	if (item->value_apart)
		helm_argv_add(l, a, item->value);
}

void helm_argv_items(struct helm_line *l, struct helm_argv *a, unsigned parts, enum helm_command command, bool rest)
{
	bool ended = false;

	/* What stands behind `--` last: a --set that was added must not come behind it. */
	for (size_t i = 0; i < l->items.n; i++) {
		const struct helm_item *item = &l->items.v[i];

		if (item->flag && item->flag->part & parts && item->flag->commands & command)
			add_flag(l, a, item);
		else if (!item->flag && !item->after_end && rest)
			helm_argv_add(l, a, item->word);
	}
	for (size_t i = 0; i < l->items.n && rest; i++) {
		if (!l->items.v[i].after_end)
			continue;
		if (!ended)
			helm_argv_add(l, a, "--");
		ended = true;
		helm_argv_add(l, a, l->items.v[i].word);
	}
}

char *const *helm_argv_end(struct helm_line *l, struct helm_argv *a)
{
	helm_argv_add(l, a, NULL);
	return arena_failed(&l->arena) ? NULL : a->args.v;
}

/* --- values ---------------------------------------------------------------------------------------------------- */

/* The next field of a list as Go's CSV reader takes it: `a`, `"a,b"`, `"say ""a"""`. */
static const char *next_field(struct arena *a, const char **at)
{
	const char *p = *at, *end = strchr(p, ',');
	struct buf out = BUF_TEXT;
	const char *field;

	if (*p != '"') {
		field = arena_str(a, end ? slice_of(p, (size_t)(end - p)) : slice_str(p));
		*at = end ? end + 1 : NULL;
		return field;
	}
	for (p++; *p && !(*p == '"' && p[1] != '"'); p++) {
		buf_addc(&out, *p);
		p += *p == '"';
	}
	p += *p == '"';
	*at = *p == ',' ? p + 1 : NULL;
	field = arena_str(a, buf_slice(&out));
	if (out.failed)
		a->failed = true;
	buf_release(&out);
	return field;
}

static int each_file(struct helm_line *l, const struct helm_item *item, helm_value_fn fn, void *arg, struct err *err)
{
	for (const char *at = item->value; at;)
		if (fn(arg, item->flag, next_field(&l->arena, &at), err) < 0)
			return err->status;
	return 0;
}

int helm_line_values(struct helm_line *l, helm_value_fn fn, void *arg, struct err *err)
{
	static const char *const order[] = {"values", "set-json", "set", "set-string", "set-file", "set-literal"};

	for (size_t k = 0; k < ARRAY_SIZE(order); k++)
		for (size_t i = 0; i < l->items.n; i++) {
			const struct helm_item *item = &l->items.v[i];
			int rc;

			if (!item->flag || !item->value || strcmp(item->flag->name, order[k]) != 0)
				continue;
			rc = k == 0 ? each_file(l, item, fn, arg, err)
				    : fn(arg, item->flag, item->given ? item->given : item->value, err);
			if (rc < 0)
				return rc;
		}
	return arena_failed(&l->arena) ? err_nomem(err) : 0;
}
