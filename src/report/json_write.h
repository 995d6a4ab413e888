/*
 * json_write.h: building JSON with cJSON, which reports a failed allocation with NULL and forgets it; a writer
 * remembers.
 *
 * Whatever is put into a NULL goes nowhere, so that a caller looks once, at the end. What is put belongs to the tree.
 */
#ifndef PXB_REPORT_JSON_WRITE_H
#define PXB_REPORT_JSON_WRITE_H

#include "base/buf.h"
#include "base/err.h"

#include <cjson/cJSON.h>

struct json_writer {
	bool failed;
};

void json_check(struct json_writer *w, const cJSON *item);
void json_put_text(struct json_writer *w, cJSON *in, const char *key, const char *text);
void json_put_text_or_null(struct json_writer *w, cJSON *in, const char *key, const char *text);
void json_put_size(struct json_writer *w, cJSON *in, const char *key, size_t n);
void json_put_bool(struct json_writer *w, cJSON *in, const char *key, bool b);
cJSON *json_put_object(struct json_writer *w, cJSON *in, const char *key);
cJSON *json_put_array(struct json_writer *w, cJSON *in, const char *key);

/* Adds an item, or a new object or text, to an array. */
cJSON *json_append(struct json_writer *w, cJSON *array, cJSON *item);
cJSON *json_append_object(struct json_writer *w, cJSON *array);
void json_append_size(struct json_writer *w, cJSON *array, size_t n);
void json_append_text(struct json_writer *w, cJSON *array, const char *text);

/* Appends the tree and a line end to `out`, and frees the tree in any case. */
int json_print(struct json_writer *w, cJSON *root, struct buf *out, struct err *err) PXB_MUST_CHECK;

#endif
