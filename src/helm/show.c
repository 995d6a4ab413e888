#include "helm/show.h"

#include "credentials/detect.h"
#include "credentials/names.h"
#include "helm/caller.h"

#define HIDDEN "..."

/* --- secrets --------------------------------------------------------------------------------------------------- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* The last part of a key says it: not where the name of a Secret is asked for. */
static bool is_secret_name(struct slice key)
{
	static const char *const words[] = {"password",	 "passwd",     "passphrase",   "secret",
					    "token",	 "credential", "apikey",       "privatekey",
					    "accesskey", "accountkey", "encryptionkey"};
	size_t dot = slice_rchr(key, '.');
	char folded[128];
	struct slice s;
	size_t n = 0;

	if (dot != SIZE_MAX)
		key = slice_from(key, dot + 1);
	for (size_t i = 0; i < key.n && n < sizeof(folded); i++)
		if (key.p[i] != '-' && key.p[i] != '_')
			folded[n++] = lower(key.p[i]);
	s = slice_of(folded, n);
	if (slice_ends(s, "name") || slice_starts(s, "pullsecrets") || slice_ends(s, "secretref"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_find(s, words[i]) != SIZE_MAX)
			return true;
	return false;
}

/* scheme://user:password@host */
static bool has_userinfo(struct slice value)
{
	size_t scheme = slice_find(value, "://");
	struct slice rest = scheme == SIZE_MAX ? SLICE_EMPTY : slice_from(value, scheme + 3);
	size_t at = slice_chr(rest, '@');

	return at != SIZE_MAX && slice_chr(slice_to(rest, at), '/') == SIZE_MAX;
}

static bool is_secret_value(struct slice value)
{
	struct detection d;

	return has_userinfo(value) || credential_in_value(value, &d);
}

/* JSON holds names and values of its own: any word of a secret in it hides all of it. */
static bool is_secret_json(struct slice value)
{
	struct slice rest = slice_trim(value), part;

	if (rest.n == 0 || (rest.p[0] != '{' && rest.p[0] != '['))
		return is_secret_value(value);
	while (rest.p && rest.n) {
		part = slice_cut(rest, '"', &rest);
		if (is_secret_name(part) || is_secret_value(part))
			return true;
	}
	return is_secret_value(value);
}

/* Where the next comma stands that is not escaped and not inside {...}. */
static size_t pair_end(struct slice text)
{
	int depth = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '{' || text.p[i] == '[')
			depth++;
		else if (text.p[i] == '}' || text.p[i] == ']')
			depth--;
		else if (text.p[i] == ',' && depth <= 0)
			return i;
	}
	return text.n;
}

static bool is_harmless(struct slice value)
{
	static const char *const words[] = {"true", "false", "null", ""};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_is(value, words[i]))
			return true;
	return false;
}

/* What a platform team calls a secret, and what may be one because only its owner knows the key. */
static bool is_custom_secret(const struct show_rules *rules, struct slice key, struct slice value)
{
	size_t dot = slice_rchr(key, '.');
	struct slice last = dot == SIZE_MAX ? key : slice_from(key, dot + 1), secret;
	char path[512];

	if (!rules || is_harmless(value))
		return false;
	if (rules->custom && (credential_custom_name(rules->custom, last) ||
			      credential_custom_value(rules->custom, value, &secret) != CUSTOM_NO))
		return true;
	snprintf(path, sizeof(path), SLICE_FMT, SLICE_ARG(slice_to(key, slice_chr(key, '['))));
	return !values_knows(rules->values, rules->under, path);
}

void show_set(struct slice text, const struct show_rules *rules, struct buf *out, bool *hidden)
{
	for (;;) {
		size_t end = pair_end(text);
		struct slice value, pair = slice_to(text, end), key = slice_cut(pair, '=', &value);

		if (value.p && value.n &&
		    (is_secret_name(key) || is_secret_json(value) || is_custom_secret(rules, key, value))) {
			buf_add(out, key);
			buf_adds(out, "=" HIDDEN);
			*hidden = true;
		} else if (!value.p && is_secret_json(pair)) { /* the tail of a value with a comma in it */
			buf_adds(out, HIDDEN);
			*hidden = true;
		} else {
			buf_add(out, pair);
		}
		if (end >= text.n)
			return;
		buf_addc(out, ',');
		text = slice_from(text, end + 1);
	}
}

static bool flag_is(const struct helm_flag *f, const char *name)
{
	return strcmp(f->name, name) == 0;
}

void show_flag_value(const struct helm_flag *flag, const char *value, const struct show_rules *rules, struct buf *out,
		     bool *hidden)
{
	struct slice text = slice_str(value);

	if (flag_is(flag, "password") || flag_is(flag, "kube-token") ||
	    (flag->part != PART_VALUES && is_secret_value(text)) || (flag_is(flag, "values") && has_userinfo(text)) ||
	    (flag_is(flag, "set-json") && is_secret_json(text))) {
		buf_adds(out, HIDDEN);
		*hidden = true;
	} else if (flag->part == PART_VALUES && !flag_is(flag, "values") && !flag_is(flag, "set-file")) {
		show_set(text, rules, out, hidden);
	} else {
		buf_add(out, text);
	}
}

/* --- the command ----------------------------------------------------------------------------------------------- */

struct writer {
	struct buf *out;
	const struct show_rules *rules;
	size_t column;
	bool hidden;
};

enum { WIDTH = 78 };

/* Words that belong together stay on one line. */
static void put(struct writer *w, const struct buf *words)
{
	if (w->column && w->column + words->n + 1 > WIDTH) {
		buf_adds(w->out, " \\\n    ");
		w->column = 4;
	} else if (w->column) {
		buf_addc(w->out, ' ');
		w->column++;
	}
	buf_add(w->out, buf_slice(words));
	w->column += words->n;
	w->out->failed |= words->failed;
}

static void put_words(struct writer *w, const char *first, const char *second)
{
	struct buf words = BUF_TEXT;

	buf_add_quoted(&words, slice_str(first));
	if (second) {
		buf_addc(&words, ' ');
		buf_add_quoted(&words, slice_str(second));
	}
	put(w, &words);
	buf_release(&words);
}

static void put_item(struct writer *w, const struct helm_item *item)
{
	struct buf value = BUF_TEXT, word = BUF_TEXT;

	if (!item->flag || !item->value) {
		/* What is not known may hold anything behind its `=`. */
		show_set(slice_str(item->word), NULL, &word, &w->hidden);
		put_words(w, buf_str(&word), NULL);
	} else {
		show_flag_value(item->flag, item->value, w->rules, &value, &w->hidden);
		if (item->value_apart && !item->in_cluster)
			buf_adds(&word, item->word);
		else
			buf_addf(&word, "--%s%s%s", item->flag->name, item->value_apart ? "" : "=",
				 item->value_apart ? "" : buf_str(&value));
		put_words(w, buf_str(&word), item->value_apart ? buf_str(&value) : NULL);
	}
	w->out->failed |= value.failed || word.failed;
	buf_release(&value);
	buf_release(&word);
}

/* Helm takes these away from a plugin's arguments, wherever they stand. */
static void put_taken_away(struct writer *w, const struct helm_line *l, bool without_namespace)
{
	static const struct {
		const char *variable, *flag;
	} taken[] = {
		{"HELM_NAMESPACE", "namespace"},
		{"HELM_KUBECONTEXT", "kube-context"},
		{"HELM_KUBEAPISERVER", "kube-apiserver"},
		{"HELM_KUBEASUSER", "kube-as-user"},
		{"HELM_KUBECAFILE", "kube-ca-file"},
		{"HELM_KUBETLS_SERVER_NAME", "kube-tls-server-name"},
		{"KUBECONFIG", "kubeconfig"},
	};

	if (!getenv("HELM_PLUGIN_NAME"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		const char *value = getenv(taken[i].variable);
		char flag[64];

		if (!value || !*value || helm_line_value(l, taken[i].flag))
			continue;
		if (i == 0 && without_namespace)
			continue;
		/* What came by the environment is there still. A list of files cannot be a flag. */
		if (strcmp(taken[i].flag, "kubeconfig") == 0 &&
		    (strchr(value, ':') || caller_has_variable(taken[i].variable, value)))
			continue;
		snprintf(flag, sizeof(flag), "--%s", taken[i].flag);
		put_words(w, flag, value);
	}
}

/* "--set a=b": quoted already where it must be. */
static void put_more(struct writer *w, const char *option)
{
	struct buf words = BUF_TEXT;

	buf_adds(&words, option);
	put(w, &words);
	buf_release(&words);
}

static void put_after_end(struct writer *w, const struct helm_line *l)
{
	bool ended = false;

	for (size_t i = 0; i < l->items.n; i++) {
		if (!l->items.v[i].after_end)
			continue;
		if (!ended)
			put_words(w, "--", NULL);
		ended = true;
		put_words(w, l->items.v[i].word, NULL);
	}
}

static bool is_namespace(const struct helm_item *item)
{
	return item->flag && strcmp(item->flag->name, "namespace") == 0;
}

bool show_command(const struct helm_line *l, const char *program, const char *const *own, size_t own_n,
		  const char *const *more, size_t more_n, const struct show_rules *rules, struct buf *out)
{
	struct writer w = {.out = out, .rules = rules};
	bool other_namespace = false;
	struct buf head = BUF_TEXT;

	buf_addf(&head, "%s %s", program, helm_command_name(l->command));
	put(&w, &head);
	buf_release(&head);
	for (size_t i = 0; i < own_n; i++)
		put_words(&w, own[i], NULL);
	for (size_t i = 0; i < more_n; i++)
		other_namespace |= strncmp(more[i], "--namespace ", strlen("--namespace ")) == 0;
	for (size_t i = 0; i < l->items.n; i++)
		if (!l->items.v[i].after_end && !(other_namespace && is_namespace(&l->items.v[i])))
			put_item(&w, &l->items.v[i]);
	put_taken_away(&w, l, other_namespace);
	for (size_t i = 0; i < more_n; i++)
		put_more(&w, more[i]);
	put_after_end(&w, l);
	return w.hidden;
}
