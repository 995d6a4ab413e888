/*
 * What `spec` makes of answers: the checks of single answers and of all together, the Secret's rules, image names.
 */
#include "spec/answers.h"
#include "spec/images.h"
#include "spec/secret.h"
#include "spec/spec.h"

#include <setjmp.h>

#include <cmocka.h>

static void single_answers(void **state)
{
	static const struct {
		enum answer_id id;
		const char *text;
		const char *says; /* NULL: right */
	} rows[] = {
		{ANSWER_VERSION, "3.0.0", NULL},
		{ANSWER_VERSION, "3.1.0-fc1", NULL},
		{ANSWER_VERSION, "2.11.0", "3.0.0 or later"},
		{ANSWER_VERSION, "3.0", "three numbers"},
		{ANSWER_VERSION, "03.0.0", "three numbers"},
		{ANSWER_VERSION, "<pxb-version>", "placeholder"},
		{ANSWER_NAMESPACE, "central", NULL},
		{ANSWER_NAMESPACE, "Central", "DNS label"},
		{ANSWER_NAMESPACE, "a.b", "DNS label"},
		{ANSWER_NAMESPACE, "default", "must not be default"},
		{ANSWER_RELEASE, "px_central", "release name"},
		{ANSWER_STORAGE_CLASS, "px-csi-db", NULL},
		{ANSWER_STORAGE_CLASS, "Fast", "lower case"},
		{ANSWER_STORAGE_CLASS, "<storage-class-name>", "placeholder"},
		{ANSWER_STORAGE_CLASS, "", "an answer is required"},
		{ANSWER_SIZE_MYSQL, "100Gi", NULL},
		{ANSWER_SIZE_MYSQL, "100", "at least 1Gi"},
		{ANSWER_SIZE_MYSQL, "-1Gi", "at least 1Gi"},
		{ANSWER_SIZE_MYSQL, "100 GB", "at least 1Gi"},
		{ANSWER_PROXY_HTTP, "http://proxy.example.com:8080", NULL},
		{ANSWER_PROXY_HTTP, "http://proxy.example.com:8080/", NULL},
		{ANSWER_PROXY_HTTP, "proxy.example.com:8080", "http:// or https://"},
		{ANSWER_PROXY_HTTP, "http://u:p@proxy.example.com", "user name or password"},
		{ANSWER_PROXY_HTTP, "http://", "must name a host"},
		{ANSWER_PROXY_HTTP, "http://a b", "without blanks"},
		{ANSWER_PROXY_NO, "10.0.0.1,.example.com,10.0.0.0/8", NULL},
		{ANSWER_PROXY_NO, "10.0.0.1, b", "must not contain blanks"},
		{ANSWER_PROXY_NO, "a,,b", "empty entry"},
		{ANSWER_PROXY_NO, "a,", "empty entry"},
		{ANSWER_PROXY_NO, "http://a", "not URLs"},
		{ANSWER_REGISTRY, "registry.example.com:5000", NULL},
		{ANSWER_REGISTRY, "", NULL},
		{ANSWER_REGISTRY, "https://registry.example.com", "without a scheme"},
		{ANSWER_REGISTRY, "registry.example.com/pxb", "without a path"},
		{ANSWER_REPOSITORY, "team/pxb", NULL},
		{ANSWER_REPOSITORY, "/pxb", "without '/'"},
		{ANSWER_MESH, "istio", NULL},
		{ANSWER_MESH, "ambient", "one of the words"},
		{ANSWER_MESH_HOST, "*", "one host name"},
		{ANSWER_OIDC_EXPIRES, "2027-02-30", "YYYY-MM-DD"},
		{ANSWER_OIDC_EXPIRES, "2027-01-31", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *fault = answer_fault(rows[i].id, slice_str(rows[i].text));

		if (!rows[i].says != !fault || (fault && !strstr(fault, rows[i].says)))
			fail_msg("'%s': %s", rows[i].text, fault ? fault : "right");
	}
}

static void answer_files(void **state)
{
	static const struct {
		const char *text;
		const char *says; /* NULL: right */
	} rows[] = {
		{"storage: {className: a}\n", NULL},
		{"namespace: x\n", "answer 'storage.className' has no default"},
		{"storage: {className: a}\nnamespce: x\n", "did you mean 'namespace'?"},
		{"storage: {className: a, className: b}\n", "'className'"},
		{"storage: {class: a}\n", "unknown key"},
		{"storage: {className: 1}\n", "must be a text"},
		{"storage: [a]\n", "must be a mapping"},
		{"storage: {className: a}\nversion: 3.0\n", "'version' must be a text"},
		{"storage: {className: a}\nargoCD: \"true\"\n", "true or false, without quotes"},
		{"storage: {className: a}\nmesh: {mode: ambient}\n", "one of none|istio|linkerd"},
		{"storage: {className: a}\nmesh: {hostName: a.example.com}\n", "has no effect: it needs 'mesh.mode'"},
		{"storage: {className: a}\nmesh: {mode: istio, sharedGateway: true}\n", "'mesh.hostName' is required"},
		{"storage: {className: a}\nproxy: {mode: plain}\n", "'proxy.http' has no default"},
		{"storage: {className: a}\nmonitoring: {external: true, prometheus: \"https://p\", "
		 "alertmanager: \"http://a\"}\n",
		 "'monitoring.prometheusSecret' is required"},
		{"storage: {className: a}\nregistry: {host: r.example.com}\n", "'registry.repository' has no default"},
		{"storage: {className: }\n", "has no value"},
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_answers struct answers a;
		struct err err = ERR_INIT;
		int rc;

		answers_init(&a);
		snprintf(text, sizeof(text), "apiVersion: pxb-fed/v1\nkind: Answers\n%s", rows[i].text);
		rc = answers_read(&a, "a.yaml", slice_str(text), &err);
		if (rows[i].says ? rc != STATUS_USAGE || !strstr(err.text, rows[i].says) : rc != 0)
			fail_msg("row %zu: %d %s", i, rc, err.text);
	}
}

/* What is printed for editing can be read again and says the same. */
static void answers_again(void **state)
{
	static const char text[] = "apiVersion: pxb-fed/v1\nkind: Answers\nstorage: {className: px-csi-db, mysql: "
				   "200Gi}\nencryptMongoDB: true\nmesh: {mode: istio}\n";
	cleanup_answers struct answers a, b;
	cleanup_buf struct buf once = BUF_TEXT, again = BUF_TEXT;
	struct err err = ERR_INIT;

	(void)state;
	answers_init(&a);
	answers_init(&b);
	assert_int_equal(answers_read(&a, "a.yaml", slice_str(text), &err), 0);
	answers_write(&a, &once);
	assert_int_equal(answers_read(&b, "b.yaml", buf_slice(&once), &err), 0);
	answers_write(&b, &again);
	assert_string_equal(buf_str(&once), buf_str(&again));
	for (unsigned i = 0; i < ANSWER_COUNT; i++)
		assert_true(slice_eq(a.text[i], b.text[i]));
}

static void secret_rules(void **state)
{
	static const struct {
		const char *key;
		size_t n;	 /* so many letters */
		const char *end; /* and this behind them */
		const char *says;
	} rows[] = {
		{"mysql-password", 12, "@:/%", NULL},
		{"mysql-password", 12, "\n", "ends with a newline"},
		{"mysql-password", 0, "", "is empty"},
		{"postgresql-password", 12, "", NULL},
		{"postgresql-password", 12, "@", "other than A-Z, a-z and 0-9"},
		{"mongodb-root-password", 12, "-_.", NULL},
		{"mongodb-root-password", 12, "/", "breaks the database's URI"},
		{"mongodb-px-backup-password", 12, "%", "breaks the database's URI"},
		{"mongodb-replica-set-key", 6, "", NULL},
		{"mongodb-replica-set-key", 5, "", "shorter than 6"},
		{"mongodb-replica-set-key", 1025, "", "longer than 1024"},
		{"mongodb-replica-set-key", 60, "+/==", NULL},
		{"mongodb-replica-set-key", 60, "-", "other than A-Z, a-z, 0-9, +"},
		{"mongodb-master-encryption-key", 96, "", NULL},
		{"mongodb-master-encryption-key", 95, "", "exactly 96"},
		{"mongodb-master-encryption-key", 97, "", "exactly 96"},
		{"mongodb-master-encryption-key", 95, "\n", "ends with a newline"},
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct pxc_credential *c = pxc_credential_find(slice_str(rows[i].key));
		const char *fault;

		assert_non_null(c);
		memset(text, 'x', rows[i].n);
		memcpy(text + rows[i].n, rows[i].end, strlen(rows[i].end) + 1);
		fault = pxc_credential_fault(c, slice_str(text));
		if (!rows[i].says != !fault || (fault && !strstr(fault, rows[i].says)))
			fail_msg("row %zu: %s", i, fault ? fault : "right");
	}
}

/* A made Secret passes its own check, with and without the master key, and two are never equal. */
static void made_secrets(void **state)
{
	cleanup_secret struct secret a, b;
	cleanup_buf struct buf text = BUF_INIT(SECRET_MANIFEST_MAX), report = BUF_TEXT;
	struct err err = ERR_INIT;
	size_t faults;

	(void)state;
	secret_init(&a);
	secret_init(&b);
	assert_int_equal(secret_fill(&a, true, &err), 0);
	assert_int_equal(secret_fill(&b, false, &err), 0);
	assert_memory_not_equal(a.value[0].text, b.value[0].text, pxc_credentials[0].made);
	assert_int_equal(b.value[PXC_CREDENTIALS_N - 1].n, 0);
	secret_write(&a, "central", true, &text);
	assert_int_equal(secret_check("s", buf_slice(&text), true, &report, &faults, &err), 0);
	assert_int_equal(faults, 0);
	for (size_t i = 0; i < PXC_CREDENTIALS_N; i++)
		assert_null(strstr(buf_str(&report), a.value[i].text));
}

static void image_names(void **state)
{
	static const struct {
		const char *image, *registry, *path, *tag, *digest, *moved;
	} rows[] = {
		{"docker.io/portworx/px-backup:3.0.0", "docker.io", "portworx/px-backup", "3.0.0", "",
		 "r:5000/p/px-backup:3.0.0"},
		{"busybox", "docker.io", "busybox", "", "", "r:5000/p/busybox"},
		{"host:5000/a/b", "host:5000", "a/b", "", "", "r:5000/p/b"},
		{"localhost/a:1", "localhost", "a", "1", "", "r:5000/p/a:1"},
		{"portworx/a@sha256:0123", "docker.io", "portworx/a", "", "sha256:0123", "r:5000/p/a@sha256:0123"},
	};
	cleanup_image_list struct image_list l;

	(void)state;
	image_list_init(&l);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct image_parts p = image_split(slice_str(rows[i].image));

		assert_true(slice_is(p.registry, rows[i].registry));
		assert_true(slice_is(p.path, rows[i].path));
		assert_true(slice_is(p.tag, rows[i].tag));
		assert_true(slice_is(p.digest, rows[i].digest));
		assert_string_equal(image_moved(&l, rows[i].image, "r:5000", "p"), rows[i].moved);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_answers), cmocka_unit_test(answer_files), cmocka_unit_test(answers_again),
		cmocka_unit_test(secret_rules),	  cmocka_unit_test(made_secrets), cmocka_unit_test(image_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
