/*
 * answers.h: the answers from which an installation is specified.
 *
 * Takes an answers file (`apiVersion: pxb-fed/v1`, `kind: Answers`) or single answers, and gives a struct answers in
 * which every answer is valid on its own and with the others. Nothing here asks, prints, or reads a clock.
 *
 * The texts of an answers struct live in its arena.
 */
#ifndef PXB_SPEC_ANSWERS_H
#define PXB_SPEC_ANSWERS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/arena.h"

enum answer_id {
#define ANSWER(name, ...) ANSWER_##name,
#include "spec/answers.def"
	ANSWER_COUNT,
	ANSWER_NONE = ANSWER_COUNT
};

/* What a text must be. */
enum answer_form {
	FORM_VERSION,	 /* 3.0.0 or later */
	FORM_RELEASE,	 /* a Helm release name */
	FORM_LABEL,	 /* a DNS label */
	FORM_NAME,	 /* a name of the API: a DNS subdomain */
	FORM_SWITCH,	 /* true or false */
	FORM_SERVICE,	 /* a type of Service */
	FORM_PROXY,	 /* none, plain, secret */
	FORM_MESH,	 /* none, istio, linkerd */
	FORM_QUANTITY,	 /* 100Gi */
	FORM_URL,	 /* http:// or https://, without a login */
	FORM_WORD,	 /* one word that can be printed */
	FORM_FILE,	 /* a path */
	FORM_DATE,	 /* 2027-01-31 */
	FORM_HOSTS,	 /* hosts, addresses and domains, separated by commas */
	FORM_REGISTRY,	 /* host[:port] */
	FORM_REPOSITORY, /* path of a registry */
	FORM_HOST,	 /* a host name */
};

struct answer_info {
	const char *section, *key; /* section: NULL at the top */
	enum answer_form form;
	const char *def; /* "": none */
	bool once;	 /* can never be changed after the installation */
	bool required;	 /* where it counts */
	bool asked;	 /* by the dialog */
	enum answer_id when;
	const char *is;
	const char *prompt, *reason;
};

extern const struct answer_info answer_infos[ANSWER_COUNT];

struct answers {
	struct arena arena;
	struct slice text[ANSWER_COUNT]; /* what was answered, else the default; NUL-terminated */
	bool given[ANSWER_COUNT];
};

#define cleanup_answers PXB_CLEANUP(answers_release)

void answers_init(struct answers *a); /* all defaults */
void answers_release(struct answers *a);

/* "storage.className". */
void answer_key(enum answer_id id, struct buf *out);

/* The words that a form allows, "true|false"; NULL when any text of the form is allowed. */
const char *answer_words(enum answer_form f);

/* Whether the answers before it make this one count. */
bool answer_counts(const struct answers *a, enum answer_id id);

bool answer_is(const struct answers *a, enum answer_id id, const char *text);

/* Checks one text; NULL when it is right, else what is wrong, as the end of a sentence ("must be ..."). */
const char *answer_fault(enum answer_id id, struct slice text);

/* Takes one answer, which must be right. */
void answer_take(struct answers *a, enum answer_id id, struct slice text);

/* What is missing or contradicts: 0, or STATUS_USAGE with the answer's name. */
int answers_check(const struct answers *a, struct err *err) PXB_MUST_CHECK;

/* Reads a file's text. STATUS_USAGE with "FILE:LINE:COLUMN: ..."; afterwards the answers are complete. */
int answers_read(struct answers *a, const char *name, struct slice text, struct err *err) PXB_MUST_CHECK;

/* A commented answers file: those that were given are set, the others are comments. It can be read again. */
void answers_write(const struct answers *a, struct buf *out);

#endif
