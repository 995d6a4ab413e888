/*
 * vap.c: the whole export: one ValidatingAdmissionPolicy and its binding for each check and set of resources.
 */
#include "export/policy_text.h"
#include "export/yaml.h"
#include "userfile/syntax.h"

static void policy_text_init(struct policy_text *p)
{
	p->name = p->part = p->old_part = p->texts = p->remarks = p->objects = p->parts = p->after = BUF_TEXT;
}

/* Returns whether some buffer failed. */
static bool policy_text_release(struct policy_text *p)
{
	struct buf *const all[] = {&p->name,	&p->part,    &p->old_part, &p->texts,
				   &p->remarks, &p->objects, &p->parts,	   &p->after};
	bool failed = false;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		failed |= all[i]->failed;
		buf_release(all[i]);
	}
	return failed;
}

/* --- names ----------------------------------------------------------------------------------------------------- */

void vap_name(const struct demands *d, struct buf *out)
{
	buf_addf(out, "pxb-fed-" SLICE_FMT, SLICE_ARG(d->ns));
}

void vap_labels(const struct demands *d, const char *rule, struct buf *out)
{
	buf_adds(out, "  labels:\n    app.kubernetes.io/name: pxb-fed\n");
	yaml_text(out, 4, "app.kubernetes.io/instance", d->ns);
	buf_adds(out, "    app.kubernetes.io/component: admission\n    app.kubernetes.io/managed-by: pxb-fed\n");
	if (rule)
		buf_addf(out, "    pxb-fed/rule: %s\n", rule);
}

enum severity vap_severity(const struct demands *d, enum rule_id rule)
{
	/* On a gateway of its own another host is no danger to anybody else. */
	if (rule == RULE_MESH_HOSTNAME && !d->shared_gateway && d->severity[rule] == SEVERITY_ERROR)
		return SEVERITY_WARNING;
	return d->severity[rule];
}

const char *const *vap_actions(const struct demands *d, const struct vap_options *opt, enum rule_id rule, size_t *n)
{
	static const char *const deny[] = {"Deny"}, *const warn[] = {"Warn"}, *const audit[] = {"Audit"},
				 *const report[] = {"Warn", "Audit"};
	enum severity s = vap_severity(d, rule);

	*n = opt->audit ? 2 : 1;
	if (opt->audit)
		return report;
	return s == SEVERITY_ERROR ? deny : s == SEVERITY_WARNING ? warn : audit;
}

/* --- one policy ------------------------------------------------------------------------------------------------ */

/* An update that leaves the part alone passes; an exception takes names out of what was found. */
static void put_found(struct policy_text *p)
{
	const struct check *c = p->c;
	bool whole = c->part && c->operations == CREATE_UPDATE && !strstr(c->bad, "variables.oldPart");

	if (p->parts_n)
		buf_addc(&p->texts, '(');
	if (whole)
		buf_adds(&p->texts,
			 "request.operation == \"UPDATE\" && variables.part == variables.oldPart ? [] : (\n");
	cel_expand(c->bad, p->set, "object", &p->texts);
	if (whole)
		buf_addc(&p->texts, ')');
}

static void put_excepted(const struct policy_text *p, struct buf *out)
{
	if (!p->parts_n)
		return;
	buf_adds(out, ")\n.filter(p, !((request.kind.kind + \"/\" + object.metadata.name + \" \" + p) in [");
	buf_add(out, buf_slice(&p->parts));
	buf_adds(out, "]))");
}

static void collect(struct policy_text *p)
{
	const struct check *c = p->c;

	vap_name(p->d, &p->name);
	buf_addf(&p->name, "-%s", c->slug);
	if (c->sets & (c->sets - 1)) /* more than one */
		buf_addf(&p->name, "-%s", p->set->suffix);
	p->objects_n = excepted_objects(p->d, c, p->set, &p->objects, &p->remarks);
	p->parts_n = excepted_parts(p->d, c, p->set, &p->parts, &p->remarks);
	if (c->part) {
		cel_expand(c->part, p->set, "object", &p->part);
		buf_adds(&p->old_part, "request.operation == \"UPDATE\" ? (\n");
		cel_expand(c->part, p->set, "oldObject", &p->old_part);
		buf_adds(&p->old_part, ") : []");
	}
	put_excepted(p, &p->after);
	if (!c->bad) {
		p->probes_n = value_probes(p->set != &sets[SET_CONFIGMAPS], buf_slice(&p->after), &p->texts, p->probes,
					   ARRAY_SIZE(p->probes));
		return;
	}
	put_found(p);
	buf_add(&p->texts, buf_slice(&p->after));
	p->probes[0] = (struct probe){.variable = "found", .bad = buf_slice(&p->texts), .message = c->message};
	p->probes_n = 1;
}

static void write_one(const struct demands *d, const struct vap_options *opt, const struct check *c,
		      const struct set *set, struct buf *out)
{
	struct policy_text p = {.d = d, .opt = opt, .c = c, .set = set};

	policy_text_init(&p);
	collect(&p);
	policy_text_write(&p, out);
	out->failed |= policy_text_release(&p);
}

static void put_introduction(const struct demands *d, const struct vap_options *opt, struct buf *out)
{
	cleanup_buf struct buf text = BUF_TEXT;

	buf_addf(&text, "What the API server requires of namespace " SLICE_FMT ", made by 'pxb-fed export vap'.",
		 SLICE_ARG(d->ns));
	yaml_comment(out, 0, 0, buf_str(&text));
	yaml_comment(out, 0, 0,
		     opt->audit
			     ? "Nothing is refused: violations are reported as warnings and in the audit log."
			     : "Errors of the policy are refused, warnings are reported, notes go to the audit log.");
	yaml_comment(out, 0, 0,
		     "Nobody looks at what is there already until it is written, at deletions, and at these objects "
		     "themselves. 'pxb-fed export vap --table' lists what only the gate before the cluster sees.");
	buf_addf(out,
		 "# Apply it with 'kubectl apply -f'. To remove it:\n"
		 "#   kubectl delete validatingadmissionpolicybindings,validatingadmissionpolicies \\\n"
		 "#     -l app.kubernetes.io/name=pxb-fed,app.kubernetes.io/instance=" SLICE_FMT "\n"
		 "#   kubectl delete -n %s configmap pxb-fed-" SLICE_FMT "\n",
		 SLICE_ARG(d->ns), opt->params_ns, SLICE_ARG(d->ns));
	out->failed |= text.failed;
}

void vap_write(const struct demands *d, const struct vap_options *opt, struct buf *out)
{
	put_introduction(d, opt, out);
	params_write(d, opt, out);
	for (size_t i = 0; i < checks_n; i++)
		for (unsigned s = 0; s < SET_COUNT && checks[i].when(d); s++)
			if (checks[i].sets & 1u << s)
				write_one(d, opt, &checks[i], &sets[s], out);
}

int vap_check(const struct demands *d, const struct vap_options *opt, struct err *err)
{
	static const char *const system[] = {"kube-system", "kube-public", "kube-node-lease"};

	if (!d->ns.n)
		return err_set(err, STATUS_USAGE,
			       "the policies apply to one namespace, and neither policy nor lock names it; set "
			       "'namespace' in the policy, or give --release-namespace NS");
	for (size_t i = 0; i < ARRAY_SIZE(system); i++)
		if (slice_is(d->ns, system[i]))
			return err_set(
				err, STATUS_USAGE,
				"'%s' belongs to the cluster itself: no policy for it is made; give the namespace "
				"of the installation",
				system[i]);
	if (!is_dns_label(slice_str(opt->params_ns)))
		return err_set(err, STATUS_USAGE, "--params-namespace must be a DNS label, not '%.80s'",
			       opt->params_ns);
	if (slice_is(d->ns, opt->params_ns))
		return err_set(err, STATUS_USAGE,
			       "the parameters must not be in '%s', the namespace that they guard; give another "
			       "--params-namespace",
			       opt->params_ns);
	return 0;
}
