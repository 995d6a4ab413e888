#include "report/json_write.h"

void json_check(struct json_writer *w, const cJSON *item)
{
	w->failed |= !item;
}

void json_put_text(struct json_writer *w, cJSON *in, const char *key, const char *text)
{
	json_check(w, cJSON_AddStringToObject(in, key, text));
}

void json_put_text_or_null(struct json_writer *w, cJSON *in, const char *key, const char *text)
{
	json_check(w, text ? cJSON_AddStringToObject(in, key, text) : cJSON_AddNullToObject(in, key));
}

/* As text: cJSON's own numbers are doubles. */
void json_put_size(struct json_writer *w, cJSON *in, const char *key, size_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", n);
	json_check(w, cJSON_AddRawToObject(in, key, text));
}

void json_put_bool(struct json_writer *w, cJSON *in, const char *key, bool b)
{
	json_check(w, cJSON_AddBoolToObject(in, key, b));
}

cJSON *json_put_object(struct json_writer *w, cJSON *in, const char *key)
{
	cJSON *item = cJSON_AddObjectToObject(in, key);

	json_check(w, item);
	return item;
}

cJSON *json_put_array(struct json_writer *w, cJSON *in, const char *key)
{
	cJSON *item = cJSON_AddArrayToObject(in, key);

	json_check(w, item);
	return item;
}

cJSON *json_append(struct json_writer *w, cJSON *array, cJSON *item)
{
	if (item && cJSON_AddItemToArray(array, item))
		return item;
	cJSON_Delete(item);
	w->failed = true;
	return NULL;
}

cJSON *json_append_object(struct json_writer *w, cJSON *array)
{
	return json_append(w, array, cJSON_CreateObject());
}

void json_append_size(struct json_writer *w, cJSON *array, size_t n)
{
	json_append(w, array, cJSON_CreateNumber((double)n));
}

void json_append_text(struct json_writer *w, cJSON *array, const char *text)
{
	json_append(w, array, cJSON_CreateString(text));
}

int json_print(struct json_writer *w, cJSON *root, struct buf *out, struct err *err)
{
	char *text = w->failed ? NULL : cJSON_Print(root);

	cJSON_Delete(root);
	if (text) {
		buf_adds(out, text);
		buf_addc(out, '\n');
	}
	w->failed |= !text || out->failed;
	cJSON_free(text);
	return w->failed ? err_nomem(err) : 0;
}
