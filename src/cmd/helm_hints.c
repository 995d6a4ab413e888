/*
 * helm_hints.c: what is odd about the --set options of a command whose render Helm has refused. Helm reports the line
 * of a template there, and not the value that it could not use.
 */
#include "cmd/helm_run.h"

struct hints {
	struct helm_run *run;
	const struct node *defaults; /* of the chart; NULL: not known */
};

/* Keys with dots and brackets of their own are nobody's slip. */
static const struct node *default_of(const struct node *root, struct slice key)
{
	while (key.p && root)
		root = node_real(node_get(root, slice_cut(key, '.', &key)));
	return root;
}

static void hint_at_pair(struct hints *h, const char *flag, struct slice key, struct slice value)
{
	const struct node *n = h->defaults ? default_of(h->defaults, key) : NULL;
	bool quoted = value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'') && value.p[value.n - 1] == value.p[0];
	bool collection = value.n && (value.p[0] == '{' || value.p[0] == '[');

	if (quoted && n && n->kind == NODE_SCALAR)
		helm_note(h->run, "--%s " SLICE_FMT ": the quotes are part of the value; leave them out", flag,
			  SLICE_ARG(slice_to(key, 100)));
	else if (n && n->kind == NODE_MAPPING && value.n && !collection && !slice_is(value, "null"))
		helm_note(h->run,
			  "--%s " SLICE_FMT ": this is a mapping in the chart, with keys like " SLICE_FMT "." SLICE_FMT,
			  flag, SLICE_ARG(slice_to(key, 100)), SLICE_ARG(slice_to(key, 100)),
			  SLICE_ARG(n->child ? node_text(n->child) : SLICE("...")));
	else if (n && n->kind == NODE_SCALAR && n->type == TYPE_BOOL && strcmp(flag, "set-string") == 0)
		helm_note(h->run, "--set-string " SLICE_FMT ": this is a boolean in the chart; use --set",
			  SLICE_ARG(slice_to(key, 100)));
}

void helm_hint_values(struct helm_run *r)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	struct hints h = {.run = r};
	struct err ignored = ERR_INIT;

	stream_init(&s, &limits);
	if (r->defaults.n && stream_add(&s, "the chart's values", buf_slice(&r->defaults), &ignored) == 0 &&
	    s.documents.n == 1)
		h.defaults = s.documents.v[0].root;
	for (size_t i = 0; i < r->line.items.n; i++) {
		const struct helm_item *item = &r->line.items.v[i];
		struct slice rest = slice_str(item->flag ? item->value : NULL);

		if (!item->flag || !item->value ||
		    !(strcmp(item->flag->name, "set") == 0 || strcmp(item->flag->name, "set-string") == 0))
			continue;
		while (rest.p) {
			struct slice value, key = slice_cut(slice_cut(rest, ',', &rest), '=', &value);

			if (value.p)
				hint_at_pair(&h, item->flag->name, key, value);
		}
	}
}
