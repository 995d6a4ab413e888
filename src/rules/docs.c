#include "rules/docs.h"

const char *rule_page(const char *id)
{
	for (size_t i = 0; i < rule_docs_n; i++)
		if (strcmp(rule_docs[i].id, id) == 0)
			return rule_docs[i].text;
	return NULL;
}

struct slice page_demand(const char *page)
{
	struct slice text;
	size_t end;

	slice_cut(slice_str(page), '\n', &text); /* "# id" */
	text = slice_trim(text);
	end = slice_find(text, "\n\n");
	return end == SIZE_MAX ? text : slice_to(text, end);
}

struct slice page_section(const char *page, const char *heading)
{
	struct slice rest = slice_str(page), line;
	const char *from = NULL;

	while (rest.n) {
		line = slice_cut(rest, '\n', &rest);
		if (from && slice_starts(line, "## "))
			return slice_trim(slice_of(from, (size_t)(line.p - from)));
		if (!from && slice_starts(line, "## ") && slice_is(slice_from(line, 3), heading))
			from = line.p + line.n;
	}
	return from ? slice_trim(slice_str(from)) : SLICE_EMPTY;
}
