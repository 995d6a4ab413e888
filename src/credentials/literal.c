#include "credentials/literal.h"

#include "credentials/chars.h"

/* A longer value that holds one of these anywhere is no value: chance does not write them. */
static const char *const placeholder_parts[] = {"changeme",   "change-me", "change_me", "example",  "placeholder",
						"replaceme",  "replace-",  "replace_",	"redacted", "yoursecret",
						"youraccess", "your-",	   "your_",	"xxxxx",    "*****",
						"<",	      "...",	   "dummy",	"fixme",    "insert-",
						"insert_",    "not-set",   "not_set"};
static const char *const placeholder_words[] = {"todo",	     "tbd",	    "none",    "null", "nil",  "n/a",
						"undefined", "empty",	    "unset",   "xxx",  "xxxx", "***",
						"****",	     "secret-here", "replace", "~"};
static const char *const flags[] = {"true", "false",   "yes",	   "no",       "on",
				    "off",  "enabled", "disabled", "optional", "required"};

/* Where the value really is; and ciphertext. */
static const char *const pointers[] = {"ENC[",		"vault:", "ref+",      "op://",	 "secret://",	   "awssm:",
				       "azurekeyvault", "akv:",	  "gcpsm:",    "sm://",	 "ssm:",	   "arn:aws",
				       "arn:",		"bws:",	  "doppler:",  "!vault", "$ANSIBLE_VAULT", "file://",
				       "env:",		"k8s:",	  "secretref:"};

struct slice literal_bare(struct slice v)
{
	v = slice_trim(v);
	while (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'' || v.p[0] == '`') && v.p[v.n - 1] == v.p[0])
		v = slice_trim(slice_of(v.p + 1, v.n - 2));
	return v;
}

static bool holds_nocase(struct slice v, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= v.n; i++)
		if (slice_eq_nocase(slice_of(v.p + i, n), slice_of(part, n)))
			return true;
	return false;
}

static bool is_word_of(struct slice v, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_nocase(v, slice_str(words[i])))
			return true;
	return false;
}

/* $X, ${X}, $(X), {{ .x }}, %(x)s, [[x]], @x@ */
static bool is_template(struct slice v)
{
	if (slice_find(v, "{{") != SIZE_MAX || slice_find(v, "${") != SIZE_MAX || slice_find(v, "$(") != SIZE_MAX ||
	    slice_find(v, "[[") != SIZE_MAX || slice_find(v, "%(") != SIZE_MAX)
		return true;
	if (v.n >= 2 && v.p[0] == '$' && run_forward(v, 1, CHAR_NAME, v.n) == v.n - 1)
		return true;
	return v.n >= 3 && (v.p[0] == '@' || v.p[0] == '%') && v.p[v.n - 1] == v.p[0];
}

/* Nothing but a stand-in, the whole of it. */
static bool is_stand_in(struct slice v)
{
	return v.n == 0 || is_template(v) || v.p[0] == '<' || v.p[0] == '*' ||
	       is_word_of(v, placeholder_words, ARRAY_SIZE(placeholder_words));
}

bool literal_is_placeholder(struct slice v)
{
	v = literal_bare(v);
	if (is_stand_in(v))
		return true;
	for (size_t i = 0; v.n <= 400 && i < ARRAY_SIZE(placeholder_parts); i++)
		if (holds_nocase(v, placeholder_parts[i]))
			return true;
	return v.n >= 4 && v.n <= 400 && variety_of(v) <= 2;
}

/* /var/run/x, ./x, x.json: lower case, no digits in a row that chance would make. */
static bool is_path(struct slice v)
{
	static const char *const ends[] = {".json", ".pem",  ".yaml", ".yml", ".key", ".txt",
					   ".ini",  ".conf", ".crt",  ".p12", ".pfx"};
	size_t slashes = 0, caps = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (v.n > strlen(ends[i]) && slice_ends(v, ends[i]))
			return true;
	if (v.n < 2 || (v.p[0] != '/' && !slice_starts(v, "./") && !slice_starts(v, "~/")))
		return false;
	for (size_t i = 0; i < v.n; i++) {
		slashes += v.p[i] == '/';
		caps += v.p[i] >= 'A' && v.p[i] <= 'Z';
	}
	return slashes >= 2 && caps <= v.n / 8;
}

/* AWS_SECRET_ACCESS_KEY, secretAccessKey: somebody's name for it. */
static bool is_name(struct slice v)
{
	size_t caps = 0, marks = 0;

	if (name_find(v))
		return true;
	for (size_t i = 0; i < v.n; i++) {
		caps += v.p[i] >= 'A' && v.p[i] <= 'Z';
		marks += v.p[i] == '_';
	}
	return marks && caps + marks == v.n;
}

static bool is_pointer(struct slice v)
{
	for (size_t i = 0; i < ARRAY_SIZE(pointers); i++)
		if (slice_starts(v, pointers[i]))
			return true;
	return slice_starts(v, "projects/") ||
	       (slice_find(v, "://") != SIZE_MAX && slice_chr(v, '@') == SIZE_MAX && slice_find(v, "sig=") == SIZE_MAX);
}

static bool has_space(struct slice v)
{
	for (size_t i = 0; i < v.n; i++)
		if (char_in(v.p[i], CHAR_SPACE))
			return true;
	return false;
}

enum literal literal_judge(struct slice value, enum name_kind kind)
{
	static const size_t least[] = {
		[NAME_ID] = 3, [NAME_SECRET] = 8, [NAME_DOC] = 40, [NAME_PLAIN] = 3, [NAME_PATH] = SIZE_MAX};
	struct slice v = literal_bare(value);

	if (is_pointer(v) || is_word_of(v, flags, ARRAY_SIZE(flags)))
		return LITERAL_NOTHING;
	/* A secret of another kind may be any word: s3cr3t-example opens a door, too. */
	if (kind == NAME_PLAIN ? is_stand_in(v) || slice_find(v, "PLACEHOLDER") != SIZE_MAX : literal_is_placeholder(v))
		return LITERAL_SLOT;
	if (is_path(v))
		return LITERAL_SLOT;
	if (v.n <= 64 && is_name(v))
		return LITERAL_NOTHING;
	if (kind != NAME_DOC && has_space(v))
		return LITERAL_NOTHING;
	return v.n >= least[kind] ? LITERAL_VALUE : LITERAL_SLOT;
}
