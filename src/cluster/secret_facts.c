#include "cluster/secret_facts.h"

#include "base/base64.h"
#include "chart/pxc_credentials.h"
#include "credentials/detect.h"

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
	struct pxc_facts f = pxc_facts_of(value);

	buf_addf(out, "{\"bytes\":%zu", f.bytes);
	put(out, "alphanumeric", f.alnum);
	put(out, "base64Set", f.base64_set);
	put(out, "lineEnd", f.line_end);
	put(out, "uriSpecial", !f.uri_safe);
	put(out, "printable", f.printable);
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
