/*
 * plain_secret.c: secrets in clear text that open no cloud: an OIDC client secret in a ConfigMap, a password in a URL,
 * a private key, a backup's encryption key. What a Secret holds is not in clear text.
 *
 * Names and URLs of ConfigMaps and env are judged here; what the scan came upon by the way (keys in PEM, client secrets
 * in nested files) comes from there.
 */
#include "credentials/literal.h"
#include "rules/credential_scan.h"

static void say(struct gate *g, const struct object *o, const struct node *n, const char *what)
{
	struct finding *f = gate_find(g, o, n);

	finding_say(g, f, "%s is in clear text", what);
	finding_fix(g, f,
		    "keep it in a Secret that is made outside the chart, or except this place in the policy with a "
		    "reason and an expiry");
}

/* --- names ----------------------------------------------------------------------------------------------------- */

static bool has_secret_name(struct slice name)
{
	static const char *const endings[] = {"CLIENT_SECRET", "CLIENTSECRET", "PASSWORD",	"PASSWD",
					      "PASSPHRASE",    "_SECRET_KEY",  "ENCRYPTION_KEY"};
	char upper[80];

	if (name.n == 0 || name.n > sizeof(upper))
		return false;
	for (size_t i = 0; i < name.n; i++)
		upper[i] = (char)(name.p[i] >= 'a' && name.p[i] <= 'z'	 ? name.p[i] - 32
				  : name.p[i] == '-' || name.p[i] == '.' ? '_'
									 : name.p[i]);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (slice_ends(slice_of(upper, name.n), endings[i]))
			return true;
	return false;
}

static bool is_reference(struct slice s)
{
	return s.n == 0 || s.p[0] == '$' || s.p[0] == '<' || s.p[0] == '*' || s.p[0] == '%' || slice_starts(s, "{{");
}

/* The password of scheme://user:password@host, empty when there is none or when it is a reference. */
static struct slice url_password(struct slice text)
{
	for (size_t at; (at = slice_find(text, "://")) != SIZE_MAX;) {
		struct slice rest = slice_from(text, at + 3), user, password;
		size_t end = 0;

		while (end < rest.n && !strchr("/ \"'\n,@", rest.p[end]))
			end++;
		text = slice_from(rest, end);
		if (end == rest.n || rest.p[end] != '@')
			continue;
		user = slice_cut(slice_to(rest, end), ':', &password);
		/* A pattern that looks for URLs is none itself. */
		if (user.n && password.p && password.n && !is_reference(password) &&
		    slice_chr(password, '\\') == SIZE_MAX)
			return password;
	}
	return SLICE_EMPTY;
}

static void look(struct gate *g, const struct credential_scan *s, const struct object *o, const struct node *n,
		 struct slice name)
{
	struct slice value = node_text(n);
	bool url;

	if (!node_is_string(n))
		return;
	/* In a nested document it has been told at the text that holds it. */
	url = !o->owner && memchr(value.p, '@', value.n) && url_password(value).n;
	if (!url && !(has_secret_name(name) && literal_judge_plain(value) == LITERAL_VALUE))
		return;
	if (!credential_was_hit(s, n))
		say(g, o, n, url ? "a password in a URL" : gate_printf(g, "the value of %s", gate_show(g, name)));
}

/* Strings anywhere may be URLs. */
static void walk(struct gate *g, const struct credential_scan *s, const struct object *o, const struct node *n,
		 const struct node *data)
{
	const struct node *given;

	for (const struct node *i = n->kind == NODE_SEQUENCE ? n->child : NULL; i; i = i->next) {
		if (i->kind == NODE_SCALAR)
			look(g, s, o, i, SLICE_EMPTY);
		else
			walk(g, s, o, i, data);
	}
	if (n->kind != NODE_MAPPING)
		return;
	for (const struct node *k = n->child; k; k = k->next->next) {
		struct slice name = n == data ? node_text(k) : SLICE_EMPTY;

		if (k->next->kind != NODE_SCALAR) {
			walk(g, s, o, k->next, data);
			continue;
		}
		/* {name: X, value: V} of a container */
		if (k->text_n == 5 && slice_is(node_text(k), "value")) {
			given = node_lookup(n, "name");
			if (node_is_string(given))
				name = node_string(given);
		}
		look(g, s, o, k->next, name);
	}
}

void rule_plain_secret(struct gate *g)
{
	const struct credential_scan *s;

	if (g->second_evaluation)
		return;
	s = gate_credentials(g);
	for (size_t i = 0; s && i < s->hits.n; i++)
		if (s->hits.v[i].class == HIT_PLAIN) {
			struct finding *f = credential_find(g, &s->hits.v[i], "it is in clear text");

			finding_fix(g, f,
				    "keep it in a Secret that is made outside the chart, or except this place in the "
				    "policy with a reason and an expiry");
		}
	for (size_t i = 0; s && i < g->release->objects.n; i++) {
		const struct object *o = g->release->objects.v[i];
		const struct node *data =
			object_is(o, "ConfigMap", NULL) ? node_real(node_lookup(o->root, "data")) : NULL;

		if (!object_is(o, "Secret", NULL) &&
		    !(slice_is(o->kind, "CustomResourceDefinition") && object_in_group(o, "apiextensions.k8s.io")))
			walk(g, s, o, o->root, data);
	}
}
