#define PCRE2_CODE_UNIT_WIDTH 8
#include "credentials/custom.h"

#include <pcre2.h>

#include "credentials/names.h"

enum { MATCH_LIMIT = 200000, DEPTH_LIMIT = 2000, HEAP_LIMIT_KIB = 8192, FOLDED_MAX = 120 };

struct credential_custom {
	struct folded {
		char text[FOLDED_MAX];
		size_t n;
	} * names;
	size_t name_count;
	pcre2_code **patterns;
	size_t pattern_count;
};

void credential_custom_free(struct credential_custom *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->pattern_count; i++)
		pcre2_code_free(c->patterns[i]);
	free(c->patterns);
	free(c->names);
	free(c);
}

static bool add_pattern(struct credential_custom *c, struct slice text, struct err *err)
{
	PCRE2_SIZE at;
	PCRE2_UCHAR why[160];
	int code;
	pcre2_code *re =
		pcre2_compile((PCRE2_SPTR)text.p, text.n, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &at, NULL);

	if (!re) {
		pcre2_get_error_message(code, why, sizeof(why));
		err_set(err, STATUS_USAGE, "credentials.patterns: '" SLICE_FMT "': %s at offset %zu", SLICE_ARG(text),
			(const char *)why, (size_t)at);
		return false;
	}
	c->patterns[c->pattern_count++] = re;
	(void)pcre2_jit_compile(re, PCRE2_JIT_COMPLETE); /* without JIT it is slower, not wrong */
	return true;
}

struct credential_custom *credential_custom_new(const struct slice *names, size_t name_count,
						const struct slice *patterns, size_t pattern_count, struct err *err)
{
	struct credential_custom *c = calloc(1, sizeof(*c));

	if (c) {
		c->names = calloc(name_count + 1, sizeof(*c->names));
		c->patterns = calloc(pattern_count + 1, sizeof(*c->patterns));
	}
	if (!c || !c->names || !c->patterns) {
		credential_custom_free(c);
		err_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < name_count; i++) {
		struct folded *f = &c->names[c->name_count++];

		f->n = name_fold(names[i], f->text, sizeof(f->text));
	}
	for (size_t i = 0; i < pattern_count; i++)
		if (!add_pattern(c, patterns[i], err)) {
			credential_custom_free(c);
			return NULL;
		}
	return c;
}

bool credential_custom_name(const struct credential_custom *c, struct slice name)
{
	char key[FOLDED_MAX];
	size_t n = c && c->name_count ? name_fold(name, key, sizeof(key)) : 0;

	for (size_t i = 0; n && i < c->name_count; i++)
		if (c->names[i].n == n && memcmp(c->names[i].text, key, n) == 0)
			return true;
	return false;
}

enum custom_result credential_custom_value(const struct credential_custom *c, struct slice value, struct slice *secret)
{
	enum custom_result result = CUSTOM_NO;
	pcre2_match_context *context;
	pcre2_match_data *data;

	if (!c || c->pattern_count == 0)
		return CUSTOM_NO;
	context = pcre2_match_context_create(NULL);
	data = pcre2_match_data_create(1, NULL);
	if (!context || !data)
		result = CUSTOM_LIMIT;
	for (size_t i = 0; result == CUSTOM_NO && i < c->pattern_count; i++) {
		int rc;

		pcre2_set_match_limit(context, MATCH_LIMIT);
		pcre2_set_depth_limit(context, DEPTH_LIMIT);
		pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
		rc = pcre2_match(c->patterns[i], (PCRE2_SPTR)value.p, value.n, 0, 0, data, context);
		if (rc >= 0) {
			PCRE2_SIZE *v = pcre2_get_ovector_pointer(data);

			*secret = slice_of(value.p + v[0], v[1] > v[0] ? v[1] - v[0] : 0);
			result = CUSTOM_MATCH;
		} else if (rc != PCRE2_ERROR_NOMATCH) {
			result = CUSTOM_LIMIT;
		}
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(context);
	return result;
}
