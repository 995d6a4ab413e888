/*
 * test_lock.c: quantities, the reader and writer of a lock, what is taken from objects, how differences weigh.
 */
#include "reading.h"

#include "base/file.h"
#include "kube/quantity.h"
#include "lock/canonical.h"
#include "lock/lock.h"

/* --- quantities ------------------------------------------------------------------------------------------------ */

static void quantities(void **state)
{
	static const struct {
		const char *a, *b;
		int cmp;
	} rows[] = {
		{"64Gi", "64Gi", 0},
		{"64Gi", "65536Mi", 0},
		{"1Gi", "1G", 1},
		{"1000", "1k", 0},
		{"1024", "1Ki", 0},
		{"1.5Gi", "1536Mi", 0},
		{"0.5", "500m", 0},
		{"1e3", "1k", 0},
		{"1E3", "1k", 0},
		{"1E", "1000P", 0},
		{"12e-1", "1200m", 0},
		{"+5", "5", 0},
		{"5.", "5", 0},
		{".5", "500m", 0},
		{"99Gi", "100Gi", -1},
		{"1n", "2n", -1},
		{"0.1n", "1n", 0},
		{"7Ei", "8000P", 1},
		{"0", "0Gi", 0},
		{"1u", "1000n", 0},
		{"107374182399", "100Gi", -1},
		{"107374182400", "100Gi", 0},
		{"1T", "1Ti", -1},
	};
	static const char *const bad[] = {"",
					  "Gi",
					  "1 Gi",
					  "1Kb",
					  "1gi",
					  "-1",
					  "--1",
					  "1.2.3",
					  "1e",
					  "1e999",
					  "0x1",
					  "9Ei",
					  "1e1Gi",
					  "many",
					  "1Gi ",
					  "\xe2\x82\xac",
					  "99999999999999999999999999999999999999999999"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice a = slice_str(rows[i].a), b = slice_str(rows[i].b);

		if (!quantity_valid(a) || !quantity_valid(b) || quantity_cmp(a, b) != rows[i].cmp ||
		    quantity_cmp(b, a) != -rows[i].cmp)
			fail_msg("%s and %s: %d", rows[i].a, rows[i].b, quantity_cmp(a, b));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (quantity_valid(slice_str(bad[i])))
			fail_msg("'%s' is taken for a quantity", bad[i]);
		assert_int_equal(quantity_cmp(slice_str(bad[i]), slice_str(bad[i])), 0);
		assert_int_equal(quantity_cmp(slice_str(bad[i]), SLICE("0")), -1);
	}
}

/* --- canonical texts ------------------------------------------------------------------------------------------- */

static void selectors(void **state)
{
	static const struct {
		const char *yaml, *text;
	} rows[] = {
		{"{matchLabels: {b: '2', a: '1'}}", "a=1,b=2"},
		{"{matchLabels: {}}", ""},
		{"{}", ""},
		{"{matchExpressions: [{key: t, operator: In, values: [z, a]}]}", "t in (a,z)"},
		{"{matchExpressions: [{key: t, operator: NotIn, values: [a]}, {key: s, operator: DoesNotExist}], "
		 "matchLabels: {x: y}}",
		 "!s,t notin (a),x=y"},
		{"{matchExpressions: [{key: t, operator: Odd, values: [a]}]}", "t Odd (a)"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena a = ARENA_INIT(1 << 20);
		struct reading r;

		assert_slice(canonical_selector(&a, reading_root(&r, rows[i].yaml)), rows[i].text);
		reading_release(&r);
		arena_release(&a);
	}
}

/* Pairs that the API server takes for equal have one digest, others have two. */
static void digests(void **state)
{
	static const char *const without[] = {"status", "spec/size", "spec/mode=Filesystem", NULL};
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{"{x: 1, y: [a, b]}", "{y: [a, b], x: 1}", true},
		{"{x: 1, status: {a: b}, n: null, e: {}}", "{x: 1}", true},
		{"{x: 1, spec: {size: 3, mode: Filesystem}}", "{x: 1}", true},
		{"{x: 1, spec: {mode: Block}}", "{x: 1}", false},
		{"{x: 1}", "{x: '1'}", false},
		{"{x: true}", "{x: 'true'}", false},
		{"{x: [a, b]}", "{x: [b, a]}", false},
		{"{x: [a, {}]}", "{x: [a]}", false},
		{"{x: {size: 1}}", "{x: {size: 2}}", false},
		{"{x: 'a,b'}", "{x: [a, b]}", false},
		{"{x: \"a\\\",\\\"y\\\":\\\"b\"}", "{x: a, y: b}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena a = ARENA_INIT(1 << 20);
		struct reading ra, rb;
		struct slice one = canonical_digest(&a, reading_root(&ra, rows[i].a), without);
		struct slice two = canonical_digest(&a, reading_root(&rb, rows[i].b), without);

		assert_true(canonical_is_digest(one) && canonical_is_digest(two));
		if (slice_eq(one, two) != rows[i].same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		reading_release(&ra);
		reading_release(&rb);
		arena_release(&a);
	}
	struct arena a = ARENA_INIT(1 << 20);
	struct reading r;

	assert_slice(canonical_digest(&a, reading_root(&r, "{status: {a: b}, spec: {mode: Filesystem}}"), without), "");
	reading_release(&r);
	arena_release(&a);
}

/* --- reading --------------------------------------------------------------------------------------------------- */

#define HEAD  "apiVersion: pxb-fed/v1\nkind: Lock\n"
#define NAMES "mode: federated\nnamespace: central\nreleaseName: px\n"
#define CLAIM "claims:\n- object: PersistentVolumeClaim/p\n"
#define WHOLE HEAD NAMES CLAIM

static const struct {
	const char *text, *message;
} faults[] = {
	{"", "1:1: the lock is empty; it begins with 'apiVersion: pxb-fed/v1' and 'kind: Lock'"},
	{"# x\n", "1:1: the lock is empty; it begins with 'apiVersion: pxb-fed/v1' and 'kind: Lock'"},
	{"- a\n", "1:1: a lock must be a mapping, not a list"},
	{"kind: Lock\n", "1:1: 'apiVersion' is missing; a lock begins with 'apiVersion: pxb-fed/v1' and 'kind: Lock'"},
	{"apiVersion: pxb-fed/v1\n",
	 "1:1: 'kind' is missing; a lock begins with 'apiVersion: pxb-fed/v1' and 'kind: Lock'"},
	{"apiVersion: pxb-fed/v1\nkind: Policy\n", "2:7: 'kind' must be 'Lock', not 'Policy'"},
	{"apiVersion: pxb-fed/v2\nkind: Lock\nnew: 1\n",
	 "1:13: 'apiVersion' must be 'pxb-fed/v1', not 'pxb-fed/v2': a newer pxb-fed is needed to read this"},
	{"apiVersion: pxb-fed/v1beta1\nkind: Lock\n", "1:13: 'apiVersion' must be 'pxb-fed/v1', not 'pxb-fed/v1beta1'"},
	{HEAD, "1:1: a lock needs 'mode': federated or classic"},
	{HEAD NAMES, "1:1: a lock needs 'claims': it is about storage above all"},
	{HEAD NAMES "claims: []\n", "1:1: a lock needs 'claims': it is about storage above all"},
	{HEAD "mode: Federated\n", "3:7: 'mode' must be federated or classic, not 'Federated'"},
	{HEAD "mode: true\n",
	 "3:7: 'mode' must be federated or classic; 'true' is a boolean in YAML unless it is quoted"},
	{HEAD "mode:\n", "3:6: 'mode' has no value; it must be federated or classic"},
	{HEAD "nmaespace: x\n", "3:1: unknown key 'nmaespace'; did you mean 'namespace'?"},
	{HEAD "release_name: x\n", "3:1: unknown key 'release_name'; did you mean 'releaseName'?"},
	{HEAD "surprise: x\n", "3:1: unknown key 'surprise'"},
	{HEAD "namespace: Central\n", "3:12: 'namespace' must be the name of a namespace, not 'Central'"},
	{HEAD "mode: federated\nmode: classic\n", "4:1: key 'mode' is defined twice; the first is on line 3"},
	{HEAD "mode: &a federated\n", "3:7: an anchor, alias or tag; a lock has plain values only"},
	{HEAD "encryptMongoDB: 'true'\n", "3:17: 'encryptMongoDB' must be true or false, not ''true''"},
	{HEAD "encryptMongoDB:\n", "3:16: 'encryptMongoDB' must be true or false, not nothing"},
	{HEAD "encryptMongoDb: true\n", "3:1: unknown key 'encryptMongoDb'; did you mean 'encryptMongoDB'?"},
	{HEAD "chart: px-central\n", "3:8: 'chart' must be a mapping, not a string"},
	{HEAD "chart: {name: px-central}\n", "3:8: a chart needs 'version': the version of a chart, such as 3.0.0"},
	{HEAD "chart: {name: px-central, version: 3.0}\n", "3:36: 'version' must be the version of a chart, such as "
							   "3.0.0; '3.0' is a number in YAML unless it is quoted"},
	{HEAD "chart: {name: a, version: '1', sha256: abc}\n",
	 "3:40: 'sha256' must be the sha256 of the chart's archive, 64 hexadecimal digits, not 'abc'"},
	{HEAD "chart: {nam: x}\n", "3:9: unknown key 'nam' in 'chart'; did you mean 'name'?"},
	{HEAD "claims: {}\n", "3:9: 'claims' must be a list, not a mapping"},
	{HEAD "claims: [x]\n", "3:10: a claim must be a mapping, not a string"},
	{HEAD "claims: [{size: 1Gi}]\n",
	 "3:10: a claim needs 'object': Kind/name, such as PersistentVolumeClaim/pxcentral-mysql-pvc"},
	{HEAD "claims: [{object: p}]\n",
	 "3:19: 'object' must be Kind/name, such as PersistentVolumeClaim/pxcentral-mysql-pvc, not 'p'"},
	{HEAD "claims: [{object: PersistentVolumeClaim/p, siez: 1Gi}]\n",
	 "3:44: unknown key 'siez' in 'claims'; did you mean 'size'?"},
	{HEAD "claims: [{object: PersistentVolumeClaim/p, accessmodes: []}]\n",
	 "3:44: unknown key 'accessmodes' in 'claims'; did you mean 'accessModes'?"},
	{HEAD "claims: [{object: PersistentVolumeClaim/p, size: big}]\n",
	 "3:50: 'size' must be a size, such as 64Gi, not 'big'"},
	{HEAD "claims: [{object: PersistentVolumeClaim/p, size: 100}]\n",
	 "3:50: 'size' must be a size, such as 64Gi; '100' is a number in YAML unless it is quoted"},
	{HEAD "claims: [{object: PersistentVolumeClaim/p, accessModes: ReadWriteOnce}]\n",
	 "3:57: 'accessModes' must be a list, not a string"},
	{HEAD "claims: [{object: PersistentVolumeClaim/p, accessModes: [1]}]\n",
	 "3:58: 'accessModes' must be a list such as [ReadWriteOnce]; '1' is a number in YAML unless it is quoted"},
	{HEAD "claims: [{object: PersistentVolumeClaim/p, rest: abc}]\n",
	 "3:50: 'rest' must be a digest, such as xxh3-128:0123456789abcdef0123456789abcdef, not 'abc'"},
	{HEAD "claims: [{object: PersistentVolumeClaim/p, rest: 'sha256:00'}]\n",
	 "3:50: 'rest' must be a digest, such as xxh3-128:0123456789abcdef0123456789abcdef, not 'sha256:00'"},
	{HEAD "claims: [{object: StatefulSet/s}]\n",
	 "3:10: a claim of a StatefulSet needs 'name': the name of a claim template"},
	{HEAD "claims: [{object: PersistentVolumeClaim/p, name: x}]\n",
	 "3:10: only a claim of a StatefulSet has a 'name'"},
	{HEAD CLAIM "- object: PersistentVolumeClaim/p\n", "5:3: this claim appears twice in the lock"},
	{HEAD "workloads: [{object: Deployment/d}, {object: Deployment/d}]\n",
	 "3:37: this object appears twice in 'workloads'"},
	{HEAD "workloads: [{object: Deployment/d, selectr: x}]\n",
	 "3:36: unknown key 'selectr' in 'workloads'; did you mean 'selector'?"},
	{HEAD "workloads: [{object: StatefulSet/d, podManagementPolicy: Serial}]\n",
	 "3:58: 'podManagementPolicy' must be OrderedReady or Parallel, not 'Serial'"},
	{HEAD "claims:\n- {object: PersistentVolumeClaim/p, accessModes: ['yes']}\n",
	 "4:51: 'accessModes' must be a list such as [ReadWriteOnce]"},
	{HEAD "history: [{reason: x}]\n",
	 "3:11: an entry of the history needs 'date': a day that exists, such as \"2027-01-31\""},
	{HEAD "history: [{date: '2027-02-30', reason: x}]\n",
	 "3:18: 'date' must be a day that exists, such as \"2027-01-31\", not '2027-02-30'"},
	{HEAD "history: [{date: '2027-02-03', reason: ' '}]\n",
	 "3:40: 'reason' must be a sentence that says why, not ' '"},
	{HEAD "history: [{date: '2027-02-03', reason: x, changes: text}]\n",
	 "3:52: 'changes' must be a list, not a string"},
	{HEAD "history: [{date: '2027-02-03', reason: x, change: []}]\n",
	 "3:43: unknown key 'change' in 'history'; did you mean 'changes'?"},
	{WHOLE "---\na: b\n", "9:1: a second document; a file of this kind has one"},
};

static int read_lock(struct lock *l, const char *text, struct err *err)
{
	*err = ERR_INIT;
	lock_init(l);
	return lock_read(l, "l", slice_str(text), err);
}

static void wrong_locks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		struct lock l;
		struct err err;

		if (read_lock(&l, faults[i].text, &err) != STATUS_USAGE)
			fail_msg("not refused:\n%s", faults[i].text);
		if (strncmp(err.text, "l:", 2) != 0 || strcmp(err.text + 2, faults[i].message) != 0)
			fail_msg("%s\n  got  %s\n  want l:%s", faults[i].text, err.text, faults[i].message);
		lock_release(&l);
	}
}

#define SHA256 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char full[] =
	HEAD "mode: classic\nnamespace: central\nreleaseName: px\nstorageClassName: a.b\nencryptMongoDB: true\n"
	     "chart: {name: px-central, version: '3.0', sha256: '" SHA256 "'}\n"
	     "claims:\n"
	     "- {object: PersistentVolumeClaim/p, storageClassName: a.b, size: 1.5Gi, accessModes: [ReadWriteMany, "
	     "ReadWriteOnce]}\n"
	     "- {object: StatefulSet/s, name: data, size: '5', rest: 'xxh3-128:0123456789abcdef0123456789abcdef'}\n"
	     "workloads:\n"
	     "- {object: Deployment/d, selector: 'a=b,c in (d,e)'}\n"
	     "- {object: Job/j}\n"
	     "- {object: StatefulSet/s, selector: '!x', serviceName: svc, podManagementPolicy: Parallel}\n"
	     "history:\n"
	     "- {date: '2027-01-31', reason: 'it''s: \"big\" # now', changes: ['x -> y', 'yes']}\n"
	     "- {date: '2027-02-01', reason: nothing changed}\n"
	     "- {date: '2027-02-02', reason: nor here, changes: []}\n";

static struct buf written(const struct lock *l)
{
	struct buf out = BUF_TEXT;

	lock_write(l, &out);
	assert_false(out.failed);
	return out;
}

static void a_lock_is_written_as_it_is_read(void **state)
{
	struct lock l, again;
	struct err err;
	struct buf one, two;

	(void)state;
	if (read_lock(&l, full, &err) < 0)
		fail_msg("%s", err.text);
	one = written(&l);
	if (read_lock(&again, buf_str(&one), &err) < 0)
		fail_msg("%s\n%s", err.text, buf_str(&one));
	two = written(&again);
	assert_string_equal(buf_str(&one), buf_str(&two));
	assert_int_equal(again.mode, LOCK_CLASSIC);
	assert_int_equal(again.encryption, LOCK_ON);
	assert_slice(again.chart_version, "3.0");
	assert_slice(again.chart_sha256, SHA256);
	assert_slice(again.claims.v[0].access_modes, "ReadWriteMany, ReadWriteOnce");
	assert_slice(again.claims.v[1].size, "5");
	assert_slice(again.workloads.v[0].selector, "a=b,c in (d,e)");
	assert_slice(again.workloads.v[2].pod_management, "Parallel");
	assert_slice(again.history.v[0].reason, "it's: \"big\" # now");
	assert_int_equal(again.history.v[0].changes.n, 2);
	assert_int_equal(again.history.n, 3);
	buf_release(&one);
	buf_release(&two);
	lock_release(&l);
	lock_release(&again);
}

/* --- differences ----------------------------------------------------------------------------------------------- */

#define PVC(name, more)	       "- {object: PersistentVolumeClaim/" name ", storageClassName: c" more "}\n"
#define SET(name, claim, more) "- {object: StatefulSet/" name ", name: " claim ", storageClassName: c" more "}\n"
#define CLAIMS		       HEAD NAMES "claims:\n"
#define P		       CLAIMS PVC("p", ", size: 2Gi")

static const struct {
	const char *before, *after, *differences;
} pairs[] = {
	{WHOLE, WHOLE, ""},
	{WHOLE, HEAD "mode: classic\nnamespace: other\nreleaseName: px\n" CLAIM,
	 "! mode federated -> classic\n! namespace central -> other\n"},
	{WHOLE "encryptMongoDB: true\n", WHOLE "encryptMongoDB: false\n", "! encryptMongoDB on -> off\n"},
	{WHOLE, WHOLE "encryptMongoDB: false\n", ""},
	{WHOLE "chart: {name: a, version: '1'}\n", WHOLE "chart: {name: a, version: '2'}\n", "  chart 1 -> 2\n"},
	{WHOLE "chart: {name: a, version: '1'}\n", WHOLE "chart: {name: b, version: '1'}\n", "  chart a -> b\n"},
	{P, CLAIMS PVC("p", ", size: 3Gi"), "  PersistentVolumeClaim/p size 2Gi -> 3Gi\n"},
	{P, CLAIMS PVC("p", ", size: 1Gi"), "! PersistentVolumeClaim/p size 2Gi -> 1Gi\n"},
	{P, CLAIMS PVC("p", ", size: 2048Mi"), ""},
	{P, CLAIMS PVC("p", ""), "! PersistentVolumeClaim/p size 2Gi -> (none)\n"},
	{CLAIMS PVC("p", ""), P, "  PersistentVolumeClaim/p size (none) -> 2Gi\n"},
	{P, CLAIMS PVC("q", ", size: 2Gi"), "? PersistentVolumeClaim/p removed\n  PersistentVolumeClaim/q added\n"},
	{CLAIMS PVC("pxcentral-mysql-pvc", ""), CLAIMS PVC("q", ""),
	 "! PersistentVolumeClaim/pxcentral-mysql-pvc removed\n  PersistentVolumeClaim/q added\n"},
	{CLAIMS PVC("px-backup-telemetry-storage", "") PVC("p", ""), CLAIMS PVC("p", ""),
	 "  PersistentVolumeClaim/px-backup-telemetry-storage removed\n"},
	{CLAIMS SET("s", "d", ", size: 2Gi"), CLAIMS SET("s", "d", ", size: 3Gi"),
	 "? StatefulSet/s d size 2Gi -> 3Gi\n"},
	{CLAIMS SET("s", "d", ""), CLAIMS SET("s", "d", "") SET("s", "e", ""), "? StatefulSet/s e claim added\n"},
	{CLAIMS SET("s", "d", ""), CLAIMS SET("s", "d", "") SET("t", "e", ""), "  StatefulSet/t e claim added\n"},
	{CLAIMS SET("pxcentral-keycloak-postgresql", "pxcentral-keycloak-data-postgres9", ", size: 2Gi"),
	 CLAIMS SET("pxcentral-keycloak-postgresql", "pxcentral-keycloak-data-postgres18", ", size: 3Gi"),
	 "  StatefulSet/pxcentral-keycloak-postgresql pxcentral-keycloak-data-postgres9 name "
	 "pxcentral-keycloak-data-postgres9 -> pxcentral-keycloak-data-postgres18\n"
	 "  StatefulSet/pxcentral-keycloak-postgresql pxcentral-keycloak-data-postgres9 size 2Gi -> 3Gi\n"},
	{CLAIMS "- {object: Prometheus/p, size: 64Gi}\n", CLAIMS "- {object: Prometheus/p, size: 5Gi}\n",
	 "  Prometheus/p size 64Gi -> 5Gi\n"},
	{CLAIMS "- {object: Prometheus/p, size: 64Gi}\n" PVC("p", ""), CLAIMS PVC("p", ""),
	 "  Prometheus/p claim removed\n"},
	{CLAIMS "- {object: Prometheus/p, size: 64Gi}\n" PVC("p", ""),
	 CLAIMS PVC("p", "") "workloads: [{object: Prometheus/p}]\n",
	 "? Prometheus/p claim removed\n  Prometheus/p added\n"},
	{WHOLE "workloads: [{object: Job/j, selector: a=b}]\n", WHOLE "workloads: [{object: Job/j}]\n", ""},
	{WHOLE "workloads: [{object: Job/j, selector: a=b}]\n", WHOLE "workloads: [{object: Job/j, selector: a=c}]\n",
	 "? Job/j selector a=b -> a=c\n"},
	{WHOLE "workloads: [{object: Deployment/d, selector: a=b}]\n", WHOLE, "  Deployment/d removed\n"},
	{WHOLE "workloads: [{object: StatefulSet/d, serviceName: a, podManagementPolicy: Parallel}]\n",
	 WHOLE "workloads: [{object: StatefulSet/d, serviceName: b, podManagementPolicy: OrderedReady}]\n",
	 "? StatefulSet/d serviceName a -> b\n? StatefulSet/d podManagementPolicy Parallel -> OrderedReady\n"},
};

static void differences(void **state)
{
	static const char marks[] = " ?!";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct lock_differences d;
		struct lock a, b;
		struct err err;
		struct buf out = BUF_TEXT;

		lock_differences_init(&d);
		if (read_lock(&a, pairs[i].before, &err) < 0 || read_lock(&b, pairs[i].after, &err) < 0 ||
		    lock_compare(&d, &a, &b, &err) < 0)
			fail_msg("%s", err.text);
		for (size_t k = 0; k < d.v.n; k++) {
			buf_addf(&out, "%c ", marks[d.v.v[k].weight]);
			lock_difference_text(&d.v.v[k], &out);
			buf_addc(&out, '\n');
		}
		assert_string_equal(buf_str(&out), pairs[i].differences);
		buf_release(&out);
		lock_differences_release(&d);
		lock_release(&a);
		lock_release(&b);
	}
}

/* --- from objects ---------------------------------------------------------------------------------------------- */

static const char cluster[] =
	"apiVersion: v1\n"
	"kind: List\n"
	"items:\n"
	"- apiVersion: apps/v1\n"
	"  kind: StatefulSet\n"
	"  metadata:\n"
	"    name: db\n"
	"    namespace: ns\n"
	"    annotations: {meta.helm.sh/release-name: px}\n"
	"    labels: {app.kubernetes.io/instance: px, helm.sh/chart: px-central-3.1.0-fc1}\n"
	"  spec:\n"
	"    selector: {matchLabels: {a: b}}\n"
	"    volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]\n"
	"- apiVersion: apps/v1\n"
	"  kind: StatefulSet\n"
	"  metadata:\n"
	"    name: made\n"
	"    namespace: ns\n"
	"    annotations: {meta.helm.sh/release-name: px}\n"
	"    ownerReferences: [{kind: Prometheus}]\n"
	"  spec: {}\n"
	"- apiVersion: v1\n"
	"  kind: PersistentVolumeClaim\n"
	"  metadata: {name: data-db-0, namespace: ns, labels: {app.kubernetes.io/instance: px}}\n"
	"  spec: {volumeName: v}\n"
	"- apiVersion: v1\n"
	"  kind: PersistentVolumeClaim\n"
	"  metadata: {name: data-db-own, namespace: ns, labels: {app.kubernetes.io/instance: px}}\n"
	"  spec: {volumeName: v}\n"
	"- apiVersion: v1\n"
	"  kind: PersistentVolumeClaim\n"
	"  metadata:\n"
	"    name: pre\n"
	"    namespace: ns\n"
	"    annotations: {helm.sh/hook: pre-install}\n"
	"    labels: {app.kubernetes.io/part-of: px-backup}\n"
	"  spec: {}\n"
	"- apiVersion: v1\n"
	"  kind: PersistentVolumeClaim\n"
	"  metadata: {name: foreign, namespace: ns}\n"
	"  spec: {}\n"
	"- apiVersion: apps/v1\n"
	"  kind: Deployment\n"
	"  metadata: {name: other, namespace: ns, annotations: {meta.helm.sh/release-name: another}}\n"
	"  spec: {}\n"
	"- apiVersion: monitoring.coreos.com/v1\n"
	"  kind: Prometheus\n"
	"  metadata: {name: p, namespace: ns, labels: {app.kubernetes.io/part-of: px-backup}}\n"
	"  spec: {storage: {volumeClaimTemplate: {spec: {storageClassName: c}}}}\n";

struct taken {
	char *text;
	struct release r;
	struct reading in;
	struct lock l;
};

/* The cluster's objects; not by_helm: as if kubectl had made them, without Helm's annotation. */
static void take_cluster(struct taken *t, bool by_helm)
{
	static const char mark[] = "meta.helm.sh/";
	struct err err = ERR_INIT;

	t->text = test_malloc(sizeof(cluster));
	memcpy(t->text, cluster, sizeof(cluster));
	for (char *at = t->text; !by_helm && (at = strstr(at, mark));)
		memcpy(at, "example.com//", strlen(mark));
	reading_of(&t->in, t->text);
	release_init(&t->r);
	lock_init(&t->l);
	if (release_build(&t->r, &t->in.s, &err) < 0 || lock_from_cluster(&t->l, "the cluster", "px", &t->r, &err) < 0)
		fail_msg("%s", err.text);
}

static void taken_release(struct taken *t)
{
	lock_release(&t->l);
	release_release(&t->r);
	reading_release(&t->in);
	test_free(t->text);
}

/* What controllers made, hooks, and what belongs to others is no choice of this installation. */
static void objects_of_a_cluster(void **state)
{
	struct err err = ERR_INIT;
	struct taken t;

	(void)state;
	take_cluster(&t, false);
	assert_int_equal(t.l.claims.n, 3);
	assert_slice(t.l.claims.v[0].object, "data-db-own");
	assert_slice(t.l.claims.v[1].object, "p");
	assert_slice(t.l.claims.v[2].name, "data");
	assert_int_equal(t.l.workloads.n, 2);
	assert_slice(t.l.workloads.v[0].kind, "Prometheus");
	assert_slice(t.l.workloads.v[1].name, "db");
	assert_slice(t.l.release_name, "px");
	assert_slice(t.l.ns, "ns");
	assert_slice(t.l.chart, "px-central");
	assert_slice(t.l.chart_version, "3.1.0-fc1");
	assert_int_equal(t.l.mode, LOCK_MODE_UNKNOWN);
	assert_int_equal(lock_check_complete(&t.l, &err), STATUS_INPUT);
	taken_release(&t);

	/* Where Helm's hand shows, what it did not make is not its. */
	take_cluster(&t, true);
	assert_int_equal(t.l.claims.n, 1);
	assert_slice(t.l.claims.v[0].name, "data");
	assert_int_equal(t.l.workloads.n, 1);
	assert_slice(t.l.release_name, "px");
	taken_release(&t);
}

static void the_history_goes_on(void **state)
{
	struct lock_differences d;
	struct lock old, now;
	struct err err;
	struct buf text;

	(void)state;
	lock_differences_init(&d);
	if (read_lock(&old, full, &err) < 0 || read_lock(&now, WHOLE, &err) < 0 ||
	    lock_compare(&d, &old, &now, &err) < 0 || lock_continue(&now, &old, &d, SLICE("why"), &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(now.history.n, 4);
	assert_slice(now.history.v[0].reason, "it's: \"big\" # now");
	assert_slice(now.history.v[3].reason, "why");
	assert_int_equal(now.history.v[3].date.n, 10);
	assert_int_equal(now.history.v[3].changes.n, d.v.n);
	assert_int_equal(now.encryption, LOCK_ON); /* what the new state does not show */
	assert_slice(now.chart, "px-central");
	lock_release(&old); /* nothing is borrowed of it */
	text = written(&now);
	buf_release(&text);
	lock_differences_release(&d);
	lock_release(&now);
}

static void whose_lock_it_is(void **state)
{
	static const struct {
		const char *ns, *name;
		bool another;
	} rows[] = {{"central", "px", false},
		    {"other", "px", false},
		    {"central", "other", false},
		    {"other", "other", true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct lock l, now;
		struct err err;

		assert_int_equal(read_lock(&l, WHOLE, &err), 0);
		lock_init(&now);
		now.ns = slice_str(rows[i].ns);
		now.release_name = slice_str(rows[i].name);
		assert_int_equal(lock_is_of_another(&l, &now), rows[i].another);
		now.ns = SLICE_EMPTY;
		assert_false(lock_is_of_another(&l, &now));
		lock_release(&l);
		lock_release(&now);
	}
}

/* The page and the editors' schema name every key of the full lock above. */
static void the_documents_name_every_key(void **state)
{
	static const char *const files[] = {"docs/lock.md", "docs/lock.schema.json"};
	static const char *const keys[] = {"mode",
					   "namespace",
					   "releaseName",
					   "storageClassName",
					   "encryptMongoDB",
					   "chart",
					   "claims",
					   "object",
					   "sha256",
					   "name",
					   "size",
					   "accessModes",
					   "rest",
					   "workloads",
					   "selector",
					   "serviceName",
					   "podManagementPolicy",
					   "history",
					   "date",
					   "reason",
					   "changes"};

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
		cleanup_buf struct buf text = BUF_INIT(1 << 20);
		struct err err = ERR_INIT;

		assert_int_equal(file_read(files[f], &text, STATUS_INPUT, &err), 0);
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
			char word[64];

			snprintf(word, sizeof(word), f ? "\"%s\":" : "%s", keys[i]);
			if (!strstr(buf_str(&text), word))
				fail_msg("%s does not name %s", files[f], word);
			if (!strstr(full, keys[i]))
				fail_msg("the full lock has no %s", keys[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantities),
		cmocka_unit_test(selectors),
		cmocka_unit_test(digests),
		cmocka_unit_test(wrong_locks),
		cmocka_unit_test(a_lock_is_written_as_it_is_read),
		cmocka_unit_test(differences),
		cmocka_unit_test(objects_of_a_cluster),
		cmocka_unit_test(the_history_goes_on),
		cmocka_unit_test(whose_lock_it_is),
		cmocka_unit_test(the_documents_name_every_key),
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
