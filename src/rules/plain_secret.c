/*
 * plain_secret.c: secrets in clear text that open no cloud: an OIDC client secret in a ConfigMap, a password in a URL.
 */
#include "credentials/detect.h"
#include "credentials/walk.h"
#include "rules/gate.h"

static bool has_secret_name(struct slice name)
{
	static const char *const endings[] = {"CLIENT_SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "_SECRET_KEY", "ENCRYPTION_KEY"};
	char upper[80];

	if (name.n == 0 || name.n > sizeof(upper))
		return false;
	for (size_t i = 0; i < name.n; i++)
		upper[i] = (char)(name.p[i] >= 'a' && name.p[i] <= 'z' ? name.p[i] - 32 : name.p[i] == '-' || name.p[i] == '.' ? '_' : name.p[i]);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (slice_ends(slice_of(upper, name.n), endings[i]))
			return true;
	return false;
}

static bool is_reference(struct slice s)
{
	return s.n == 0 || s.p[0] == '$' || s.p[0] == '<' || s.p[0] == '*' || slice_starts(s, "{{");
}

/* The password of scheme://user:password@host, empty when there is none or when it is a reference. */
static struct slice url_password(struct slice text)
{
	for (size_t at; (at = slice_find(text, "://")) != SIZE_MAX;) {
		struct slice rest = slice_from(text, at + 3), user, password;
		size_t end = 0;

		while (end < rest.n && rest.p[end] != '/' && rest.p[end] != ' ' && rest.p[end] != '"' && rest.p[end] != '\'' && rest.p[end] != '\n' &&
		       rest.p[end] != ',' && rest.p[end] != '@')
			end++;
		text = slice_from(rest, end);
		if (end == rest.n || rest.p[end] != '@')
			continue;
		user = slice_cut(slice_to(rest, end), ':', &password);
		if (user.n && password.p && password.n && !is_reference(password))
			return password;
	}
	return SLICE_EMPTY;
}

static void say(struct gate *g, const struct scalar *s, const char *what)
{
	struct finding *f = gate_find(g, s->object, s->node);

	finding_say(g, f, "%s stands in clear text", what);
	finding_mend(g, f, "Keep it in a Secret that is made outside the chart, or except this place in the policy with a reason and an expiry.");
}

static bool is_config_data(const struct scalar *s)
{
	return object_is(s->object, "ConfigMap", NULL) && s->node->parent == node_real(node_lookup(s->object->root, "data"));
}

/* {name: X, value: V} of a container */
static bool is_env_value(const struct scalar *s)
{
	const struct node *key = node_key_of(s->node);

	return key && slice_is(node_text(key), "value") && node_lookup(s->node->parent, "name");
}

static void look(void *arg, const struct scalar *s)
{
	struct gate *g = arg;
	struct detection d;

	if (s->is_key || object_is(s->object, "Secret", NULL))
		return;
	if (url_password(s->value).n)
		say(g, s, "a password in a URL");
	else if (has_secret_name(s->name) && (is_config_data(s) || is_env_value(s)) && credential_is_literal(s->value) &&
		 !credential_name(s->name, &d) && !node_is_bool(s->node, true) && !node_is_bool(s->node, false))
		say(g, s, gate_printf(g, "the value of %s", gate_show(g, s->name)));
}

void rule_plain_secret(struct gate *g)
{
	if (g->second_evaluation)
		return;
	for (size_t i = 0; i < g->release->objects.n; i++)
		if (!g->release->objects.v[i]->owner && credential_walk(g->release->objects.v[i], look, g) < 0)
			g->arena.failed = true;
}
