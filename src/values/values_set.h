/*
 * values_set.h: Helm's --set options, between the reader of keys, the reader of values and the sources they make.
 * Internal to src/policy.
 */
#ifndef PXB_VALUES_VALUES_SET_H
#define PXB_VALUES_VALUES_SET_H

#include "values/values_merge.h"

enum { SET_INDEX_MAX = 65536, SET_DEPTH_MAX = 30 };

/* One text behind an option, while it is read. */
struct set {
	struct values *v;
	enum set_kind kind;
	struct slice text; /* valid UTF-8 */
	size_t at;
	unsigned assignment;	  /* from 1 */
	bool doubtful;		  /* see struct values_file */
	struct values_file *file; /* what this assignment says */
	struct slice path[SET_DEPTH_MAX + 1];
	size_t path_n; /* its keys up to the first index */
	bool in_list;
	struct err err; /* status 0: nothing is wrong so far */
};

enum set_outcome { SET_READ, SET_ENDED, SET_REFUSED };

/* --- values_set_text.c ------------------------------------------------------------------------------------------- */

/* Go reads an argument rune by rune; what is not UTF-8 becomes U+FFFD, byte by byte. */
struct slice set_text(struct arena *a, const char *text);

/* Without the blanks of unicode.IsSpace on either side; the blanks it begins with. */
struct slice set_trim(struct slice text);
size_t set_blanks(struct slice text);

/* Up to one of `stops`, which is taken away; false at the end of the text, where *out holds what was there. Escapes are
   taken out of *out. */
bool set_read_until(struct set *s, const char *stops, struct slice *out, char *stop);

/* A key, and the path of the assignment, as an option spells them. */
void set_write_key(struct slice key, enum set_kind kind, struct buf *out);
void set_write_path(const struct set *s, struct buf *out);

/* Sets s->err to "--set KEY: " and the message. Returns SET_REFUSED. */
enum set_outcome set_refuse(struct set *s, const char *fmt, ...) PXB_PRINTF(2, 3);
enum set_outcome set_no_memory(struct set *s);

/* A decimal number of 64 bits that does not begin with 0; a sign may. */
bool set_is_integer(struct slice text, int64_t *value);

/* --- values_set_value.c ------------------------------------------------------------------------------------------ */

/* What follows a `=`. *ended: the text ended right there, which Helm takes for the empty text. NULL: s->err. */
struct merged *set_read_value(struct set *s, bool *ended);

/* What --set makes of a value; numbers go to *value. */
enum node_type set_type_of(struct slice text, int64_t *value);

/* The text, all of which is one JSON value, as a node of s->file. NULL: s->err, or it is not JSON. */
const struct node *set_read_json(struct set *s, struct slice text);

/* --- values_set_key.c -------------------------------------------------------------------------------------------- */

/* Reads one assignment into `map`. SET_ENDED: the text ended, which is the end and no fault. */
enum set_outcome set_read_key(struct set *s, struct merged *map, unsigned depth);

/* --- values.c ---------------------------------------------------------------------------------------------------- */

/* A new source at the end of the list; NULL when memory is short. */
struct values_file *values_new_file(struct values *v, struct slice name);

/* The root of all that was merged so far; NULL when memory is short. */
struct merged *values_merged(struct values *v);

#endif
