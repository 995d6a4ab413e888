/*
 * switch_use.c: what one mention of a variable in a text does to it. Shell, Python, JSON, YAML, env files and kubectl
 * write it in a dozen ways; what only reads the variable is left alone.
 */
#include "rules/switch_text.h"

static bool is_word(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

static char char_at(struct slice s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

/* The text before `at` on its line, or what of it matters: a line may be long, and hold the name often. */
static struct slice line_before(struct slice text, size_t at)
{
	enum { REACH = 512 };
	size_t from = at;

	while (from && at - from < REACH && text.p[from - 1] != '\n')
		from--;
	return slice_of(text.p + from, at - from);
}

static struct slice strip_end(struct slice s, const char *set)
{
	while (s.n && is_in(s.p[s.n - 1], set))
		s.n--;
	return s;
}

static bool is_comment(struct slice before)
{
	before = slice_trim(before);
	return before.n && before.p[0] == '#';
}

/* `$X`, `${X}`, `$(X)` */
static bool is_read(struct slice before)
{
	return slice_ends(before, "$") || slice_ends(before, "${") || slice_ends(before, "$(") ||
	       slice_ends(before, "${#") || slice_ends(before, "${!");
}

static bool ends_in_word(struct slice s, const char *word)
{
	size_t n = strlen(word);

	return slice_ends(s, word) && (s.n == n || !is_word(s.p[s.n - n - 1]));
}

/* `jq 'del(.data.X)'`, `sed /X/d`, `delete process.env.X` */
static bool is_deleted(struct slice before, struct slice rest)
{
	struct slice s = strip_end(before, "\"'\\[. \t");
	size_t dot = slice_rchr(s, ' ');

	if (slice_ends(before, "/") && char_at(rest, 0) == '/' && char_at(rest, 1) == 'd' && !is_word(char_at(rest, 2)))
		return true;
	if (slice_ends(s, "process.env") &&
	    ends_in_word(slice_trim(slice_to(s, s.n - strlen("process.env"))), "delete"))
		return true;
	s = slice_from(before, dot == SIZE_MAX ? 0 : dot);
	dot = slice_find(s, "del(");
	return dot != SIZE_MAX && slice_chr(slice_from(s, dot), ')') == SIZE_MAX;
}

/* `unset A B X`, `env -u X`, `os.environ.pop("X")` */
static bool is_unset(struct slice before)
{
	static const char *const calls[] = {"unsetenv",	      "Unsetenv", "UnsetEnv", "delenv",	   "environ.pop",
					    "del os.environ", "--unset",  "--unset=", "remove_var"};
	struct slice s = strip_end(before, "\"'\\([ \t");

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (slice_ends(s, calls[i]))
			return true;
	s = strip_end(s, ",");
	if (slice_ends(s, " -u") || slice_is(s, "-u") || ends_in_word(s, "export -n"))
		return true;
	while (s.n) {
		if (ends_in_word(s, "unset"))
			return true;
		if (!is_word(s.p[s.n - 1]) && !is_in(s.p[s.n - 1], "-"))
			return false;
		while (s.n && (is_word(s.p[s.n - 1]) || s.p[s.n - 1] == '-'))
			s.n--;
		s = strip_end(s, " \t\"',");
	}
	return false;
}

/* `$X`, `${X}`, `${X:-false}` are what was there; `${X/true/false}` is not. */
static bool hands_on(struct slice value, struct slice name)
{
	bool braces = char_at(value, 1) == '{';
	size_t at = braces ? 2 : 1, end = at + name.n;

	if (!slice_eq(slice_to(slice_from(value, at), name.n), name) || is_word(char_at(value, end)))
		return false;
	if (!braces)
		return !is_in(char_at(value, end), "$`") && !is_word(char_at(value, end));
	end += char_at(value, end) == ':';
	return is_in(char_at(value, end), "}-?");
}

static bool take_value(struct slice rest, struct slice name, struct switch_hit *hit)
{
	size_t from = 0, to;

	while (from < rest.n && is_in(rest.p[from], "\"'\\"))
		from++;
	rest = slice_from(rest, from);
	from = 0;
	for (to = from; to < rest.n && !is_in(rest.p[to], " \t\r\n\"';,&|)}]\\"); to++)
		;
	hit->value = slice_of(rest.p + from, to - from);
	hit->use = SWITCH_SET;
	if (!is_in(char_at(hit->value, 0), "$`"))
		return true;
	hit->use = SWITCH_DYNAMIC;
	return !hands_on(rest, name);
}

static struct slice skip_blanks(struct slice s)
{
	while (s.n && is_blank(s.p[0]))
		s = slice_from(s, 1);
	return s;
}

/* Behind a value in JSON or YAML: the end of the line or of the value, not more words. */
static bool ends_value(struct slice rest)
{
	return !rest.n || is_in(rest.p[0], "\r\n,}]\"'\\#;");
}

static bool take_mapped(struct slice rest, struct slice name, struct switch_hit *hit)
{
	rest = skip_blanks(rest);
	if (!rest.n || is_in(rest.p[0], "-=?+:") || !take_value(rest, name, hit))
		return false;
	rest = slice_from(rest, (size_t)(hit->value.p - rest.p) + hit->value.n);
	return ends_value(skip_blanks(rest));
}

/* `name: X` with `value: Y` behind it, in YAML or JSON */
static bool take_env_item(struct slice before, struct slice rest, struct slice name, struct switch_hit *hit)
{
	enum { REACH = 80 };
	struct slice head = strip_end(before, "\"'\\ \t"), near = slice_to(rest, REACH);
	size_t at, next;

	if (!slice_ends(head, ":") || !ends_in_word(strip_end(strip_end(head, ":"), "\"'\\ \t"), "name"))
		return false;
	at = slice_find(near, "value");
	next = slice_find(near, "name");
	if (at == SIZE_MAX || (next != SIZE_MAX && next < at))
		return false;
	rest = slice_from(rest, at + strlen("value"));
	if (slice_starts(rest, "From")) {
		hit->use = SWITCH_DYNAMIC;
		return true;
	}
	while (rest.n && is_in(rest.p[0], "\"'\\ \t"))
		rest = slice_from(rest, 1);
	return rest.n && rest.p[0] == ':' && take_value(skip_blanks(slice_from(rest, 1)), name, hit);
}

/* `setenv X false`, `os.putenv("X", "false")`, `SetEnv X false` of a web server */
static bool is_setter(struct slice before)
{
	static const char *const calls[] = {
		"setenv", "putenv", "Setenv", "SetEnv", "env.set", "Env.set", "SetEnvironmentVariable", "set_var"};
	struct slice s = strip_end(before, "\"'\\( \t");

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (ends_in_word(s, calls[i]))
			return true;
	return false;
}

static const char *const fillers[] = {"read", "mapfile", "readarray"};

/* `read X`, `printf -v X`, `for X in`: the value is what comes at run time. */
static bool is_filled(struct slice before, struct slice rest)
{
	struct slice s = strip_end(before, "\"' \t"), word;
	size_t blank;

	if (s.n == before.n)
		return false;
	if (ends_in_word(s, "printf -v"))
		return true;
	if (ends_in_word(s, "for"))
		return ends_in_word(slice_to(skip_blanks(rest), 2), "in");
	while ((blank = slice_rchr(s, ' ')) != SIZE_MAX && char_at(s, blank + 1) == '-')
		s = strip_end(slice_to(s, blank), " ");
	for (size_t i = 0; i < ARRAY_SIZE(fillers); i++)
		if (ends_in_word(s, fillers[i])) {
			/* At the start of a command: "has read X" is prose. */
			word = strip_end(slice_to(s, s.n - strlen(fillers[i])), " \t");
			return !word.n || is_in(word.p[word.n - 1], "\n;&|({") || ends_in_word(word, "do") ||
			       ends_in_word(word, "then") || ends_in_word(word, "while") || ends_in_word(word, "-c");
		}
	return false;
}

/* A JSON patch: {"op": "replace", "path": "/data/X", "value": "false"} */
static bool take_patch(struct slice before, struct slice rest, struct slice name, struct switch_hit *hit)
{
	enum { REACH = 80 };
	struct slice head = slice_from(before, before.n > REACH ? before.n - REACH : 0), near = slice_to(rest, REACH);
	size_t path = slice_find(head, "path"), at;

	if (!slice_ends(before, "/") || path == SIZE_MAX || !is_in(char_at(rest, 0), "\"'\\"))
		return false;
	if (slice_find(head, "remove") != SIZE_MAX || slice_find(near, "remove") != SIZE_MAX) {
		hit->use = SWITCH_UNSET;
		return true;
	}
	at = slice_find(near, "value");
	if (at == SIZE_MAX)
		at = slice_find(head, "value");
	else
		head = near;
	if (at == SIZE_MAX)
		return false;
	head = slice_from(head, at + strlen("value"));
	while (head.n && is_in(head.p[0], "\"'\\: \t"))
		head = slice_from(head, 1);
	return take_value(head, name, hit);
}

static bool is_removal(struct slice rest)
{
	return char_at(rest, 0) == '-' && (rest.n == 1 || is_in(rest.p[1], " \t\r\n\"';"));
}

/* With brackets or blanks before it, `=` is not a shell's, and its value may follow after blanks. */
static bool take_assigned(struct slice rest, struct slice name, struct switch_hit *hit)
{
	bool loose = false;

	while (rest.n && is_in(rest.p[0], "\"'\\]}) \t")) {
		loose = true;
		rest = slice_from(rest, 1);
	}
	if (char_at(rest, 0) == '+' && char_at(rest, 1) == '=') { /* `X+=y` */
		hit->use = SWITCH_DYNAMIC;
		return true;
	}
	if (char_at(rest, 0) == ':' && char_at(rest, 1) == '=') { /* make */
		loose = true;
		rest = slice_from(rest, 1);
	}
	if (char_at(rest, 0) == ':')
		return take_mapped(slice_from(rest, 1), name, hit);
	if (char_at(rest, 0) != '=' || is_in(char_at(rest, 1), "=~"))
		return false;
	rest = slice_from(rest, 1);
	return take_value(loose ? skip_blanks(rest) : rest, name, hit);
}

bool switch_use_at(struct slice text, size_t at, struct slice name, struct switch_hit *hit)
{
	struct slice before = line_before(text, at), rest = slice_from(text, at + name.n);

	if ((before.n && is_word(before.p[before.n - 1])) || is_word(char_at(rest, 0)))
		return false;
	if (is_comment(before) || is_read(before))
		return false;
	hit->use = SWITCH_UNSET;
	hit->value = SLICE_EMPTY;
	if (is_removal(rest) || is_unset(before) || is_deleted(before, rest))
		return true;
	if (is_filled(before, rest)) {
		hit->use = SWITCH_DYNAMIC;
		return true;
	}
	if (is_setter(before)) {
		while (rest.n && is_in(rest.p[0], "\"'\\, \t"))
			rest = slice_from(rest, 1);
		return take_value(rest, name, hit);
	}
	return take_env_item(before, rest, name, hit) || take_patch(before, rest, name, hit) ||
	       take_assigned(rest, name, hit);
}
