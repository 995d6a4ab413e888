/*
 * policy_key.h: the keys of a policy that hold one word or one text. One table (policy_key.c): what reads a policy,
 * what only tightens it, and what prints it know a key from there and from nowhere else.
 */
#ifndef PXB_POLICY_POLICY_KEY_H
#define PXB_POLICY_POLICY_KEY_H

#include "base/buf.h"
#include "policy/policy.h"
#include "userfile/strict.h"

#define POLICY_KIND "Policy"

struct policy_key {
	const char *name;    /* "serviceMesh.hostName" */
	const char *section; /* "serviceMesh", NULL at the top level */
	const char *key;     /* "hostName" */

	/* A choice: its words by value, and how tight each is. Only a move to a tighter one tightens. NULL for a text.
	 */
	const char *const *words;
	const unsigned char *tightness;

	/* A text: which are valid, and what the message about a wrong one says. A text that is not set may be set, a
	 * set one stays. */
	size_t at; /* offset of the slice in struct policy */
	bool (*valid)(struct slice text);
	const char *must_be;

	const char *unset; /* what holds while a text is not set */
	const char *example;
	const char *help; /* one line */
	unsigned n_words; /* of a choice */
	bool is_version;  /* a text of which a higher version tightens */
};

extern const struct policy_key policy_keys[POLICY_FIELDS];

/* The mappings that group keys. */
extern const char *const policy_sections[];
extern const size_t n_policy_sections;

unsigned policy_choice(const struct policy *p, enum policy_field f);
struct slice policy_text(const struct policy *p, enum policy_field f);

/* The word of a choice that is in force. */
const char *policy_word(const struct policy *p, enum policy_field f);

/* Set a key. The text is copied. */
void policy_put_choice(struct policy *p, enum policy_field f, unsigned value, struct origin origin);
void policy_put_text(struct policy *p, enum policy_field f, struct slice text, struct origin origin);

/* The same for what a release or values files show: only where nothing is set yet, and no text that a policy would not
   take. An origin without a line is memory that ran short (for the table of lines) and makes the arena failed. */
void policy_fact_choice(struct policy *p, enum policy_field f, unsigned value, struct origin origin);
void policy_fact_text(struct policy *p, enum policy_field f, struct slice text, struct origin origin);

/* Whether the new value is the old one or tighter. */
bool policy_choice_tightens(const struct policy *p, enum policy_field f, unsigned value);
bool policy_text_tightens(const struct policy *p, enum policy_field f, struct slice text);

/* Index of a word, or n_words. */
unsigned policy_key_word(const struct policy_key *k, struct slice word);

/* "a, b or c". */
void policy_key_words(const struct policy_key *k, struct buf *out);

/* "FILE:LINE", "option --patch", "built-in". */
struct where {
	char text[256];
};

struct where origin_where(struct origin o);

#endif
