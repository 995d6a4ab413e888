/*
 * fuzz_set.c: Helm's --set options over a values file. The first byte chooses the option, the second the file; the rest
 * is one option a line. What is taken has a JSON form that comes back, each source shows a mapping of its own, and a
 * value written as an option is read as that value.
 */
#include "fuzz.h"
#include "values/values.h"

static const char *const files[] = {"", "a: 1\n", "a: {b: [1, {c: 2}, [3]]}\nb: null\n",
				    "istio:\nx: &x {y: 1}\nz: *x\n"};

static void unknown(void *arg, const struct unknown_key *u)
{
	(void)arg;
	PROMISE(u->path && (u->kind != UNKNOWN_OUTER || u->near) && u->file->name, "an unknown key without a path");
}

/* Every scalar right below the root. */
static void options_come_back(const struct node *root, struct err *err)
{
	for (struct map_iter it = map_iter_of(root); map_next(&it);) {
		cleanup_buf struct buf option = BUF_TEXT, json = BUF_TEXT, again = BUF_TEXT;
		cleanup_values struct values v;
		const struct node *where;
		struct value_set set;
		const char *why;

		values_init(&v);
		if (!values_write_option("k", it.value, &option))
			continue;
		PROMISE(values_read_option(buf_str(&option), &v.arena, &set), "no option: %s", buf_str(&option));
		PROMISE(values_add_set(&v, set.kind, set.text, err) == 0, "%s: %s", buf_str(&option), err->text);
		buf_adds(&json, "{\"k\":");
		PROMISE(node_to_json(it.value, &json, &why, &where), "no JSON: %s", why);
		buf_addc(&json, '}');
		values_write_json(&v, &again);
		PROMISE(slice_eq(buf_slice(&json), buf_slice(&again)), "%s is %s, not %s", buf_str(&option),
			buf_str(&again), buf_str(&json));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_buf struct buf text = BUF_TEXT, json = BUF_TEXT;
	cleanup_values struct values v;
	struct err err = ERR_INIT;
	struct slice rest;
	bool taken = true;

	values_init(&v);
	if (size < 2)
		return 0;
	PROMISE(values_add_text(&v, "f.yaml", slice_str(files[data[1] % ARRAY_SIZE(files)]), &err) == 0, "%s",
		err.text);
	rest = slice_of((const char *)data + 2, size - 2);
	while (taken && rest.p) {
		buf_clear(&text);
		buf_add(&text, slice_cut(rest, '\n', &rest));
		/* --set-file is left out: it may read files. */
		taken = values_add_set(&v, (enum set_kind)(data[0] % SET_FILE), buf_str(&text), &err) == 0;
	}
	PROMISE(taken || err.status == STATUS_USAGE || err.status == STATUS_FAILED, "status %d", err.status);
	PROMISE(taken || (err.text[0] && !strchr(err.text, '\n')), "an odd refusal: %s", err.text);
	values_unknown_keys(&v, "", unknown, NULL);
	if (!taken)
		return 0;
	for (size_t i = 0; i < v.files.n; i++) {
		PROMISE(!v.files.v[i]->root || node_is_mapping(v.files.v[i]->root), "a source that is no mapping");
		options_come_back(v.files.v[i]->root, &err);
	}
	values_write_json(&v, &json);
	PROMISE(!json.failed, "no JSON form");
	json_comes_back(buf_slice(&json));
	return 0;
}
