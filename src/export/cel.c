#include "chart/database.h"
#include "export/cel.h"

#include "base/base64.h"
#include "base/utf8.h"

void cel_quote(struct slice text, struct buf *out)
{
	buf_addc(out, '"');
	while (text.n) {
		uint32_t c;

		text = slice_from(text, utf8_next(text, &c, NULL));
		if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", (int)c);
		else if (c >= ' ' && c < 0x7f)
			buf_addc(out, (char)c);
		else if (c < 0x10000)
			buf_addf(out, "\\u%04x", (unsigned)c);
		else
			buf_addf(out, "\\U%08x", (unsigned)c);
	}
	buf_addc(out, '"');
}

/* The volume of the database that the object is. */
static void put_volume(struct buf *out)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < DATABASE_COUNT; i++) {
		buf_adds(out, i ? ", " : "");
		cel_quote(slice_str(databases[i].name), out);
		buf_adds(out, ": ");
		cel_quote(slice_str(databases[i].volume), out);
	}
	buf_adds(out, "}[object.metadata.name]");
}

static const struct macro {
	const char *name, *text;
	const char *only; /* the suffix of the set that has it, NULL: all */
} macros[] = {
	{"{containers}",
	 "((has({o}{pod}.containers)\n  ? {o}{pod}.containers : []) +\n"
	 " (has({o}{pod}.initContainers)\n  ? {o}{pod}.initContainers : []))",
	 NULL},
	{"{ephemeral images}",
	 " +\n(has({o}{pod}.ephemeralContainers)\n"
	 " ? {o}{pod}.ephemeralContainers.filter(c, has(c.image)).map(c, c.image) : [])",
	 "pods"},
	{"{bad ephemerals}",
	 " +\n(has({o}{pod}.ephemeralContainers)\n"
	 " ? {o}{pod}.ephemeralContainers.filter(c, has(c.image) && !c.image.startsWith(params.data.imagePrefix) &&\n"
	 "     !(c.image in variables.oldPart)).map(c, c.name) : [])",
	 "pods"},
};

/* True when a macro stands at text; *n gets its length. */
static bool expand_macro(const char *text, const struct set *set, const char *object, struct buf *out, size_t *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(macros); i++) {
		*n = strlen(macros[i].name);
		if (strncmp(text, macros[i].name, *n) != 0)
			continue;
		if (!macros[i].only || strcmp(macros[i].only, set->suffix) == 0)
			cel_expand(macros[i].text, set, object, out);
		return true;
	}
	return false;
}

void cel_expand(const char *text, const struct set *set, const char *object, struct buf *out)
{
	const struct {
		const char *name, *text;
	} words[] = {{"{o}", object},
		     {"{pod}", set->pod},
		     {"{meta}", set->meta},
		     {"{data}", strcmp(set->suffix, "binary") == 0 ? "binaryData" : "data"}};
	size_t n;

	while (*text) {
		size_t i = 0;

		if (*text == '{' && expand_macro(text, set, object, out, &n)) {
			text += n;
			continue;
		}
		if (strncmp(text, "{volume}", 8) == 0) {
			put_volume(out);
			text += 8;
			continue;
		}
		while (i < ARRAY_SIZE(words) && strncmp(text, words[i].name, strlen(words[i].name)) != 0)
			i++;
		if (i < ARRAY_SIZE(words)) {
			buf_adds(out, words[i].text);
			text += strlen(words[i].name);
		} else {
			buf_addc(out, *text++);
		}
	}
}

const char *cel_objects(const char *objects, struct buf *scratch)
{
	if (!objects || strcmp(objects, "{databases}") != 0)
		return objects;
	for (size_t i = 0; i < DATABASE_COUNT; i++)
		buf_addf(scratch, "%s%s", i ? " " : "", databases[i].name);
	return buf_str(scratch);
}

size_t cel_base64_at(struct slice text, size_t at, struct buf *out)
{
	size_t first = (at * 8 + 5) / 6, end = (at + text.n) * 8 / 6, lead = at % 3;
	cleanup_buf struct buf bytes = BUF_TEXT, encoded = BUF_TEXT;
	size_t skip = (lead * 8 + 5) / 6;

	buf_fill(&bytes, '\0', lead);
	buf_add(&bytes, text);
	base64_encode(buf_slice(&bytes), &encoded);
	out->failed |= bytes.failed || encoded.failed;
	if (!out->failed)
		buf_add(out, slice_to(slice_from(buf_slice(&encoded), skip), end - first));
	return first;
}
