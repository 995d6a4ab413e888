#include "cmd/set_args.h"

#define SET_OPTION(name, field, help)                                                               \
	{                                                                                           \
		(name), 0, OPTION_LIST, "KEY=VALUE", (help), NULL, offsetof(struct set_args, field) \
	}

static const struct option set_option_rows[] = {
	SET_OPTION("set", set, "a value as Helm was given it, to compare like a values file; repeatable"),
	SET_OPTION("set-string", string, "the same as --set, for values that are strings"),
	SET_OPTION("set-json", json, "the same, for JSON"),
	SET_OPTION("set-file", file, "the same, for the content of a file"),
	SET_OPTION("set-literal", literal, "the same, for a string exactly as written"),
};
const struct option_table set_options_table = {set_option_rows, ARRAY_SIZE(set_option_rows)};

void set_args_release(struct set_args *a)
{
	string_list_release(&a->json);
	string_list_release(&a->set);
	string_list_release(&a->string);
	string_list_release(&a->file);
	string_list_release(&a->literal);
}

int set_args_load(const struct set_args *a, struct values *v, struct err *err)
{
	const struct string_list *const lists[SET_KINDS] = {
		[SET_JSON] = &a->json,	     [SET] = &a->set, [SET_STRING] = &a->string, [SET_FILE] = &a->file,
		[SET_LITERAL] = &a->literal,
	};

	for (unsigned k = 0; k < SET_KINDS; k++)
		for (size_t i = 0; i < lists[k]->n; i++)
			if (values_add_set(v, (enum set_kind)k, lists[k]->v[i], err) < 0)
				return err->status;
	return 0;
}
