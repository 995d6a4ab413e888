#include "chart/pxc_credentials.h"

#include "base/ascii.h"
enum { ALPHABET_PRINTABLE, ALPHABET_ALNUM, ALPHABET_URI, ALPHABET_BASE64 };

const struct pxc_credential pxc_credentials[PXC_CREDENTIALS_N] = {
#define CREDENTIAL(key, alphabet, least, most, made, encryption) {key, least, most, made, alphabet, encryption},
#include "chart/pxc_credentials.def"
};

const struct pxc_credential *pxc_credential_find(struct slice key)
{
	for (size_t i = 0; i < PXC_CREDENTIALS_N; i++)
		if (slice_is(key, pxc_credentials[i].key))
			return &pxc_credentials[i];
	return NULL;
}

struct pxc_facts pxc_facts_of(struct slice value)
{
	struct pxc_facts f = {value.n, false, true, true, true, true};

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool letter = ascii_is_alnum(c), printable = c >= ' ' && c <= '~';

		f.alnum &= letter;
		f.base64_set &= letter || c == '+' || c == '/' || c == '=';
		/* The password is put into a connection URI without escaping. */
		f.uri_safe &= printable && c != ' ' && !strchr("@:/%?#[]", c);
		f.printable &= printable;
	}
	f.line_end = value.n && (value.p[value.n - 1] == '\n' || value.p[value.n - 1] == '\r');
	return f;
}

static const char *alphabet_fault(unsigned alphabet, const struct pxc_facts *f)
{
	switch (alphabet) {
	case ALPHABET_ALNUM:
		return f->alnum ? NULL : "contains a character other than A-Z, a-z and 0-9";
	case ALPHABET_BASE64:
		return f->base64_set ? NULL : "contains a character other than A-Z, a-z, 0-9, +, / and =";
	case ALPHABET_URI:
		return f->uri_safe ? NULL
				   : "contains a character that breaks the database's URI (@ : / % ? # [ ] or a blank)";
	default:
		return f->printable ? NULL : "contains a control character or a character beyond ASCII";
	}
}

const char *pxc_facts_fault(const struct pxc_credential *c, const struct pxc_facts *f)
{
	const char *fault;

	if (!f->bytes)
		return "is empty";
	if (f->line_end)
		return "ends with a newline, as 'echo' adds one; write it with 'printf %s'";
	fault = alphabet_fault(c->alphabet, f);
	if (fault)
		return fault;
	if (c->least == c->most && f->bytes != c->least)
		return "must be exactly 96 characters";
	if (f->bytes < c->least)
		return "is shorter than 6 characters";
	return f->bytes > c->most ? "is longer than 1024 characters" : NULL;
}

const char *pxc_credential_fault(const struct pxc_credential *c, struct slice value)
{
	struct pxc_facts f = pxc_facts_of(value);

	return pxc_facts_fault(c, &f);
}
