/*
 * test_library.c: the public interface, used as a stranger would: only pxbfed.h is included.
 */
#include "pxbfed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(1 << 20);

	assert_non_null(f);
	assert_non_null(text);
	*n = fread(text, 1, 1 << 20, f);
	fclose(f);
	return text;
}

struct gate_case {
	const char *stream, *policy;
	int returns;
	const char *in_report; /* or in the error */
	int has_output;
	const char *lock;
};

#define LOCK(mode, ns, name)                                                                                      \
	"apiVersion: pxb-fed/v1\nkind: Lock\nmode: " mode "\nnamespace: " ns "\nreleaseName: " name "\n"          \
	"claims: [{object: PersistentVolumeClaim/pxcentral-mysql-pvc, storageClassName: px-csi-db, size: 100Gi, " \
	"accessModes: [ReadWriteOnce]}]\n"

static const struct gate_case cases[] = {
	{"testdata/streams/fed-default.helm4.yaml", NULL, PXBFED_COMPLIANT, "\"compliant\"", 1, NULL},
	{"testdata/streams/fed-default.helm4.yaml", "apiVersion: pxb-fed/v1\nkind: Policy\nsecondOpinion: false\n",
	 PXBFED_COMPLIANT, "\"compliant\"", 1, NULL},
	{"testdata/streams/classic.helm4.yaml", NULL, PXBFED_PATCHED, "\"federated-flag\"", 1, NULL},
	{"testdata/streams/classic.helm3.yaml", NULL, PXBFED_REFUSED, "pxbackup.federated=true", 0, NULL},
	{"testdata/streams/fed-default.helm4.yaml", "apiVersion: pxb-fed/v1\nkind: Policy\ntelemetry: required\n",
	 PXBFED_REFUSED, "\"telemetry\"", 0, NULL},
	{"Makefile", NULL, PXBFED_UNREADABLE, "\"unreadable\"", 0, NULL},
	{"testdata/streams/fed-default.helm4.yaml", "apiVersion: pxb-fed/v1\nkind: Policy\ntelemetri: required\n",
	 PXBFED_ERROR_POLICY, "telemetry", 0, NULL},
	{"testdata/streams/fed-default.helm4.yaml", NULL, PXBFED_COMPLIANT, "\"compliant\"", 1,
	 LOCK("federated", "central", "px-central")},
	{"testdata/streams/classic.helm4.yaml", NULL, PXBFED_PATCHED, "\"mode-locked\"", 1,
	 LOCK("federated", "central", "px-central")},
	{"testdata/streams/classic.helm4.yaml", NULL, PXBFED_REFUSED, "\"mode-locked\"", 0,
	 LOCK("classic", "central", "px-central")},
	{"testdata/streams/fed-default.helm4.yaml", NULL, PXBFED_REFUSED, "\"namespace-locked\"", 0,
	 LOCK("federated", "other", "px-central")},
	{"testdata/streams/fed-default.helm4.yaml", NULL, PXBFED_ERROR_POLICY, "another installation", 0,
	 LOCK("federated", "other", "other")},
	{"testdata/streams/fed-default.helm4.yaml", NULL, PXBFED_ERROR_POLICY, "lock:3:7: 'mode' must be", 0,
	 LOCK("federal", "central", "px-central")},
};

static void gate_returns_verdict_report_and_output(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct gate_case *c = &cases[i];
		struct pxbfed_options o = {.policy = c->policy,
					   .policy_size = c->policy ? strlen(c->policy) : 0,
					   .lock = c->lock,
					   .lock_size = c->lock ? strlen(c->lock) : 0};
		struct pxbfed_result *r = NULL;
		const char *out, *report;
		size_t n, out_n;
		char *in = slurp(c->stream, &n);

		assert_int_equal(pxbfed_gate(in, n, &o, &r), c->returns);
		assert_non_null(r);
		out = pxbfed_result_output(r, &out_n);
		report = pxbfed_result_report(r);
		assert_int_equal(out != NULL, c->has_output);
		assert_non_null(strstr(c->returns < 0 ? pxbfed_result_error(r) : report, c->in_report));
		if (c->returns == PXBFED_COMPLIANT) {
			assert_int_equal(out_n, n);
			assert_memory_equal(out, in, n);
		}
		if (c->returns == PXBFED_PATCHED) {
			struct pxbfed_result *again = NULL;

			assert_int_equal(pxbfed_gate(out, out_n, &o, &again), PXBFED_COMPLIANT);
			pxbfed_result_free(again);
		}
		pxbfed_result_free(r);
		free(in);
	}
}

static void limit_is_kept(void **state)
{
	struct pxbfed_options o = {.max_size = 16};
	struct pxbfed_result *r = NULL;

	(void)state;
	assert_int_equal(pxbfed_gate("a: 1234567890123456\n", 20, &o, &r), PXBFED_ERROR_INPUT);
	assert_non_null(strstr(pxbfed_result_error(r), "the limit is 16"));
	assert_null(pxbfed_result_report(r));
	pxbfed_result_free(r);
	assert_int_equal(pxbfed_gate("a: 123456789012\n", 16, &o, &r), PXBFED_UNREADABLE);
	pxbfed_result_free(r);
}

static void nothing_is_fine_with_nothing(void **state)
{
	size_t n;

	(void)state;
	pxbfed_result_free(NULL);
	assert_null(pxbfed_result_output(NULL, &n));
	assert_int_equal(n, 0);
	assert_null(pxbfed_result_report(NULL));
	assert_non_null(strchr(pxbfed_version(), '.'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate_returns_verdict_report_and_output),
		cmocka_unit_test(limit_is_kept),
		cmocka_unit_test(nothing_is_fine_with_nothing),
	};

	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
