/*
 * test_policy.c: reading, tightening, finding and writing policies. Run from the root of the source tree.
 */
#include "base/file.h"
#include "policy/policy_text.h"
#include "policy/syntax.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <setjmp.h>
#include <cmocka.h>

#define HEAD "apiVersion: pxb-fed/v1\nkind: Policy\n" /* the body of a case begins in line 3 */
#define EXC  "exceptions:\n- "

static int read_text(struct policy *p, const char *file, const char *head, const char *body, bool tighten, struct err *err)
{
	cleanup_buf struct buf text = BUF_TEXT;

	buf_addf(&text, "%s%s", head, body);
	*err = ERR_INIT;
	return policy_read(p, file, buf_slice(&text), tighten, err);
}

static void must_read(struct policy *p, const char *body)
{
	struct err err;

	if (read_text(p, "p.yaml", HEAD, body, false, &err) < 0)
		fail_msg("%s\n%s", err.text, body);
}

/* --- faults: every message, with its place ------------------------------------------------------------------------- */

#define LABEL "a DNS label (lower case letters, digits and '-', at most 63)"

static const struct {
	const char *body, *message;
} faults[] = {
	{"namespace: [central\n", "4:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence"},
	{"namespace: a\n---\nnamespace: b\n", "5:1: a second document; only the first would be read"},
	{"releaseName: r\nnamespace: a\nnamespace: a\n", "5:1: key 'namespace' stands twice; the first is in line 4"},
	{"serviceMesh: {mode: any, mode: istio}\n", "3:26: key 'mode' stands twice; the first is in line 3"},
	{"releaseName: r\nstorageClassName: *x\n", "4:19: not YAML"},
	{"namespace: &x a\n", "3:12: an anchor or a tag; a policy has plain values only"},
	{"namespace: !!str a\n", "3:12: an anchor or a tag; a policy has plain values only"},
	{"<<: {namespace: a}\n", "3:1: a merge key ('<<'); a policy spells each key out"},
	/* unknown keys */
	{"storageClass: x\n", "3:1: unknown key 'storageClass'; did you mean 'storageClassName'?"},
	{"storage_class_name: x\n", "3:1: unknown key 'storage_class_name'; did you mean 'storageClassName'?"},
	{"telemetri: x\n", "3:1: unknown key 'telemetri'; did you mean 'telemetry'?"},
	{"ArgoCd: x\n", "3:1: unknown key 'ArgoCd'; did you mean 'argoCD'?"},
	{"exception: []\n", "3:1: unknown key 'exception'; did you mean 'exceptions'?"},
	{"servicemesh: {}\n", "3:1: unknown key 'servicemesh'; did you mean 'serviceMesh'?"},
	{"hostName: x\n", "3:1: unknown key 'hostName'; did you mean 'serviceMesh.hostName'?"},
	{"pullSecret: x\n", "3:1: unknown key 'pullSecret'; did you mean 'registry.pullSecret'?"},
	{"metadata: {}\n", "3:1: unknown key 'metadata'"},
	{"on: x\n", "3:1: unknown key 'on'"},
	{"\"a\\eb\": x\n", "3:1: unknown key 'a?b'"},
	{"serviceMesh:\n  hostname: x\n", "4:3: unknown key 'hostname' in 'serviceMesh'; did you mean 'hostName'?"},
	{"serviceMesh: {namespace: x}\n", "3:15: unknown key 'namespace' in 'serviceMesh'; it belongs to the top level"},
	{"registry: {pull-secret: x}\n", "3:12: unknown key 'pull-secret' in 'registry'; did you mean 'pullSecret'?"},
	{"severity: {plain-secrets: note}\n", "3:12: unknown rule 'plain-secrets'; did you mean 'plain-secret'?"},
	{"severity: {x: note}\n", "3:12: unknown rule 'x'"},
	/* wrong types */
	{"namespace: 123\n", "3:12: 'namespace' must be " LABEL "; '123' is a number in YAML unless it stands in quotes"},
	{"namespace: on\n", "3:12: 'namespace' must be " LABEL "; 'on' is a boolean in YAML unless it stands in quotes"},
	{"namespace: \"\"\n", "3:12: 'namespace' has no value; it must be " LABEL},
	{"namespace: ~\n", "3:12: 'namespace' has no value; it must be " LABEL},
	{"namespace: [a]\n", "3:12: 'namespace' must be " LABEL ", not a list"},
	{"serviceMesh: istio\n", "3:14: 'serviceMesh' must be a mapping, not a string"},
	{"registry: [x]\n", "3:11: 'registry' must be a mapping, not a list"},
	{"severity:\n", "3:10: 'severity' has no value; leave the key out or give it keys of its own"},
	{"exceptions:\n", "3:12: 'exceptions' must be a list, not nothing"},
	{"exceptions: {rule: x}\n", "3:13: 'exceptions' must be a list, not a mapping"},
	/* choices */
	{"telemetry: forbiden\n", "3:12: 'telemetry' must be allowed, required or forbidden, not 'forbiden'; did you mean 'forbidden'?"},
	{"telemetry: on\n", "3:12: 'telemetry' must be allowed, required or forbidden; 'on' is a boolean in YAML"},
	{"telemetry: false\n", "3:12: 'telemetry' must be allowed, required or forbidden; 'false' is a boolean in YAML"},
	{"telemetry:\n", "3:11: 'telemetry' has no value; it must be allowed, required or forbidden"},
	{"telemetry: {enabled: true}\n", "3:12: 'telemetry' must be allowed, required or forbidden, not a mapping"},
	{"argoCD: \"true\"\n", "3:9: 'argoCD' must be auto, true or false without quotes"},
	{"argoCD: 1\n", "3:9: 'argoCD' must be auto, true or false; '1' is a number in YAML"},
	{"secondOpinion: always\n", "3:16: 'secondOpinion' must be false or true, not 'always'"},
	{"serviceMesh: {mode: off}\n", "3:21: 'serviceMesh.mode' must be any, none, istio or linkerd; 'off' is a boolean in YAML"},
	{"serviceMesh: {sharedGateway: \"false\"}\n", "3:30: 'serviceMesh.sharedGateway' must be false or true without quotes"},
	{"patch: Chart\n", "3:8: 'patch' must be chart, visible or never, not 'Chart'; did you mean 'chart'?"},
	{"patch: yes\n", "3:8: 'patch' must be chart, visible or never; 'yes' is a boolean in YAML"},
	/* texts */
	{"namespace: Central\n", "3:12: 'namespace' must be " LABEL ", not 'Central'"},
	{"releaseName: a.b\n", "3:14: 'releaseName' must be a DNS label (lower case letters, digits and '-', at most 53), not 'a.b'"},
	{"storageClassName: a_b\n",
	 "3:19: 'storageClassName' must be the name of a StorageClass (lower case letters, digits, '-' and '.'), not 'a_b'"},
	{"serviceMesh: {hostName: \"*\"}\n",
	 "3:25: 'serviceMesh.hostName' must be one host name such as pxb.example.com (lower case; no '*', scheme, port or path), not '*'"},
	{"registry: {host: \"https://user:pw@r.example.com/x\"}\n",
	 "3:18: 'registry.host' must be a host and perhaps a port, such as registry.example.com:5000 (no scheme; a path goes into "
	 "registry.repository), not '***@r.example.com/x'"},
	{"registry: {host: r, repository: /pxb}\n",
	 "3:33: 'registry.repository' must be a repository path such as 'pxb' or 'team/pxb' (lower case, no leading or trailing '/'), not "
	 "'/pxb'"},
	{"registry: {host: r, pullSecret: A}\n",
	 "3:33: 'registry.pullSecret' must be the name of a Secret (lower case letters, digits, '-' and '.'), not 'A'"},
	/* several keys */
	{"serviceMesh: {sharedGateway: true}\n",
	 "3:30: 'serviceMesh.sharedGateway' is true, so 'serviceMesh.hostName' must say which host is ours"},
	{"serviceMesh: {sharedGateway: true, hostName: a.b, mode: linkerd}\n",
	 "3:30: 'serviceMesh.sharedGateway' is true, but only mode istio (or any) has a gateway"},
	{"registry: {repository: pxb}\n", "3:24: 'registry.repository' needs 'registry.host'"},
	{"registry: {pullSecret: s}\n", "3:24: 'registry.pullSecret' needs 'registry.host'"},
	/* severity */
	{"severity: {plain-secret: off}\n",
	 "3:26: severity of 'plain-secret' must be error, warning or note, not 'off'; no rule can be switched off"},
	{"severity: {plain-secret: }\n",
	 "3:26: severity of 'plain-secret' must be error, warning or note, not nothing; no rule can be switched off"},
	{"severity: {cloud-credential: note}\n", "3:30: severity of 'cloud-credential' cannot be lowered to note; it is always error"},
	/* exceptions */
	{"exceptions: [plain-secret]\n", "3:14: an exception must be a mapping with rule, object, reason and expires, not a string"},
	{EXC "{object: A/b, reason: r, expires: 2027-01-31}\n", "4:3: an exception needs 'rule': the id of a rule"},
	{EXC "{rule: plain-secret, reason: r, expires: 2027-01-31}\n",
	 "4:3: an exception needs 'object': Kind/name, such as ConfigMap/pxcentral-admin-user"},
	{EXC "{rule: plain-secret, object: A/b, expires: 2027-01-31}\n", "4:3: an exception needs 'reason': a sentence that says why"},
	{EXC "{rule: plain-secret, object: A/b, reason: r}\n",
	 "4:3: an exception needs 'expires': the last day of the exception, such as 2027-01-31"},
	{EXC "rule: plain-secret\n  expire: x\n", "5:3: unknown key 'expire' in 'exceptions'; did you mean 'expires'?"},
	{EXC "{rule: plain_secret, object: A/b, reason: r, expires: 2027-01-31}\n", "4:10: unknown rule 'plain_secret'; did you mean 'plain-secret'?"},
	{EXC "{rule: plain-secret, object: b, reason: r, expires: 2027-01-31}\n",
	 "4:32: 'object' must be Kind/name, such as ConfigMap/pxcentral-admin-user, not 'b'"},
	{EXC "{rule: plain-secret, object: A/b, path: $.x, reason: r, expires: 2027-01-31}\n",
	 "4:43: 'path' must be a place as findings write it, such as data.KEY or spec.containers[name].image, not '$.x'"},
	{EXC "{rule: plain-secret, object: A/b, path: \"\", reason: r, expires: 2027-01-31}\n",
	 "4:43: 'path' has no value; it must be a place as findings write it, such as data.KEY or spec.containers[name].image"},
	{EXC "{rule: plain-secret, object: A/b, reason: \" \", expires: 2027-01-31}\n", "4:45: 'reason' must be a sentence that says why"},
	{EXC "{rule: plain-secret, object: A/b, reason: r, expires: 2027-02-29}\n",
	 "4:57: 'expires' must be a day that exists, written like 2027-01-31, not '2027-02-29'"},
	{EXC "{rule: plain-secret, object: A/b, reason: r, expires: 20270131}\n",
	 "4:57: 'expires' must be the last day of the exception, such as 2027-01-31; '20270131' is a number in YAML unless it stands in quotes"},
	{EXC "{rule: cloud-credential, object: A/b, reason: r, expires: 2027-01-31}\n",
	 "4:3: an exception from 'cloud-credential' needs a 'path': it holds for one place, never for a whole object"},
	{EXC "{rule: federated-flag, object: A/b, reason: r, expires: 2027-01-31}\n", "4:10: rule 'federated-flag' allows no exception"},
	{EXC "{rule: values, object: A/b, reason: r, expires: 2027-01-31}\n",
	 "4:10: rule 'values' allows no exception: values files hold no objects; lower its severity instead"},
	{EXC "{rule: plain-secret, object: A/b, reason: r, expires: 2027-01-31}\n"
	     "- {rule: plain-secret, object: A/b, reason: s, expires: 2028-01-31}\n",
	 "5:3: this exception repeats the one at p.yaml:4"},
};

static void check_fault(const char *head, const char *body, const char *message)
{
	struct policy p;
	struct err err;

	policy_init(&p);
	if (read_text(&p, "p.yaml", head, body, false, &err) != STATUS_USAGE)
		fail_msg("not refused:\n%s", body);
	if (strncmp(err.text, "p.yaml:", 7) != 0 || strncmp(err.text + 7, message, strlen(message)) != 0 ||
	    (strcmp(err.text + 7, message) != 0 && !strstr(message, "not YAML")))
		fail_msg("%s\n  got  %s\n  want p.yaml:%s", body, err.text, message);
	policy_release(&p);
}

static void test_faults(void **state)
{
	static const char missing[] = "is missing; a policy begins with 'apiVersion: pxb-fed/v1' and 'kind: Policy'";
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		check_fault(strstr(faults[i].message, "not YAML") && strchr(faults[i].body, '*') ? HEAD "# \xc3\xa9\n" + 0 : HEAD, faults[i].body,
			    strchr(faults[i].body, '*') && strstr(faults[i].message, "not YAML")
				    ? "5:19: an alias without its anchor in the same document"
				    : faults[i].message);
	check_fault("", "", "1:1: the policy is empty; it begins with 'apiVersion: pxb-fed/v1' and 'kind: Policy'");
	check_fault("", "# nothing\n---\n", "1:1: the policy is empty; it begins with 'apiVersion: pxb-fed/v1' and 'kind: Policy'");
	check_fault("", "- a\n", "1:1: a policy must be a mapping, not a list");
	snprintf(text, sizeof(text), "1:1: 'apiVersion' %s", missing);
	check_fault("", "kind: Policy\n", text);
	snprintf(text, sizeof(text), "1:1: 'kind' %s", missing);
	check_fault("", "apiVersion: pxb-fed/v1\n", text);
	check_fault("", "apiVersion: pxb-fed/v2\nkind: Policy\nnew: 1\n", "1:13: 'apiVersion' must be 'pxb-fed/v1', not 'pxb-fed/v2'");
	check_fault("", "apiVersion: pxb-fed/v1\nkind: [Policy]\n", "2:7: 'kind' must be 'Policy', not a list");
	check_fault("", "namespace: a\xff\n", "1:13: ");
}
