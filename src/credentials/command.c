/*
 * command.c: command lines on which a secret has no name. See commands.def.
 */
#include "credentials/site.h"

#include "credentials/chars.h"

static const struct command {
	const char *words;
	size_t secret;
	enum provider_id provider;
} commands[] = {
#define COMMAND(literal, words, secret, provider) {(words), (secret), PROVIDER_##provider},
#include "credentials/commands.def"
#undef COMMAND
};

/* The program's name without its folder. */
static struct slice base_name(struct slice word)
{
	size_t slash = slice_rchr(word, '/');

	return slash == SIZE_MAX ? word : slice_from(word, slash + 1);
}

static bool is_option(struct slice word)
{
	return word.n && word.p[0] == '-';
}

/* How many of the words are the command's beginning; 0: they are not. Options between them do not count. */
static size_t begins(const struct command *c, const struct slice *words, size_t n)
{
	struct slice rest = slice_str(c->words);
	size_t used = 0;

	while (rest.p && rest.n) {
		struct slice part = slice_cut(rest, ' ', &rest);

		while (used && used < n && is_option(words[used]))
			used++;
		if (used == n || !slice_eq(used ? words[used] : base_name(words[used]), part))
			return 0;
		used++;
	}
	return used;
}

static void judge(struct scan *s, const struct site *at, const struct command *c, struct slice value)
{
	struct credential_name row = {"", c->provider, NAME_SECRET, 0, ASKS_NOTHING};
	struct slice v = literal_bare(value);

	if (literal_judge(v, &row) != LITERAL_VALUE)
		return;
	hit_add(s, at,
		&(struct hit_say){.class = HIT_VALUE,
				  .provider = c->provider,
				  .confidence = CONFIDENCE_MEDIUM,
				  .what = "a secret on a command line",
				  .reason = arena_printf(s->arena, "its place behind %s", c->words),
				  .secret = v});
}

static void secret_of(struct scan *s, const struct site *at, const struct command *c, const struct slice *words,
		      size_t n)
{
	size_t place = 0;

	for (size_t i = 0; i < n; i++) {
		struct slice rest, flag = slice_cut(words[i], '=', &rest);

		if (!is_option(words[i])) {
			if (++place == c->secret)
				judge(s, at, c, words[i]);
			continue;
		}
		if (c->secret || !(slice_is(flag, "-p") || slice_is(flag, "--password")))
			continue;
		if (rest.p)
			judge(s, at, c, rest);
		else if (i + 1 < n)
			judge(s, at, c, words[++i]);
	}
}

void scan_command(struct scan *s, const struct site *at, const struct slice *words, size_t n)
{
	enum { FAR = 40 };

	for (size_t i = 0; i < n; i++) {
		struct slice name;

		/* No program of the table has a longer name. */
		if (words[i].n < 2 || words[i].n > 40)
			continue;
		name = base_name(words[i]);
		for (size_t c = 0; name.n <= 8 && name.n > 1 && c < ARRAY_SIZE(commands); c++) {
			size_t used, rest;

			if (name.p[0] != commands[c].words[0] || name.p[1] != commands[c].words[1])
				continue;
			used = begins(&commands[c], words + i, n - i);
			rest = n - i - used;
			if (used)
				secret_of(s, at, &commands[c], words + i + used, rest < FAR ? rest : FAR);
		}
	}
}

/* The next word of a shell's line, quotes taken off; false at the end of a command. */
static bool next_word(struct slice line, size_t *at, struct slice *word)
{
	size_t from;
	char quote = 0;

	while (*at < line.n && (line.p[*at] == ' ' || line.p[*at] == '\t'))
		++*at;
	from = *at;
	for (; *at < line.n; ++*at) {
		char c = line.p[*at];

		if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
		else if (!quote && strchr(" \t\n;|&", c))
			break;
	}
	*word = slice_of(line.p + from, *at - from);
	return word->n != 0;
}

void scan_command_text(struct scan *s, const struct site *at, struct slice text)
{
	enum { WORDS = 64 };
	struct site inner = {.outer = at, .depth = at->depth + 1, .assigned = true};

	for (size_t i = 0; i < text.n; i++) {
		struct slice words[WORDS];
		size_t n = 0;

		while (n < WORDS && next_word(text, &i, &words[n])) {
			words[n] = literal_bare(words[n]);
			n++;
		}
		if (n)
			scan_command(s, &inner, words, n);
	}
}
