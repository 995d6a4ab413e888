#include "cluster/secret_facts.h"

#include "base/base64.h"
#include "credentials/detect.h"

static bool all_of(struct slice s, const char *more)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!plain && (!c || !strchr(more, c)))
			return false;
	}
	return true;
}

static bool any_of(struct slice s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] && strchr(set, s.p[i]))
			return true;
	return false;
}

static void put(struct buf *out, const char *name, bool value)
{
	buf_addf(out, ",\"%s\":%s", name, value ? "true" : "false");
}

static void put_cloud(struct slice value, const char *before, struct buf *out)
{
	struct detection d;

	if (credential_in_value(value, &d))
		buf_addf(out, "%s\"cloud\":\"%s: %s\"", before, d.provider, d.what);
}

void secret_facts_of(struct slice value, struct buf *out)
{
	buf_addf(out, "{\"bytes\":%zu", value.n);
	put(out, "alphanumeric", all_of(value, ""));
	put(out, "base64Set", all_of(value, "+/="));
	put(out, "lineEnd", value.n && (value.p[value.n - 1] == '\n' || value.p[value.n - 1] == '\r'));
	put(out, "uriSpecial", any_of(value, "@:/%"));
	put_cloud(value, ",", out);
	buf_addc(out, '}');
}

void cloud_facts_write(struct slice text, struct buf *out)
{
	buf_addc(out, '{');
	put_cloud(text, "", out);
	buf_addc(out, '}');
}

void secret_facts_write(struct slice base64, struct buf *out)
{
	struct buf value = BUF_INIT((size_t)4 << 20);

	if (base64_decode(base64, BASE64_STANDARD, &value))
		secret_facts_of(buf_slice(&value), out);
	else
		buf_adds(out, "{\"base64\":false}");
	if (value.p)
		explicit_bzero(value.p, value.room);
	buf_release(&value);
}
