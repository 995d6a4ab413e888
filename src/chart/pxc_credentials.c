#include "chart/pxc_credentials.h"

enum { ALPHABET_PRINTABLE, ALPHABET_ALNUM, ALPHABET_URI, ALPHABET_BASE64 };

const struct pxc_credential pxc_credentials[PXC_CREDENTIALS_N] = {
#define CREDENTIAL(key, alphabet, least, most, made, encryption) {key, alphabet, least, most, made, encryption},
#include "chart/pxc_credentials.def"
};

const struct pxc_credential *pxc_credential_find(struct slice key)
{
	for (size_t i = 0; i < PXC_CREDENTIALS_N; i++)
		if (slice_is(key, pxc_credentials[i].key))
			return &pxc_credentials[i];
	return NULL;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_allowed(unsigned alphabet, char c)
{
	if (is_alnum(c))
		return true;
	switch (alphabet) {
	case ALPHABET_ALNUM:
		return false;
	case ALPHABET_BASE64:
		return c == '+' || c == '/' || c == '=';
	case ALPHABET_URI:
		/* The password is put into a connection URI without escaping. */
		return c > ' ' && c <= '~' && !strchr("@:/%?#[]", c);
	default:
		return c >= ' ' && c <= '~';
	}
}

static const char *alphabet_fault(unsigned alphabet)
{
	switch (alphabet) {
	case ALPHABET_ALNUM:
		return "holds a character that is no letter A-Z, a-z and no digit";
	case ALPHABET_BASE64:
		return "holds a character that is none of A-Z, a-z, 0-9, +, / and =";
	case ALPHABET_URI:
		return "holds a character that breaks the database's URI (@ : / % ? # [ ] or a blank)";
	default:
		return "holds a control character or a character beyond ASCII";
	}
}

const char *pxc_credential_fault(const struct pxc_credential *c, struct slice value)
{
	if (!value.n)
		return "is empty";
	if (value.p[value.n - 1] == '\n')
		return "ends with a newline, as 'echo' adds one; write it with 'printf %s'";
	for (size_t i = 0; i < value.n; i++)
		if (!is_allowed(c->alphabet, value.p[i]))
			return alphabet_fault(c->alphabet);
	if (c->least == c->most && value.n != c->least)
		return "must be exactly 96 characters";
	if (value.n < c->least)
		return "is shorter than 6 characters";
	if (value.n > c->most)
		return "is longer than 1024 characters";
	return NULL;
}
