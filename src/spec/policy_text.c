/*
 * policy_text.c: the policy that says the same as the answers, so that a later render with other values is refused.
 */
#include "policy/policy_text.h"
#include "spec/spec.h"
#include "yaml/stream.h"

static void write_text(struct buf *out, const char *lead, struct slice text, const char *why)
{
	buf_adds(out, lead);
	scalar_write(text, STYLE_PLAIN, out);
	buf_addf(out, "%s%s\n", why ? " # " : "", why ? why : "");
}

static void write_mesh(const struct answers *a, struct buf *out)
{
	buf_addf(out, "serviceMesh:\n  mode: " SLICE_FMT "\n", SLICE_ARG(a->text[ANSWER_MESH]));
	if (!answer_is(a, ANSWER_MESH, "istio"))
		return;
	buf_addf(out, "  sharedGateway: " SLICE_FMT "\n", SLICE_ARG(a->text[ANSWER_MESH_SHARED]));
	if (a->text[ANSWER_MESH_HOST].n)
		write_text(out, "  hostName: ", a->text[ANSWER_MESH_HOST], NULL);
}

static void write_registry(const struct answers *a, struct buf *out)
{
	if (!a->text[ANSWER_REGISTRY].n)
		return;
	write_text(out, "registry:\n  host: ", a->text[ANSWER_REGISTRY], "every image comes from here");
	write_text(out, "  repository: ", a->text[ANSWER_REPOSITORY], NULL);
	write_text(out, "  pullSecret: ", a->text[ANSWER_PULL_SECRET], NULL);
}

/* The chart stores the client secret in a ConfigMap whatever one does. */
static void write_exceptions(const struct answers *a, struct buf *out)
{
	if (!answer_is(a, ANSWER_OIDC, "true"))
		return;
	buf_adds(out, "exceptions:\n"
		      "- rule: plain-secret\n"
		      "  object: ConfigMap/pxcentral-admin-user\n"
		      "  path: data.EXTERNAL_OIDC_CLIENT_SECRET\n"
		      "  reason: the chart takes the client secret of Auth0 only as a value and stores it here\n");
	write_text(out, "  expires: ", a->text[ANSWER_OIDC_EXPIRES], NULL);
}

void spec_write_policy(const struct answers *a, struct buf *out)
{
	buf_addf(out,
		 "# What this installation was specified with. pxb-fed refuses a render that says something else.\n"
		 "# Written by 'pxb-fed spec' for px-central " SLICE_FMT "; all keys: docs/policy.md\n"
		 "apiVersion: pxb-fed/v1\nkind: Policy\n",
		 SLICE_ARG(a->text[ANSWER_VERSION]));
	policy_write_requires(out);
	write_text(out, "namespace: ", a->text[ANSWER_NAMESPACE], "one-time choice");
	write_text(out, "releaseName: ", a->text[ANSWER_RELEASE], "one-time choice");
	write_text(out, "storageClassName: ", a->text[ANSWER_STORAGE_CLASS], "one-time choice");
	buf_addf(out, "telemetry: %s\n", answer_is(a, ANSWER_TELEMETRY, "true") ? "required" : "forbidden");
	buf_addf(out, "argoCD: " SLICE_FMT "\n", SLICE_ARG(a->text[ANSWER_ARGO]));
	write_mesh(a, out);
	write_registry(a, out);
	write_exceptions(a, out);
}
