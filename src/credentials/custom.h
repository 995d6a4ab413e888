/*
 * custom.h: names and patterns that a platform team adds in its policy (`credentials: {names: [...], patterns:
 * [...]}`). They only add; nothing built in can be taken away. Patterns are PCRE2, compiled once with JIT, run on each
 * decoded scalar with limits; a limit that is reached is reported, never taken for clean.
 */
#ifndef PXB_CREDENTIALS_CUSTOM_H
#define PXB_CREDENTIALS_CUSTOM_H

#include "base/err.h"
#include "base/slice.h"

struct credential_custom;

/* NULL and *err (STATUS_USAGE, with the text of PCRE2 and the offset) when a pattern does not compile. Texts are
 * copied. */
struct credential_custom *credential_custom_new(const struct slice *names, size_t name_count,
						const struct slice *patterns, size_t pattern_count,
						struct err *err) PXB_MUST_CHECK;
void credential_custom_free(struct credential_custom *c);

bool credential_custom_name(const struct credential_custom *c, struct slice name);

enum custom_result { CUSTOM_NO, CUSTOM_MATCH, CUSTOM_LIMIT };

/* Thread-safe: match data lives on the stack of the call. */
enum custom_result credential_custom_value(const struct credential_custom *c, struct slice value, struct slice *secret);

#endif
