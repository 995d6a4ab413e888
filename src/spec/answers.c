#include "spec/answers.h"

#include "kube/quantity.h"
#include "userfile/forms.h"
#include "userfile/strict.h"
#include "userfile/syntax.h"

enum { ONCE = true, LATER = false, MUST = true, MAY = false, ASK = true, FILE_ONLY = false };

const struct answer_info answer_infos[ANSWER_COUNT] = {
#define FILE FILE_ONLY
#define ANSWER(name, section, key, form, def, once, required, asked, when, is, prompt, reason) \
	[ANSWER_##name] = {section, key, form, def, once, required, asked, ANSWER_##when, is, prompt, reason},
#include "spec/answers.def"
#undef FILE
};

void answers_init(struct answers *a)
{
	memset(a, 0, sizeof(*a));
	a->arena = ARENA_INIT((size_t)16 << 20);
	for (unsigned i = 0; i < ANSWER_COUNT; i++)
		a->text[i] = slice_str(answer_infos[i].def);
}

void answers_release(struct answers *a)
{
	arena_release(&a->arena);
	memset(a, 0, sizeof(*a));
}

void answer_key(enum answer_id id, struct buf *out)
{
	const struct answer_info *i = &answer_infos[id];

	buf_addf(out, "%s%s%s", i->section ? i->section : "", i->section ? "." : "", i->key);
}

const char *answer_words(enum answer_form f)
{
	switch (f) {
	case FORM_SWITCH:
		return "true|false";
	case FORM_SERVICE:
		return "LoadBalancer|NodePort|ClusterIP";
	case FORM_PROXY:
		return "none|plain|secret";
	case FORM_MESH:
		return "none|istio|linkerd";
	default:
		return NULL;
	}
}

bool answer_is(const struct answers *a, enum answer_id id, const char *text)
{
	return slice_is(a->text[id], text);
}

bool answer_counts(const struct answers *a, enum answer_id id)
{
	const struct answer_info *i = &answer_infos[id];

	if (i->when == ANSWER_NONE)
		return true;
	if (!answer_counts(a, i->when))
		return false;
	return i->is[0] ? answer_is(a, i->when, i->is) : a->text[i->when].n > 0;
}

/* --- forms ----------------------------------------------------------------------------------------------------- */

static bool is_word_of(struct slice text, const char *words)
{
	struct slice rest = slice_str(words);

	while (rest.p)
		if (slice_eq(slice_cut(rest, '|', &rest), text))
			return true;
	return false;
}

/* MAJOR.MINOR.PATCH; *major is what decides. */
static bool is_version(struct slice s, unsigned *major)
{
	struct slice rest = s, core = slice_cut(s, '-', &rest), number = core;
	size_t parts = 0;

	*major = 0;
	for (; number.p; parts++) {
		struct slice digits = slice_cut(number, '.', &number);

		if (!digits.n || digits.n > 4 || (digits.n > 1 && digits.p[0] == '0'))
			return false;
		for (size_t i = 0; i < digits.n; i++) {
			if (digits.p[i] < '0' || digits.p[i] > '9')
				return false;
			if (parts == 0)
				*major = *major * 10 + (unsigned)(digits.p[i] - '0');
		}
	}
	return parts == 3 && (!rest.p || (form_is_printable(rest) && is_dns_subdomain(rest)));
}

static const char *version_fault(struct slice s)
{
	unsigned major;

	if (slice_is(s, "<pxb-version>"))
		return "is the placeholder of the vendor's page; write the version, for example 3.0.0";
	if (!is_version(s, &major))
		return "must be a version with three numbers, for example 3.0.0";
	return major < 3 ? "must be 3.0.0 or later: earlier charts know no Federated mode" : NULL;
}

static const char *label_fault(struct slice s)
{
	if (slice_is(s, "default"))
		return "must not be default: use a namespace of its own, which can be deleted and limited";
	return is_dns_label(s) ? NULL
			       : "must be a DNS label: lower case letters, digits and '-', at most 63 characters";
}

static const char *form_fault(enum answer_form form, struct slice s)
{
	switch (form) {
	case FORM_VERSION:
		return version_fault(s);
	case FORM_RELEASE:
		return is_release_name(s) ? NULL
					  : "must be a release name: lower case letters, digits and '-', at most 53 "
					    "characters";
	case FORM_LABEL:
		return label_fault(s);
	case FORM_NAME:
		return form_name_fault(s);
	case FORM_SWITCH:
	case FORM_SERVICE:
	case FORM_PROXY:
	case FORM_MESH:
		return is_word_of(s, answer_words(form)) ? NULL : "must be one of the words above";
	case FORM_QUANTITY:
		return quantity_valid(s) && quantity_cmp(s, SLICE("1Gi")) >= 0
			       ? NULL
			       : "must be a size of at least 1Gi, for example 100Gi";
	case FORM_URL:
		return form_url_fault(s);
	case FORM_WORD:
		return form_is_printable(s) ? NULL : "must be one word without blanks";
	case FORM_FILE:
		return NULL;
	case FORM_DATE:
		return is_date(s) ? NULL : "must be a day that exists, written YYYY-MM-DD";
	case FORM_HOSTS:
		return form_hosts_fault(s);
	case FORM_REGISTRY:
		return form_registry_fault(s);
	case FORM_REPOSITORY:
		return form_repository_fault(s);
	case FORM_HOST:
		return form_host_fault(s);
	}
	return NULL;
}

const char *answer_fault(enum answer_id id, struct slice text)
{
	const struct answer_info *i = &answer_infos[id];

	if (!text.n)
		return i->required ? "has no default; an answer is required" : NULL;
	return form_fault(i->form, text);
}

/* --- all of them ----------------------------------------------------------------------------------------------- */

void answer_take(struct answers *a, enum answer_id id, struct slice text)
{
	a->text[id] = slice_str(arena_str(&a->arena, text));
	a->given[id] = true;
}

/* What answers say together. */
static const char *combination_fault(const struct answers *a, enum answer_id *id)
{
	static const struct {
		enum answer_id endpoint, secret;
	} pairs[] = {{ANSWER_PROM_ENDPOINT, ANSWER_PROM_SECRET}, {ANSWER_ALERT_ENDPOINT, ANSWER_ALERT_SECRET}};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (answer_counts(a, pairs[i].secret) && !a->text[pairs[i].secret].n &&
		    slice_starts(a->text[pairs[i].endpoint], "https://")) {
			*id = pairs[i].secret;
			return "is required: the chart refuses an https endpoint without credentials";
		}
	*id = ANSWER_MESH_HOST;
	if (answer_counts(a, ANSWER_MESH_HOST) && answer_is(a, ANSWER_MESH_SHARED, "true") &&
	    !a->text[ANSWER_MESH_HOST].n)
		return "is required: other applications use the same prefix";
	return NULL;
}

int answers_check(const struct answers *a, struct err *err)
{
	cleanup_buf struct buf name = BUF_TEXT;
	const char *fault = NULL;
	enum answer_id id = ANSWER_NONE;

	/* A text that found no room is empty, which is not what was answered. */
	if (arena_failed(&a->arena))
		return err_nomem(err);
	for (unsigned i = 0; i < ANSWER_COUNT && !fault; i++) {
		id = (enum answer_id)i;
		if (answer_counts(a, id))
			fault = answer_fault(id, a->text[i]);
	}
	if (!fault)
		fault = combination_fault(a, &id);
	if (!fault)
		return 0;
	answer_key(id, &name);
	return err_set(err, STATUS_USAGE, "answer '%s' %s", buf_str(&name), fault);
}
