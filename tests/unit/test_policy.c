/*
 * test_policy.c: reading, tightening, finding and writing policies. Run from the root of the source tree.
 */
#include "base/file.h"
#include "policy/policy_key.h"
#include "policy/policy_text.h"
#include "userfile/syntax.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <cmocka.h>

#define HEAD "apiVersion: pxb-fed/v1\nkind: Policy\n" /* the body of a case begins in line 3 */
#define EXC  "exceptions:\n- "

static int read_text(struct policy *p, const char *file, const char *head, const char *body, bool tighten,
		     struct err *err)
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

/* --- faults: every message, with its place --------------------------------------------------------------------- */

#define LABEL "a DNS label (lower case letters, digits and '-', at most 63)"

static const struct {
	const char *body, *message;
} faults[] = {
	{"namespace: [central\n", "4:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence"},
	{"namespace: a\n---\nnamespace: b\n", "5:1: a second document; a file of this kind has one"},
	{"releaseName: r\nnamespace: a\nnamespace: a\n",
	 "5:1: key 'namespace' is defined twice; the first is on line 4"},
	{"serviceMesh: {mode: any, mode: istio}\n", "3:26: key 'mode' is defined twice; the first is on line 3"},
	{"releaseName: r\nstorageClassName: *x\n", "4:19: an alias without its anchor in the same document"},
	{"namespace: &x a\n", "3:12: an anchor, alias or tag; a policy has plain values only"},
	{"namespace: !!str a\n", "3:12: an anchor, alias or tag; a policy has plain values only"},
	{"<<: {namespace: a}\n", "3:1: a merge key ('<<'); a policy spells each key out"},
	/* the version that the file needs */
	{"requires: '99.1'\n", "3:11: policy needs pxb-fed 99.1; this is " PXB_VERSION},
	{"retention: x\nrequires: '99.1'\n",
	 "3:1: unknown key 'retention': policy needs pxb-fed 99.1; this is " PXB_VERSION},
	{"requires: '99.1'\nstorageClass: x\n",
	 "4:1: unknown key 'storageClass': policy needs pxb-fed 99.1; this is " PXB_VERSION},
	{"requires: '99.1'\nhostName: x\n",
	 "4:1: unknown key 'hostName': policy needs pxb-fed 99.1; this is " PXB_VERSION},
	{"requires: '99.1'\nclusters: {az: x}\n",
	 "4:12: unknown key 'az' in 'clusters': policy needs pxb-fed 99.1; this is " PXB_VERSION},
	{"requires: '99.1'\ncredentials: {x: []}\n",
	 "4:15: unknown key 'x' in 'credentials': policy needs pxb-fed 99.1; this is " PXB_VERSION},
	{"requires: '99.1'\nseverity: {storage-clas: error}\n",
	 "4:12: unknown rule 'storage-clas': policy needs pxb-fed 99.1; this is " PXB_VERSION},
	{"requires: '99.1'\ntelemetry: require\n", "4:12: 'telemetry' must be allowed, required or forbidden, not "
						   "'require': policy needs pxb-fed 99.1; this is " PXB_VERSION},
	{"requires: '99.1'\nnamespace: A\n", "4:12: 'namespace' must be " LABEL ", not 'A'"},
	{"requires: '0.1'\nstorageClass: x\n", "4:1: unknown key 'storageClass'; did you mean 'storageClassName'?"},
	{"requires: 0.2\n",
	 "3:11: 'requires' must be a version of pxb-fed such as '0.1', in quotes; '0.2' is a number in YAML "
	 "unless it is quoted"},
	{"requires: '>=0.2'\n", "3:11: 'requires' must be a version of pxb-fed such as '0.1', in quotes, not '>=0.2'"},
	{"requires: '2'\n", "3:11: 'requires' must be a version of pxb-fed such as '0.1', in quotes, not '2'"},
	{"requires:\n", "3:10: 'requires' has no value; it must be a version of pxb-fed such as '0.1', in quotes"},
	{"require: '0.1'\n", "3:1: unknown key 'require'; did you mean 'requires'?"},
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
	{"serviceMesh: {namespace: x}\n",
	 "3:15: unknown key 'namespace' in 'serviceMesh'; it belongs to the top level"},
	{"registry: {pull-secret: x}\n", "3:12: unknown key 'pull-secret' in 'registry'; did you mean 'pullSecret'?"},
	{"severity: {plain-secrets: note}\n", "3:12: unknown rule 'plain-secrets'; did you mean 'plain-secret'?"},
	{"severity: {x: note}\n", "3:12: unknown rule 'x'"},
	/* wrong types */
	{"namespace: 123\n", "3:12: 'namespace' must be " LABEL "; '123' is a number in YAML unless it is quoted"},
	{"namespace: on\n", "3:12: 'namespace' must be " LABEL "; 'on' is a boolean in YAML unless it is quoted"},
	{"namespace: \"\"\n", "3:12: 'namespace' has no value; it must be " LABEL},
	{"namespace: ~\n", "3:12: 'namespace' has no value; it must be " LABEL},
	{"namespace: [a]\n", "3:12: 'namespace' must be " LABEL ", not a list"},
	{"serviceMesh: istio\n", "3:14: 'serviceMesh' must be a mapping, not a string"},
	{"registry: [x]\n", "3:11: 'registry' must be a mapping, not a list"},
	{"severity:\n", "3:10: 'severity' has no value; leave the key out or give it keys of its own"},
	{"exceptions:\n", "3:12: 'exceptions' must be a list, not nothing"},
	{"exceptions: {rule: x}\n", "3:13: 'exceptions' must be a list, not a mapping"},
	/* choices */
	{"telemetry: forbiden\n",
	 "3:12: 'telemetry' must be allowed, required or forbidden, not 'forbiden'; did you mean 'forbidden'?"},
	{"telemetry: on\n", "3:12: 'telemetry' must be allowed, required or forbidden; 'on' is a boolean in YAML"},
	{"telemetry: false\n",
	 "3:12: 'telemetry' must be allowed, required or forbidden; 'false' is a boolean in YAML"},
	{"telemetry:\n", "3:11: 'telemetry' has no value; it must be allowed, required or forbidden"},
	{"telemetry: {enabled: true}\n", "3:12: 'telemetry' must be allowed, required or forbidden, not a mapping"},
	{"argoCD: \"true\"\n", "3:9: 'argoCD' must be auto, true or false without quotes"},
	{"argoCD: 1\n", "3:9: 'argoCD' must be auto, true or false; '1' is a number in YAML"},
	{"secondOpinion: always\n", "3:16: 'secondOpinion' must be false or true, not 'always'"},
	{"serviceMesh: {mode: off}\n",
	 "3:21: 'serviceMesh.mode' must be any, none, istio or linkerd; 'off' is a boolean in YAML"},
	{"serviceMesh: {sharedGateway: \"false\"}\n",
	 "3:30: 'serviceMesh.sharedGateway' must be false or true without quotes"},
	{"patch: Chart\n", "3:8: 'patch' must be chart, visible or never, not 'Chart'; did you mean 'chart'?"},
	{"patch: yes\n", "3:8: 'patch' must be chart, visible or never; 'yes' is a boolean in YAML"},
	/* texts */
	{"namespace: Central\n", "3:12: 'namespace' must be " LABEL ", not 'Central'"},
	{"releaseName: a.b\n",
	 "3:14: 'releaseName' must be a DNS label (lower case letters, digits and '-', at most 53), not 'a.b'"},
	{"storageClassName: a_b\n", "3:19: 'storageClassName' must be the name of a StorageClass (lower case letters, "
				    "digits, '-' and '.'), not 'a_b'"},
	{"serviceMesh: {hostName: \"*\"}\n", "3:25: 'serviceMesh.hostName' must be one host name such as "
					     "pxb.example.com (lower case; no '*', scheme, port or path), not '*'"},
	{"registry: {host: \"https://user:pw@r.example.com/x\"}\n",
	 "3:18: 'registry.host' must be a host and perhaps a port, such as registry.example.com:5000 (no scheme; a "
	 "path goes into "
	 "registry.repository), not '***@r.example.com/x'"},
	{"registry: {host: r, repository: /pxb}\n", "3:33: 'registry.repository' must be a repository path such as "
						    "'pxb' or 'team/pxb' (lower case, no leading or trailing '/'), not "
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
	{"severity: {cloud-credential: note}\n",
	 "3:30: severity of 'cloud-credential' cannot be lowered to note; it is always error"},
	/* exceptions */
	{"exceptions: [plain-secret]\n",
	 "3:14: an exception must be a mapping with rule, object, reason and expires, not a string"},
	{EXC "{object: A/b, reason: r, expires: 2027-01-31}\n", "4:3: an exception needs 'rule': the id of a rule"},
	{EXC "{rule: plain-secret, reason: r, expires: 2027-01-31}\n",
	 "4:3: an exception needs 'object': KIND[.GROUP]/[NAMESPACE/]NAME, such as ConfigMap/pxcentral-admin-user"},
	{EXC "{rule: plain-secret, object: A/b, expires: 2027-01-31}\n",
	 "4:3: an exception needs 'reason': a sentence that says why"},
	{EXC "{rule: plain-secret, object: A/b, reason: r}\n",
	 "4:3: an exception needs 'expires': the last day of the exception, such as 2027-01-31"},
	{EXC "rule: plain-secret\n  expire: x\n", "5:3: unknown key 'expire' in 'exceptions'; did you mean 'expires'?"},
	{EXC "{rule: plain_secret, object: A/b, reason: r, expires: 2027-01-31}\n",
	 "4:10: unknown rule 'plain_secret'; did you mean 'plain-secret'?"},
	{EXC "{rule: plain-secret, object: b, reason: r, expires: 2027-01-31}\n",
	 "4:32: 'object' must be KIND[.GROUP]/[NAMESPACE/]NAME, such as ConfigMap/pxcentral-admin-user, not 'b'"},
	{EXC "{rule: plain-secret, object: A/b, path: $.x, reason: r, expires: 2027-01-31}\n",
	 "4:43: 'path' must be a place as findings write it, such as data.KEY or spec.containers[name].image, not "
	 "'$.x'"},
	{EXC "{rule: plain-secret, object: A/b, path: \"\", reason: r, expires: 2027-01-31}\n",
	 "4:43: 'path' has no value; it must be a place as findings write it, such as data.KEY or "
	 "spec.containers[name].image"},
	{EXC "{rule: plain-secret, object: A/b, reason: \" \", expires: 2027-01-31}\n",
	 "4:45: 'reason' must be a sentence that says why"},
	{EXC "{rule: plain-secret, object: A/b, reason: r, expires: 2027-02-29}\n",
	 "4:57: 'expires' must be a day that exists, written like 2027-01-31, not '2027-02-29'"},
	{EXC "{rule: plain-secret, object: A/b, reason: r, expires: 20270131}\n",
	 "4:57: 'expires' must be the last day of the exception, such as 2027-01-31; '20270131' is a number in YAML "
	 "unless it is quoted"},
	{EXC "{rule: cloud-credential, object: A/b, reason: r, expires: 2027-01-31}\n",
	 "4:3: an exception from 'cloud-credential' needs a 'path': it covers one place, never a whole object"},
	{EXC "{rule: federated-flag, object: A/b, reason: r, expires: 2027-01-31}\n",
	 "4:10: rule 'federated-flag' allows no exception"},
	{EXC "{rule: values, object: A/b, reason: r, expires: 2027-01-31}\n",
	 "4:10: rule 'values' allows no exception: values files contain no objects; lower its severity instead"},
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
	if (strncmp(err.text, "p.yaml:", 7) != 0 || strcmp(err.text + 7, message) != 0)
		fail_msg("%s\n  got  %s\n  want p.yaml:%s", body, err.text, message);
	policy_release(&p);
}

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		check_fault(HEAD, faults[i].body, faults[i].message);
	check_fault("", "", "1:1: the policy is empty; it begins with 'apiVersion: pxb-fed/v1' and 'kind: Policy'");
	check_fault("", "# nothing\n---\n",
		    "1:1: the policy is empty; it begins with 'apiVersion: pxb-fed/v1' and 'kind: Policy'");
	check_fault("", "- a\n", "1:1: a policy must be a mapping, not a list");
	check_fault("", "kind: Policy\n",
		    "1:1: 'apiVersion' is missing; a policy begins with 'apiVersion: pxb-fed/v1' and 'kind: Policy'");
	check_fault("", "apiVersion: pxb-fed/v1\n",
		    "1:1: 'kind' is missing; a policy begins with 'apiVersion: pxb-fed/v1' and 'kind: Policy'");
	check_fault(
		"", "apiVersion: pxb-fed/v2\nkind: Policy\nnew: 1\n",
		"1:13: 'apiVersion' must be 'pxb-fed/v1', not 'pxb-fed/v2': a newer pxb-fed is needed to read this");
	check_fault("", "apiVersion: pxb-fed/v1\nkind: [Policy]\n", "2:7: 'kind' must be 'Policy', not a list");
	check_fault("", "namespace: a\xff\n", "1:13: invalid UTF-8");
	check_fault("", "{\"apiVersion\": \"pxb-fed/v1\", \"kind\": \"Policy\", \"patch\": \"none\"}",
		    "1:57: 'patch' must be chart, visible or never, not 'none'");
}

/* --- what is accepted, and what it means ----------------------------------------------------------------------- */

static const char effective_default[] =
	"telemetry: allowed|mode: any|sharedGateway: false|argoCD: auto|patch: chart|secondOpinion: true|";

/* The lines of the effective policy that set something, without origins, joined by '|'. */
static void meaning(const struct policy *p, struct buf *out)
{
	cleanup_buf struct buf text = BUF_TEXT;
	struct slice rest;

	policy_write_effective(p, &text);
	assert_false(text.failed);
	rest = buf_slice(&text);
	while (rest.p && rest.n) {
		struct slice line = slice_trim(slice_cut(rest, '\n', &rest));
		size_t comment = slice_find(line, "  # ");

		if (line.n == 0 || line.p[0] == '#' || slice_starts(line, "apiVersion") ||
		    slice_is(line, "kind: Policy") || slice_ends(line, ":") || slice_starts(line, "exceptions: []"))
			continue;
		buf_add(out, slice_trim(slice_to(line, comment == SIZE_MAX ? line.n : comment)));
		buf_addc(out, '|');
	}
}

static void check_meaning(const struct policy *p, const char *want)
{
	cleanup_buf struct buf got = BUF_TEXT;

	meaning(p, &got);
	assert_string_equal(buf_str(&got), want);
}

static void check_accepts(const char *body, const char *want)
{
	struct policy p;

	policy_init(&p);
	must_read(&p, body);
	check_meaning(&p, want);
	policy_release(&p);
}

static void test_accepts(void **state)
{
	struct policy p;
	struct err err;

	(void)state;
	check_accepts("", effective_default);
	check_accepts("serviceMesh: {}\nregistry: {}\nseverity: {}\nexceptions: []\n", effective_default);
	check_accepts("telemetry: required\nargoCD: off\nsecondOpinion: no\npatch: never\nserviceMesh: {mode: linkerd, "
		      "sharedGateway: n}\n",
		      "telemetry: required|mode: linkerd|sharedGateway: false|argoCD: false|patch: "
		      "never|secondOpinion: false|");
	check_accepts(
		"argoCD: true\npatch: visible\nserviceMesh: {mode: istio, sharedGateway: on, hostName: "
		"pxb.example.com}\n"
		"namespace: \"123\"\nreleaseName: px-central\nstorageClassName: px.csi-db\n"
		"registry: {host: \"R.example.com:5000\", repository: team/pxb, pullSecret: docregistry-secret}\n",
		"namespace: \"123\"|releaseName: px-central|storageClassName: px.csi-db|telemetry: allowed|mode: "
		"istio|sharedGateway: true|"
		"hostName: pxb.example.com|host: \"R.example.com:5000\"|repository: team/pxb|pullSecret: "
		"docregistry-secret|argoCD: true|"
		"patch: visible|secondOpinion: true|");
	policy_init(&p);
	assert_int_equal(0, read_text(&p, "p.json", "",
				      "{\"apiVersion\": \"pxb-fed/v1\", \"kind\": \"Policy\", \"argoCD\": false}",
				      false, &err));
	assert_int_equal(p.argo_cd, ARGO_FALSE);
	assert_string_equal(p.origin[POLICY_ARGO_CD].file, "p.json");
	assert_int_equal(p.origin[POLICY_ARGO_CD].line, 1);
	policy_release(&p);
}

/* Every rule: which severities a policy may give it, and whether it can be excepted, with and without a path. */
static void test_rules(void **state)
{
	static const char *const never[] = {"stream",	      "ambiguous-yaml",	       "exception-expired",
					    "federated-flag", "federated-unsupported", "unverifiable",
					    "values",	      "mode-locked",	       "namespace-locked",
					    "storage-locked", "selector-locked",       "encryption-locked"};
	static const char *const floor[] = {"stream",		"ambiguous-yaml",
					    "cloud-credential", "cloud-credential-reference",
					    "federated-flag",	"federated-unsupported",
					    "unverifiable",	"mode-locked",
					    "namespace-locked", "storage-locked",
					    "selector-locked",	"encryption-locked"};

	(void)state;
	for (unsigned rule = 0; rule < RULE_COUNT; rule++) {
		const char *id = rule_infos[rule].id;
		bool may_lower = true, may_except = true;
		char body[200];
		struct err err;
		struct policy p;

		for (size_t i = 0; i < ARRAY_SIZE(floor); i++)
			may_lower &= strcmp(floor[i], id) != 0;
		for (size_t i = 0; i < ARRAY_SIZE(never); i++)
			may_except &= strcmp(never[i], id) != 0;
		for (unsigned s = SEVERITY_NOTE; s <= SEVERITY_ERROR; s++) {
			policy_init(&p);
			assert_int_equal(policy_severity(&p, (enum rule_id)rule), rule_infos[rule].severity);
			snprintf(body, sizeof(body), "severity: {%s: %s}\n", id, severity_name((enum severity)s));
			if (may_lower || s == SEVERITY_ERROR) {
				must_read(&p, body);
				assert_int_equal(policy_severity(&p, (enum rule_id)rule), s);
			} else {
				assert_int_equal(STATUS_USAGE, read_text(&p, "p", HEAD, body, false, &err));
				assert_non_null(strstr(err.text, id));
			}
			policy_release(&p);
		}
		for (int with_path = 0; with_path < 2; with_path++) {
			int want = may_except && (with_path || may_lower) ? 0 : STATUS_USAGE;

			policy_init(&p);
			snprintf(body, sizeof(body), EXC "{rule: %s, object: A/b, reason: r, expires: 2027-01-31%s}\n",
				 id, with_path ? ", path: data.x" : "");
			if (read_text(&p, "p", HEAD, body, false, &err) != want)
				fail_msg("%s%s", body, err.text);
			policy_release(&p);
		}
	}
}

/* --- exceptions ------------------------------------------------------------------------------------------------ */

static void test_expiry(void **state)
{
	static const struct {
		const char *today;
		bool expired;
	} days[] = {{"2027-01-30", false}, {"2027-01-31", false}, {"2027-02-01", true}, {"2028-01-01", true}};
	char now[11];
	time_t t = time(NULL);
	struct tm utc;
	struct policy p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
		policy_init(&p);
		memcpy(p.today, days[i].today, sizeof(p.today));
		must_read(&p, EXC "{rule: plain-secret, object: ConfigMap/a, path: \"data[\\\"x.y\\\"]\", reason: \" "
				  "why \", expires: 2027-01-31}\n");
		assert_int_equal(p.exceptions.n, 1);
		assert_int_equal(p.exceptions.v[0].expired, days[i].expired);
		assert_string_equal(p.exceptions.v[0].expires, "2027-01-31");
		assert_true(slice_is(p.exceptions.v[0].kind, "ConfigMap"));
		assert_true(slice_is(p.exceptions.v[0].name, "a"));
		assert_true(slice_is(p.exceptions.v[0].path, "data[\"x.y\"]"));
		assert_true(slice_is(p.exceptions.v[0].reason, "why"));
		assert_int_equal(p.exceptions.v[0].origin.line, 4);
		policy_release(&p);
	}
	policy_init(&p);
	assert_non_null(gmtime_r(&t, &utc));
	assert_int_equal(10, strftime(now, sizeof(now), "%Y-%m-%d", &utc));
	assert_true(strcmp(p.today, now) >= 0);
	policy_release(&p);
}

static void test_syntax(void **state)
{
	static const char *const dates[] = {"2027-01-31", "2028-02-29", "2000-02-29", "2999-12-31"};
	static const char *const no_dates[] = {"2027-02-29", "1900-02-29", "2027-04-31", "2027-00-10", "2027-13-01",
					       "2027-01-00", "0000-01-01", "2027-1-31",	 "2027/01/31", "20270131",
					       "2027-01-3x", "27-01-31",   "",		 "2027-01-31T"};
	static const char *const hosts[] = {
		"r", "registry.example.com:5000", "R.example.com", "10.0.0.1:1", "[fd00::1]:5000", "[::1]", "a:65535"};
	static const char *const no_hosts[] = {"",     ":5000", "a:",	  "a:0",  "a:65536", "a/b",	 "a b",
					       "[::1", "[x]:1", "[::1]5", "a..b", "-a",	     "http://a", "a_b"};
	static const char *const paths[] = {"data.KEY", "data[\"a.b\"]", "spec.containers[px-backup].env[0].value",
					    "[0].x",	"a/b",		 "data[\"a\\\"b\"].c"};
	static const char *const no_paths[] = {"",    ".data",	"$.data", "a..b", "a.",	   "a[",
					       "a[]", "a[\"x]", "a b",	  "a]",	  "a[0]b", "a.*"};
	struct slice kind, name;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dates); i++)
		assert_true(is_date(slice_str(dates[i])));
	for (size_t i = 0; i < ARRAY_SIZE(no_dates); i++)
		assert_false(is_date(slice_str(no_dates[i])));
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		assert_true(is_registry_host(slice_str(hosts[i])));
	for (size_t i = 0; i < ARRAY_SIZE(no_hosts); i++)
		assert_false(is_registry_host(slice_str(no_hosts[i])));
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_true(is_node_path(slice_str(paths[i])));
	for (size_t i = 0; i < ARRAY_SIZE(no_paths); i++)
		if (is_node_path(slice_str(no_paths[i])))
			fail_msg("path %s", no_paths[i]);
	assert_true(is_object_ref(SLICE("ClusterRole/system:a.B"), &kind, &name));
	assert_false(is_object_ref(SLICE("configMap/a"), &kind, &name));
	assert_false(is_object_ref(SLICE("ConfigMap/"), &kind, &name));
	assert_false(is_object_ref(SLICE("ConfigMap/ns/a"), &kind, &name));
	assert_false(is_object_ref(SLICE("ConfigMap/*"), &kind, &name));
	assert_false(is_object_ref(SLICE("ConfigMap/a\0b"), &kind, &name));
	assert_false(is_dns_label(SLICE("a123456789012345678901234567890123456789012345678901234567890123")));
	assert_false(is_release_name(SLICE("a12345678901234567890123456789012345678901234567890123")));
	assert_false(is_host_name(SLICE("a.b.")) || is_host_name(SLICE("*.b")) || is_host_name(SLICE("a:1")) ||
		     is_host_name(SLICE("A.b")));
	assert_false(is_repository(SLICE("a//b")) || is_repository(SLICE("a/")) || is_repository(SLICE("a/B")) ||
		     is_repository(SLICE("a:b")));
}

/* --- a file that may only tighten ------------------------------------------------------------------------------ */

#define MAY_ONLY "; this file may only tighten the policy"

static const struct {
	const char *base, *over, *message; /* NULL: accepted */
} tightenings[] = {
	/* loosening, key by key */
	{"namespace: a\n", "namespace: b\n", "3:12: 'namespace' is 'a' already (p.yaml:3)" MAY_ONLY},
	{"releaseName: a\n", "releaseName: b\n", "3:14: 'releaseName' is 'a' already (p.yaml:3)" MAY_ONLY},
	{"storageClassName: a\n", "storageClassName: b\n",
	 "3:19: 'storageClassName' is 'a' already (p.yaml:3)" MAY_ONLY},
	{"telemetry: required\n", "telemetry: allowed\n",
	 "3:12: 'telemetry' is 'required' already (p.yaml:3)" MAY_ONLY},
	{"telemetry: required\n", "telemetry: forbidden\n",
	 "3:12: 'telemetry' is 'required' already (p.yaml:3)" MAY_ONLY},
	{"telemetry: forbidden\n", "telemetry: allowed\n",
	 "3:12: 'telemetry' is 'forbidden' already (p.yaml:3)" MAY_ONLY},
	{"telemetry: forbidden\n", "telemetry: required\n",
	 "3:12: 'telemetry' is 'forbidden' already (p.yaml:3)" MAY_ONLY},
	{"serviceMesh: {mode: none}\n", "serviceMesh: {mode: any}\n",
	 "3:21: 'serviceMesh.mode' is 'none' already (p.yaml:3)" MAY_ONLY},
	{"serviceMesh: {mode: istio}\n", "serviceMesh: {mode: linkerd}\n",
	 "3:21: 'serviceMesh.mode' is 'istio' already (p.yaml:3)" MAY_ONLY},
	{"serviceMesh: {mode: linkerd}\n", "serviceMesh: {mode: none}\n",
	 "3:21: 'serviceMesh.mode' is 'linkerd' already (p.yaml:3)" MAY_ONLY},
	{"serviceMesh: {sharedGateway: true, hostName: a.b}\n", "serviceMesh: {sharedGateway: false}\n",
	 "3:30: 'serviceMesh.sharedGateway' is 'true' already (p.yaml:3)" MAY_ONLY},
	{"serviceMesh: {hostName: a.b}\n", "serviceMesh: {hostName: a.c}\n",
	 "3:25: 'serviceMesh.hostName' is 'a.b' already (p.yaml:3)" MAY_ONLY},
	{"registry: {host: a}\n", "registry: {host: b}\n", "3:18: 'registry.host' is 'a' already (p.yaml:3)" MAY_ONLY},
	{"registry: {host: a, repository: b}\n", "registry: {repository: c}\n",
	 "3:24: 'registry.repository' is 'b' already (p.yaml:3)" MAY_ONLY},
	{"registry: {host: a, pullSecret: b}\n", "registry: {pullSecret: c}\n",
	 "3:24: 'registry.pullSecret' is 'b' already (p.yaml:3)" MAY_ONLY},
	{"argoCD: true\n", "argoCD: auto\n", "3:9: 'argoCD' is 'true' already (p.yaml:3)" MAY_ONLY},
	{"argoCD: true\n", "argoCD: false\n", "3:9: 'argoCD' is 'true' already (p.yaml:3)" MAY_ONLY},
	{"argoCD: false\n", "argoCD: true\n", "3:9: 'argoCD' is 'false' already (p.yaml:3)" MAY_ONLY},
	{"argoCD: false\n", "argoCD: auto\n", "3:9: 'argoCD' is 'false' already (p.yaml:3)" MAY_ONLY},
	{"", "patch: visible\n", "3:8: 'patch' is 'chart' already (built-in)" MAY_ONLY},
	{"patch: never\n", "patch: chart\n", "3:8: 'patch' is 'never' already (p.yaml:3)" MAY_ONLY},
	{"patch: never\n", "patch: visible\n", "3:8: 'patch' is 'never' already (p.yaml:3)" MAY_ONLY},
	{"", "secondOpinion: false\n", "3:16: 'secondOpinion' is 'true' already (built-in)" MAY_ONLY},
	{"", "severity: {storage-class: warning}\n", "3:27: 'storage-class' is 'error' already (built-in)" MAY_ONLY},
	{"severity: {plain-secret: error}\n", "severity: {plain-secret: warning}\n",
	 "3:26: 'plain-secret' is 'error' already (p.yaml:3)" MAY_ONLY},
	{"", EXC "{rule: plain-secret, object: A/b, reason: r, expires: 2027-01-31}\n",
	 "3:1: 'exceptions' cannot be made here" MAY_ONLY},
	{"", "serviceMesh: {sharedGateway: true}\n",
	 "3:30: 'serviceMesh.sharedGateway' is true, so 'serviceMesh.hostName' must say which host is ours"},
	{"", "nonsense: 1\n", "3:1: unknown key 'nonsense'"},
	/* tightening, and saying the same again */
	{"",
	 "namespace: a\nreleaseName: b\nstorageClassName: c\ntelemetry: required\nargoCD: true\npatch: "
	 "never\nsecondOpinion: true\n",
	 NULL},
	{"",
	 "serviceMesh: {mode: istio, sharedGateway: true, hostName: a.b}\nregistry: {host: r, repository: x, "
	 "pullSecret: s}\n",
	 NULL},
	{"patch: visible\nsecondOpinion: false\n",
	 "patch: chart\nsecondOpinion: true\ntelemetry: forbidden\nargoCD: false\n", NULL},
	{"patch: visible\n", "patch: never\nserviceMesh: {mode: none}\n", NULL},
	{"telemetry: allowed\nargoCD: auto\nserviceMesh: {mode: any}\n",
	 "telemetry: required\nargoCD: false\nserviceMesh: {mode: linkerd}\n", NULL},
	{"severity: {storage-class: note}\n",
	 "severity: {storage-class: warning, plain-secret: error, cloud-credential: error}\n", NULL},
	{"namespace: a\nregistry: {host: r}\npatch: chart\n",
	 "namespace: a\nregistry: {host: r, repository: x}\npatch: chart\nexceptions: []\n", NULL},
};

static void test_tighten(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tightenings); i++) {
		const char *want = tightenings[i].message;
		struct policy p;
		struct err err;
		int rc;

		policy_init(&p);
		must_read(&p, tightenings[i].base);
		rc = read_text(&p, "repo.yaml", HEAD, tightenings[i].over, true, &err);
		if (want ? rc != STATUS_USAGE || strncmp(err.text, "repo.yaml:", 10) != 0 ||
				    strcmp(err.text + 10, want) != 0
			 : rc != 0)
			fail_msg("%s%s\n  got  %s\n  want repo.yaml:%s", tightenings[i].base, tightenings[i].over,
				 err.text, want ? want : " (accepted)");
		assert_string_equal(p.file, "p.yaml");
		policy_release(&p);
	}
}

/* Who said it first stays the origin; a severity that equals the rule's own is still said aloud. */
static void test_tighten_origin(void **state)
{
	struct policy p;
	struct err err;

	(void)state;
	policy_init(&p);
	must_read(&p, "namespace: a\npatch: chart\n");
	assert_int_equal(0, read_text(&p, "repo.yaml", HEAD,
				      "namespace: a\npatch: chart\nargoCD: auto\nseverity: {namespace: error}\n", true,
				      &err));
	assert_string_equal(p.origin[POLICY_NAMESPACE].file, "p.yaml");
	assert_string_equal(p.origin[POLICY_PATCH].file, "p.yaml");
	assert_string_equal(p.origin[POLICY_ARGO_CD].file, "repo.yaml");
	assert_string_equal(p.severity_origin[RULE_NAMESPACE].file, "repo.yaml");
	assert_int_equal(p.severity[RULE_NAMESPACE], SEVERITY_ERROR);
	policy_release(&p);
}

static void test_options(void **state)
{
	struct policy p;
	struct err err = ERR_INIT;

	(void)state;
	policy_init(&p);
	assert_int_equal(STATUS_USAGE, policy_set_namespace(&p, "A", &err));
	assert_string_equal(err.text, "'--release-namespace' must be " LABEL ", not 'A'");
	assert_int_equal(STATUS_USAGE, policy_set_namespace(&p, "", &err));
	assert_int_equal(0, policy_set_namespace(&p, "central", &err));
	assert_true(slice_is(p.ns, "central"));
	assert_int_equal(STATUS_USAGE, policy_set_patch(&p, "chrt", &err));
	assert_string_equal(err.text, "'--patch' must be chart, visible or never, not 'chrt'");
	assert_int_equal(STATUS_USAGE, policy_set_patch(&p, "visible", &err));
	assert_string_equal(err.text,
			    "'--patch' may only tighten the policy: 'visible' is looser than 'chart' (built-in)");
	assert_int_equal(0, policy_set_patch(&p, "never", &err));
	assert_int_equal(p.patch, PATCH_NEVER);
	assert_int_equal(STATUS_USAGE, policy_set_patch(&p, "chart", &err));
	assert_string_equal(err.text,
			    "'--patch' may only tighten the policy: 'chart' is looser than 'never' (option --patch)");
	policy_release(&p);

	policy_init(&p);
	must_read(&p, "namespace: central\npatch: visible\n");
	assert_int_equal(0, policy_set_namespace(&p, "central", &err));
	assert_string_equal(p.origin[POLICY_NAMESPACE].file, "p.yaml");
	assert_int_equal(STATUS_USAGE, policy_set_namespace(&p, "other", &err));
	assert_string_equal(err.text, "'--release-namespace' says 'other', the policy says 'central' (p.yaml:3)");
	assert_int_equal(0, policy_set_patch(&p, "visible", &err));
	assert_int_equal(0, policy_set_patch(&p, "chart", &err));
	policy_release(&p);
}

/* --- writing --------------------------------------------------------------------------------------------------- */

static bool same_policy(const struct policy *a, const struct policy *b)
{
	cleanup_buf struct buf x = BUF_TEXT;
	cleanup_buf struct buf y = BUF_TEXT;

	meaning(a, &x);
	meaning(b, &y);
	for (unsigned i = 0; i < RULE_COUNT; i++)
		if (a->severity[i] != b->severity[i])
			return false;
	return slice_eq(buf_slice(&x), buf_slice(&y)) && a->exceptions.n == b->exceptions.n;
}

static void test_round_trip(void **state)
{
	static const char *const bodies[] = {
		"",
		"namespace: \"0123\"\nreleaseName: \"on\"\nstorageClassName: \"1e3\"\n",
		"telemetry: forbidden\nserviceMesh: {mode: istio, sharedGateway: true, hostName: "
		"\"10.0.0.1\"}\nargoCD: true\npatch: never\nsecondOpinion: false\n",
		"registry: {host: \"[fd00::1]:5000\", repository: \"0x1\", pullSecret: \"no\"}\nargoCD: false\npatch: "
		"visible\n",
		"severity: {plain-secret: error, namespace: note, stream: error}\n",
		EXC "{rule: plain-secret, object: ConfigMap/a, path: 'data[\"a.b\"]', reason: \"two\\nlines # "
		    "\\\"x\\\" \\u00e9\", expires: 2020-01-31}\n"
		    "- {rule: cloud-credential, object: Secret/b, path: data.x, reason: why, expires: 2999-01-31}\n",
	};
	static const char odd_name[] = "a\nnamespace: evil\xff\x01 # \xc2\x85.yaml";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		cleanup_buf struct buf text = BUF_TEXT;
		struct policy a, b;
		struct err err;

		policy_init(&a);
		policy_init(&b);
		if (read_text(&a, odd_name, HEAD, bodies[i], false, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(0, policy_set_namespace(&a, a.ns.n ? a.ns.p : "central", &err));
		policy_write_effective(&a, &text);
		assert_false(text.failed);
		if (read_text(&b, "b.yaml", "", buf_str(&text), false, &err) < 0)
			fail_msg("%s\n%s", err.text, buf_str(&text));
		assert_true(same_policy(&a, &b));
		for (size_t k = 0; k < a.exceptions.n; k++) {
			assert_true(slice_eq(a.exceptions.v[k].reason, b.exceptions.v[k].reason));
			assert_true(slice_eq(a.exceptions.v[k].path, b.exceptions.v[k].path));
			assert_int_equal(a.exceptions.v[k].expired, b.exceptions.v[k].expired);
		}
		policy_release(&a);
		policy_release(&b);
	}
}

static void test_effective_origins(void **state)
{
	cleanup_buf struct buf text = BUF_TEXT;
	struct policy p;
	struct err err;

	(void)state;
	policy_init(&p);
	must_read(&p, "telemetry: forbidden\n" EXC
		      "{rule: plain-secret, object: ConfigMap/a, reason: r, expires: 2020-01-31}\n");
	assert_int_equal(0, policy_set_patch(&p, "never", &err));
	policy_write_effective(&p, &text);
	assert_non_null(strstr(buf_str(&text), "\ntelemetry: forbidden                        # p.yaml:3\n"));
	assert_non_null(strstr(buf_str(&text), "\npatch: never                                # option --patch\n"));
	assert_non_null(strstr(buf_str(&text), "\nsecondOpinion: true                         # built-in\n"));
	assert_non_null(strstr(buf_str(&text), "\n- rule: plain-secret                        # p.yaml:5, expired\n"));
	assert_non_null(strstr(buf_str(&text), "\n  # plain-secret: warning                   # built-in\n"));
	policy_release(&p);
}

/* Takes away every '#' that stands right before a key. */
static void uncomment(struct slice text, struct buf *out)
{
	while (text.p && text.n) {
		struct slice line = slice_cut(text, '\n', &text);
		size_t blanks = 0;

		while (blanks < line.n && line.p[blanks] == ' ')
			blanks++;
		if (blanks + 1 < line.n && line.p[blanks] == '#' && line.p[blanks + 1] != ' ') {
			buf_fill(out, ' ', blanks);
			line = slice_from(line, blanks + 1);
		}
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

static void check_template(const struct policy *facts)
{
	cleanup_buf struct buf text = BUF_TEXT;
	cleanup_buf struct buf all = BUF_TEXT;
	struct policy p;
	struct err err;

	policy_init(&p);
	policy_write_template(facts, &text);
	if (read_text(&p, "t.yaml", "", buf_str(&text), false, &err) < 0)
		fail_msg("%s\n%s", err.text, buf_str(&text));
	assert_true(same_policy(facts, &p));
	policy_release(&p);
	policy_init(&p);
	uncomment(buf_slice(&text), &all);
	if (read_text(&p, "t.yaml", "", buf_str(&all), false, &err) < 0)
		fail_msg("%s\n%s", err.text, buf_str(&all));
	for (unsigned i = 0; i < POLICY_FIELDS; i++)
		assert_non_null(p.origin[i].file);
	assert_int_equal(p.exceptions.n, 1);
	policy_release(&p);
}

/* --- from a release -------------------------------------------------------------------------------------------- */

static void check_release(const char *path, const char *want)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)16 << 20);
	cleanup_stream struct stream s = {0};
	cleanup_release struct release rel = {0};
	cleanup_policy struct policy p = {0};
	struct err err = ERR_INIT;
	struct limits limits = LIMITS_DEFAULT;

	stream_init(&s, &limits);
	release_init(&rel);
	policy_init(&p);
	if (file_read(path, &text, STATUS_INPUT, &err) < 0 || stream_add(&s, path, buf_slice(&text), &err) < 0 ||
	    release_build(&rel, &s, &err) < 0 || policy_from_release(&p, &rel, &err) < 0)
		fail_msg("%s", err.text);
	check_meaning(&p, want);
	check_template(&p);
}

static void test_from_release(void **state)
{
	(void)state;
	check_release("testdata/streams/fed-default.helm4.yaml",
		      "namespace: central|releaseName: px-central|storageClassName: px-csi-db|telemetry: "
		      "forbidden|mode: none|sharedGateway: false|"
		      "argoCD: false|patch: chart|secondOpinion: true|");
	check_release("testdata/streams/fed-telemetry.helm3.yaml",
		      "namespace: central|releaseName: px-central|storageClassName: px-csi-db|telemetry: "
		      "required|mode: none|sharedGateway: false|"
		      "argoCD: auto|patch: chart|secondOpinion: true|");
	check_release("testdata/streams/fed-istio-nohost.helm4.yaml",
		      "namespace: central|releaseName: px-central|storageClassName: px-csi-db|telemetry: "
		      "forbidden|mode: istio|sharedGateway: false|"
		      "argoCD: false|patch: chart|secondOpinion: true|");
	check_release("testdata/streams/fed-nosc.template3.yaml",
		      "namespace: central|releaseName: px-central|telemetry: forbidden|mode: none|sharedGateway: "
		      "false|argoCD: false|patch: chart|"
		      "secondOpinion: true|");
	check_release("/dev/null", effective_default);
}

static void test_template(void **state)
{
	struct policy p;

	(void)state;
	policy_init(&p);
	check_template(&p);
	must_read(
		&p,
		"namespace: a\nserviceMesh: {sharedGateway: true, hostName: a.b}\nregistry: {host: r}\nargoCD: true\n");
	check_template(&p);
	policy_release(&p);
}

/* --- discovery ------------------------------------------------------------------------------------------------- */

static void put_file(const char *path, const char *body)
{
	cleanup_buf struct buf text = BUF_TEXT;
	struct err err = ERR_INIT;

	buf_addf(&text, "%s%s", HEAD, body);
	assert_int_equal(0, file_write_atomic(path, buf_slice(&text), 0600, &err));
}

static void check_load(const char *option, const char *ns, const char *file)
{
	struct policy p;
	struct err err = ERR_INIT;

	policy_init(&p);
	if (policy_load(&p, option, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(slice_is(p.ns, ns));
	assert_string_equal(p.file ? p.file : "built-in", file);
	policy_release(&p);
}

static void check_load_fails(const char *option, const char *message)
{
	struct policy p;
	struct err err = ERR_INIT;

	policy_init(&p);
	assert_int_equal(STATUS_USAGE, policy_load(&p, option, &err));
	assert_string_equal(err.text, message);
	policy_release(&p);
}

static void test_discovery(void **state)
{
	bool system_wide = access("/etc/pxb-fed/policy.yaml", F_OK) == 0;
	char dir[] = "/tmp/test_policy.XXXXXX";
	int back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(0, chdir(dir));
	unsetenv("PXB_FED_POLICY");
	unsetenv("ARGOCD_APP_NAME");
	if (!system_wide)
		check_load(NULL, "", "built-in");
	put_file("option.yaml", "namespace: by-option\n");
	put_file("env.yaml", "namespace: by-env\n");
	put_file("pxb-fed.yaml", "namespace: here\n");
	check_load(NULL, "here", "pxb-fed.yaml");
	setenv("PXB_FED_POLICY", "", 1);
	check_load(NULL, "here", "pxb-fed.yaml");
	setenv("PXB_FED_POLICY", "env.yaml", 1);
	check_load(NULL, "by-env", "env.yaml");
	check_load("option.yaml", "by-option", "option.yaml");
	check_load_fails("none.yaml", "policy: cannot open 'none.yaml': No such file or directory");
	check_load_fails(".", "policy: '.' is a directory");
	put_file("env.yaml", "patch: x\n");
	check_load_fails(NULL, "env.yaml:3:8: 'patch' must be chart, visible or never, not 'x'");

	/* Under Argo CD the working directory is the application's: its file is laid over the policy and only tightens.
	 */
	setenv("ARGOCD_APP_NAME", "app", 1);
	put_file("env.yaml", "patch: never\n");
	check_load(NULL, "here", "env.yaml");
	put_file("env.yaml", "namespace: central\n");
	check_load_fails(NULL, "pxb-fed.yaml:3:12: 'namespace' is 'central' already (env.yaml:3); this file may only "
			       "tighten the policy");
	unsetenv("PXB_FED_POLICY");
	if (!system_wide)
		check_load(NULL, "here", "built-in");
	put_file("pxb-fed.yaml", EXC "{rule: plain-secret, object: A/b, reason: r, expires: 2999-01-31}\n");
	check_load_fails(NULL,
			 "pxb-fed.yaml:3:1: 'exceptions' cannot be made here; this file may only tighten the policy");
	setenv("PXB_FED_POLICY", "./pxb-fed.yaml", 1); /* the operator trusts the repository's file */
	check_load(NULL, "", "./pxb-fed.yaml");
	unsetenv("PXB_FED_POLICY");
	unsetenv("ARGOCD_APP_NAME");

	/* A policy that is there but cannot be read is not the next one in the row. */
	assert_int_equal(0, unlink("pxb-fed.yaml"));
	assert_int_equal(0, symlink("gone.yaml", "pxb-fed.yaml"));
	check_load_fails(NULL, "policy: cannot open 'pxb-fed.yaml': No such file or directory");

	assert_int_equal(0, unlink("pxb-fed.yaml") | unlink("env.yaml") | unlink("option.yaml") | fchdir(back) |
				    rmdir(dir));
	close(back);
}

/* --- documents ------------------------------------------------------------------------------------------------- */

/* The page and the editors' schema name every key and every rule. */
static void test_docs(void **state)
{
	static const char *const files[] = {"docs/policy.md", "docs/policy.schema.json"};

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
		cleanup_buf struct buf text = BUF_INIT(1 << 20);
		cleanup_buf struct buf word = BUF_TEXT;
		struct err err = ERR_INIT;

		assert_int_equal(0, file_read(files[f], &text, STATUS_INPUT, &err));
		for (unsigned i = 0; i < RULE_COUNT; i++) {
			buf_reuse(&word);
			buf_addf(&word, f ? "\"%s\"" : "`%s`", rule_infos[i].id);
			if (!strstr(buf_str(&text), buf_str(&word)))
				fail_msg("%s does not name %s", files[f], buf_str(&word));
		}
		for (unsigned i = 0; i < POLICY_FIELDS; i++) {
			buf_reuse(&word);
			buf_addf(&word, f ? "\"%s\"" : "`%s`", f ? policy_keys[i].key : policy_keys[i].name);
			if (!strstr(buf_str(&text), buf_str(&word)))
				fail_msg("%s does not name %s", files[f], buf_str(&word));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),	       cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_rules),	       cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_syntax),	       cmocka_unit_test(test_tighten),
		cmocka_unit_test(test_tighten_origin), cmocka_unit_test(test_options),
		cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_effective_origins),
		cmocka_unit_test(test_template),       cmocka_unit_test(test_from_release),
		cmocka_unit_test(test_discovery),      cmocka_unit_test(test_docs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
