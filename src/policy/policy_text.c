#include "policy/policy_text.h"

#include "kube/version.h"
#include "policy/policy_key.h"

enum { ORIGIN_COLUMN = 44 };

/* --- lines ----------------------------------------------------------------------------------------------------- */

/* A file name may hold anything; a comment must not end, and must stay readable to every reader of YAML. */
static void write_comment(struct buf *out, struct slice text)
{
	size_t at;
	const char *why;
	bool odd_breaks, ascii_only = !bytes_valid(text, &odd_breaks, &at, &why) || odd_breaks;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		buf_addc(out, c < ' ' || c == 0x7f || (ascii_only && c > 0x7f) ? '?' : (char)c);
	}
}

/* Ends the line that began at `from` with where its value comes from. */
static void end_line(struct buf *out, size_t from, struct origin origin, const char *remark)
{
	size_t width = out->n - from;

	buf_fill(out, ' ', width < ORIGIN_COLUMN ? ORIGIN_COLUMN - width : 2);
	buf_adds(out, "# ");
	write_comment(out, slice_str(origin_where(origin).text));
	buf_adds(out, remark);
	buf_addc(out, '\n');
}

static void write_value(const struct policy *p, enum policy_field f, struct buf *out)
{
	if (policy_keys[f].words)
		buf_adds(out, policy_word(p, f));
	else
		scalar_write(policy_text(p, f), STYLE_PLAIN, out);
}

static bool is_set(const struct policy *p, enum policy_field f)
{
	return policy_keys[f].words || policy_text(p, f).n;
}

static bool same_section(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Calls fn for the keys in their order, and before the first of a section for its name. */
static void each_key(const struct policy *p, struct buf *out,
		     void (*open)(const struct policy *, const char *section, struct buf *),
		     void (*one)(const struct policy *, enum policy_field, struct buf *))
{
	const char *section = NULL;

	for (unsigned i = 0; i < POLICY_FIELDS; i++) {
		const struct policy_key *k = &policy_keys[i];

		if (k->section && !same_section(section, k->section))
			open(p, k->section, out);
		section = k->section;
		one(p, (enum policy_field)i, out);
	}
}

/* --- the effective policy -------------------------------------------------------------------------------------- */

static void open_effective(const struct policy *p, const char *section, struct buf *out)
{
	bool any = false;

	for (unsigned i = 0; i < POLICY_FIELDS; i++)
		any |= same_section(policy_keys[i].section, section) && is_set(p, (enum policy_field)i);
	buf_addf(out, "%s%s:\n", any ? "" : "# ", section);
}

static void write_effective_key(const struct policy *p, enum policy_field f, struct buf *out)
{
	const struct policy_key *k = &policy_keys[f];
	size_t from = out->n;

	buf_addf(out, "%s%s%s: ", k->section ? "  " : "", is_set(p, f) ? "" : "# ", k->key);
	if (is_set(p, f))
		write_value(p, f, out);
	else
		buf_addf(out, "(%s)", k->unset);
	end_line(out, from, p->origin[f], "");
}

static void write_severities(const struct policy *p, struct buf *out)
{
	bool any = false;

	for (unsigned i = 0; i < RULE_COUNT; i++)
		any |= p->severity[i] != SEVERITY_UNSET;
	buf_adds(out, any ? "severity:\n" : "# severity:\n");
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		size_t from = out->n;

		/* A rule's own severity is no decision of the policy: read back, it must stay open. */
		buf_addf(out, "  %s%s: %s", p->severity[i] == SEVERITY_UNSET ? "# " : "", rule_infos[i].id,
			 severity_name(policy_severity(p, (enum rule_id)i)));
		end_line(out, from, p->severity_origin[i], "");
	}
}

static void write_part(struct buf *out, const char *lead, const char *key, struct slice text)
{
	buf_addf(out, "%s%s: ", lead, key);
	scalar_write(text, STYLE_PLAIN, out);
	buf_addc(out, '\n');
}

static void write_texts(const struct slice *v, size_t n, const char *key, struct buf *out)
{
	if (n)
		buf_addf(out, "  %s:\n", key);
	for (size_t i = 0; i < n; i++) {
		buf_adds(out, "  - ");
		scalar_write(v[i], STYLE_SINGLE, out);
		buf_addc(out, '\n');
	}
}

static void write_credentials(const struct policy *p, struct buf *out)
{
	if (!p->credential_names.n && !p->credential_patterns.n)
		return;
	buf_adds(out, "credentials:\n");
	write_texts(p->credential_names.v, p->credential_names.n, "names", out);
	write_texts(p->credential_patterns.v, p->credential_patterns.n, "patterns", out);
}

static void write_exceptions(const struct policy *p, struct buf *out)
{
	size_t from = out->n;

	if (!p->exceptions.n) {
		buf_adds(out, "exceptions: []");
		end_line(out, from, (struct origin){0}, "");
		return;
	}
	buf_adds(out, "exceptions:\n");
	for (size_t i = 0; i < p->exceptions.n; i++) {
		const struct policy_exception *e = &p->exceptions.v[i];
		cleanup_buf struct buf object = BUF_TEXT;

		from = out->n;
		buf_addf(out, "- rule: %s", rule_infos[e->rule].id);
		end_line(out, from, e->origin, e->expired ? ", expired" : "");
		buf_add(&object, e->object);
		out->failed |= object.failed;
		write_part(out, "  ", "object", buf_slice(&object));
		if (e->path.n)
			write_part(out, "  ", "path", e->path);
		write_part(out, "  ", "reason", e->reason);
		write_part(out, "  ", "expires", slice_str(e->expires));
	}
}

void policy_write_effective(const struct policy *p, struct buf *out)
{
	buf_adds(out, "apiVersion: " OWN_API_VERSION "\nkind: " POLICY_KIND "\n");
	each_key(p, out, open_effective, write_effective_key);
	write_severities(p, out);
	write_credentials(p, out);
	write_exceptions(p, out);
}

/* --- the template ---------------------------------------------------------------------------------------------- */

static bool is_fact(const struct policy *p, enum policy_field f)
{
	return p->origin[f].file != NULL;
}

static void open_template(const struct policy *p, const char *section, struct buf *out)
{
	bool any = false;

	for (unsigned i = 0; i < POLICY_FIELDS; i++)
		any |= same_section(policy_keys[i].section, section) && is_fact(p, (enum policy_field)i);
	buf_addf(out, "\n%s%s:\n", any ? "" : "#", section);
}

static void write_template_key(const struct policy *p, enum policy_field f, struct buf *out)
{
	const struct policy_key *k = &policy_keys[f];
	const char *lead = k->section ? "  " : "";
	size_t from;

	if (!k->section)
		buf_addc(out, '\n');
	buf_addf(out, "%s# %s", lead, k->help);
	if (k->unset)
		buf_addf(out, " Not set: %s.", k->unset);
	buf_addc(out, '\n');
	from = out->n;
	if (is_fact(p, f)) {
		buf_addf(out, "%s%s: ", lead, k->key);
		write_value(p, f, out);
		end_line(out, from, p->origin[f], "");
		return;
	}
	buf_addf(out, "%s#%s: ", lead, k->key);
	if (k->words)
		buf_adds(out, k->example);
	else
		scalar_write(slice_str(k->example), STYLE_PLAIN, out);
	buf_addc(out, '\n');
}

static void write_template_severities(struct buf *out)
{
	buf_adds(out, "\n# How a rule's findings count: error, warning or note. `pxb-fed explain` lists the rules.\n"
		      "# Only these can be lowered; the others are always errors.\n"
		      "#severity:\n");
	for (unsigned i = 0; i < RULE_COUNT; i++)
		if (rule_infos[i].lowerable)
			buf_addf(out, "  #%s: %s\n", rule_infos[i].id, severity_name(rule_infos[i].severity));
}

void policy_write_requires(struct buf *out)
{
	struct version own = version_parse(SLICE(PXB_VERSION));

	buf_addf(out, "requires: '%lu.%lu'\n", own.part[0], own.part[1]);
}

void policy_write_template(const struct policy *facts, struct buf *out)
{
	buf_adds(out, "# Policy of pxb-fed: what an installation of Portworx Backup in Federated mode must look like.\n"
		      "# Take the '#' right before a key away to set it. An unknown key is an error.\n"
		      "apiVersion: " OWN_API_VERSION "\nkind: " POLICY_KIND "\n");
	buf_adds(out, "# The version whose keys the file uses; an earlier one refuses the file and says so.\n");
	policy_write_requires(out);
	each_key(facts, out, open_template, write_template_key);
	write_template_severities(out);
	buf_adds(out, "\n# What may pass all the same: one object, one reason, one last day (UTC); afterwards it is an "
		      "error again.\n"
		      "#exceptions:\n"
		      "#- rule: plain-secret\n"
		      "  #object: ConfigMap/pxcentral-admin-user\n"
		      "  #path: data.EXTERNAL_OIDC_CLIENT_SECRET\n"
		      "  #reason: Auth0 client secret, see ticket SEC-123\n"
		      "  #expires: 2027-01-31\n");
}
