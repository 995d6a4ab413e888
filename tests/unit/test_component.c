/*
 * test_component.c: the table of the chart's workloads against renders of the chart.
 */
#include "reading.h"

#include "base/file.h"
#include "chart/component.h"
#include "kube/release.h"

static bool is_workload(const struct object *o)
{
	return !o->hook &&
	       (slice_is(o->kind, "Deployment") || slice_is(o->kind, "StatefulSet") || slice_is(o->kind, "Job"));
}

static const char *const renders[] = {"testdata/streams/fed-default.helm4.yaml",
				      "testdata/streams/fed-telemetry.helm4.yaml",
				      "testdata/streams/fed-istio-nohost.helm3.yaml"};

static void test_table_has_every_workload(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(renders); i++) {
		cleanup_buf struct buf text = BUF_TEXT;
		struct limits limits = LIMITS_DEFAULT;
		struct err err = ERR_INIT;
		struct stream s;
		struct release r;
		unsigned found = 0, required = 0;

		assert_int_equal(file_read(renders[i], &text, STATUS_INPUT, &err), 0);
		stream_init(&s, &limits);
		assert_int_equal(stream_add(&s, renders[i], buf_slice(&text), &err), 0);
		release_init(&r);
		assert_int_equal(release_build(&r, &s, &err), 0);
		for (size_t o = 0; o < r.objects.n; o++) {
			const struct object *at = r.objects.v[o];
			const struct chart_component *c;

			if (!is_workload(at))
				continue;
			c = component_find(slice_is(at->kind, "Job")	      ? "Job"
					   : slice_is(at->kind, "Deployment") ? "Deployment"
									      : "StatefulSet",
					   at->name);
			if (!c)
				fail_msg("components.def lacks " SLICE_FMT, SLICE_ARG(at->name));
			found += !!(c->flags & COMPONENT_REQUIRED);
		}
		for (unsigned c = 0; c < COMPONENT_COUNT; c++)
			required += !!(chart_components[c].flags & COMPONENT_REQUIRED);
		assert_int_equal(found, required);
		release_release(&r);
		stream_release(&s);
	}
}

/* Each name in `after` is a row above: there is no circle. */
static void test_order(void **state)
{
	(void)state;
	for (unsigned c = 0; c < COMPONENT_COUNT; c++) {
		struct slice rest = slice_str(chart_components[c].after);

		while (rest.n) {
			struct slice name = slice_cut(rest, ' ', &rest);
			unsigned above = 0;

			while (above < c && !slice_is(name, chart_components[above].name))
				above++;
			if (above == c)
				fail_msg("%s comes after " SLICE_FMT ", which is no row above",
					 chart_components[c].name, SLICE_ARG(name));
		}
	}
}

static void test_runtime_objects(void **state)
{
	const struct runtime_object *o =
		runtime_object_find("Secret", SLICE("pxc-backup-secret"), SLICE("OIDC_CLIENT_SECRET"));

	(void)state;
	assert_non_null(o);
	assert_int_equal(o->by, MADE_BY_POST_INSTALL);
	assert_null(runtime_object_find("Secret", SLICE("pxc-backup-secret"), SLICE("OIDC_CLIENT_ID")));
	assert_null(runtime_object_find("ConfigMap", SLICE("pxc-backup-mongodb"), SLICE_EMPTY));
	assert_null(runtime_object_find("Secret", SLICE("px-proxy"), SLICE_EMPTY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_has_every_workload),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_runtime_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
