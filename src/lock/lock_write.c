/*
 * lock_write.c: a lock as the file that people keep in git.
 */
#include "kube/quantity.h"
#include "lock/lock.h"
#include "userfile/strict.h"

static const char head[] = "# What an installation of Portworx Backup chose once, recorded by pxb-fed. Keep\n"
			   "# it in git beside the values: with it, a render that would change a choice is\n"
			   "# refused. 'pxb-fed lock update --reason TEXT' writes it again; comments of your\n"
			   "# own are lost then. The rules: 'pxb-fed explain storage-locked' and the others.\n"
			   "apiVersion: " OWN_API_VERSION "\n"
			   "kind: " LOCK_KIND "\n";

/* Sizes, versions and selectors read better without quotes, and no reader of YAML takes these for a number. */
static bool plain_is_safe(struct slice s)
{
	bool sure = quantity_valid(s) || slice_chr(s, '=') != SIZE_MAX;
	size_t dots = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!word && (i == 0 || i + 1 == s.n || !strchr("-_./=,", c)))
			return false;
		dots += c == '.';
	}
	return s.n && (sure || dots > 1) && scalar_resolve(NULL, s).type == TYPE_STRING;
}

static void write_scalar(struct slice text, struct buf *out)
{
	if (plain_is_safe(text))
		buf_add(out, text);
	else
		scalar_write(text, STYLE_PLAIN, out);
}

/* "KEY: value" with a comment; nothing for the empty text. */
static void write_text(struct buf *out, const char *key, struct slice text, const char *comment)
{
	size_t from = out->n;

	if (!text.n)
		return;
	buf_addf(out, "%s: ", key);
	write_scalar(text, out);
	if (comment) {
		buf_fill(out, ' ', out->n - from < 34 ? 34 - (out->n - from) : 2);
		buf_addf(out, "# %s", comment);
	}
	buf_addc(out, '\n');
}

static void write_key(struct buf *out, const char *key, struct slice text)
{
	if (!text.n)
		return;
	buf_addf(out, "  %s: ", key);
	write_scalar(text, out);
	buf_addc(out, '\n');
}

static void write_choices(const struct lock *l, struct buf *out)
{
	static const char *const switches[] = {"", "false", "true"};

	buf_addc(out, '\n');
	write_text(out, "mode", slice_str(lock_mode_name(l->mode)), "one is never converted into the other");
	write_text(out, "namespace", l->ns, NULL);
	write_text(out, "releaseName", l->release_name, "also part of immutable selectors");
	write_text(out, "storageClassName", l->class_name, "of every claim");
	if (l->encryption != LOCK_SWITCH_UNKNOWN)
		buf_addf(out, "encryptMongoDB: %-18s# decided when its volumes are filled\n", switches[l->encryption]);
	if (l->chart.n) {
		buf_adds(out, "chart:");
		buf_fill(out, ' ', 28);
		buf_adds(out, "# may change: an upgrade is an upgrade\n");
		write_key(out, "name", l->chart);
		write_key(out, "version", l->chart_version);
		if (l->chart_sha256.n)
			write_key(out, "sha256", l->chart_sha256);
	}
}

static void write_ref(struct buf *out, struct slice kind, struct slice name)
{
	buf_addf(out, "- object: " SLICE_FMT "/" SLICE_FMT "\n", SLICE_ARG(kind), SLICE_ARG(name));
}

static void write_modes(struct buf *out, struct slice modes)
{
	if (modes.n)
		buf_addf(out, "  accessModes: [" SLICE_FMT "]\n", SLICE_ARG(modes));
}

static void write_claims(const struct lock *l, struct buf *out)
{
	if (l->claims.n)
		buf_adds(out, "\n# A PersistentVolumeClaim may grow, a StatefulSet's template may not change;\n"
			      "# Prometheus and Alertmanager leave their claims to an operator.\n"
			      "claims:\n");
	for (size_t i = 0; i < l->claims.n; i++) {
		const struct lock_claim *c = &l->claims.v[i];

		write_ref(out, c->kind, c->object);
		write_key(out, "name", c->name);
		write_key(out, "storageClassName", c->class_name);
		write_key(out, "size", c->size);
		write_modes(out, c->access_modes);
		write_key(out, "rest", c->rest);
	}
}

static void write_workloads(const struct lock *l, struct buf *out)
{
	if (l->workloads.n)
		buf_adds(out,
			 "\n# What runs, with its immutable fields. Every upgrade creates a Job again.\nworkloads:\n");
	for (size_t i = 0; i < l->workloads.n; i++) {
		const struct lock_workload *w = &l->workloads.v[i];

		write_ref(out, w->kind, w->name);
		write_key(out, "selector", w->selector);
		write_key(out, "serviceName", w->service_name);
		write_key(out, "podManagementPolicy", w->pod_management);
	}
}

static void write_history(const struct lock *l, struct buf *out)
{
	if (l->history.n)
		buf_adds(out, "\n# Every 'lock update', the oldest first.\nhistory:\n");
	for (size_t i = 0; i < l->history.n; i++) {
		const struct lock_entry *e = &l->history.v[i];

		buf_addf(out, "- date: \"" SLICE_FMT "\"\n", SLICE_ARG(e->date));
		write_key(out, "reason", e->reason);
		if (e->changes.n)
			buf_adds(out, "  changes:\n");
		for (size_t k = 0; k < e->changes.n; k++) {
			buf_adds(out, "  - ");
			write_scalar(e->changes.v[k], out);
			buf_addc(out, '\n');
		}
	}
}

void lock_write(const struct lock *l, struct buf *out)
{
	buf_adds(out, head);
	write_choices(l, out);
	write_claims(l, out);
	write_workloads(l, out);
	write_history(l, out);
}
