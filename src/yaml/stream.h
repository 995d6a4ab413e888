/*
 * stream.h: from bytes to documents.
 *
 * A stream is one or several inputs (files, stdin, a text found inside a document), each cut into documents exactly as
 * the API machinery cuts it, each document parsed on its own. Bytes are never changed or copied. What cannot be read,
 * or could be read in two ways, becomes a `problem` with its place, not an error: the caller decides what to do with
 * the rest. Errors (memory, I/O) come back in struct err.
 *
 * The stream owns its arena, and with it every node, problem and document. Inputs are borrowed and must outlive it.
 *
 * Sources: apimachinery pkg/util/yaml/decoder.go (split, JSON guess), go-yaml v2 (typing, merge, aliases).
 */
#ifndef PXB_YAML_STREAM_H
#define PXB_YAML_STREAM_H

#include "base/err.h"
#include "yaml/node.h"

struct limits {
	size_t bytes; /* of one input */
	unsigned depth;
	size_t nodes; /* of one document */
};

#define LIMITS_DEFAULT ((struct limits){.bytes = (size_t)256 << 20, .depth = 256, .nodes = 16u << 20})

struct input {
	const char *name; /* for messages: a path, "<stdin>", "data[\"x\"] of ConfigMap ns/name" */
	struct slice bytes;
	const uint32_t *line_starts; /* `lines` of them; NULL: the input is above the limit */
	size_t lines;
	const uint32_t *characters; /* before each stretch of bytes; NULL: all are ASCII */
};

enum problem_kind {
	PROBLEM_STREAM,	   /* not readable: bytes, syntax, limits */
	PROBLEM_AMBIGUOUS, /* readable in more than one way */
};

struct problem {
	enum problem_kind kind;
	const struct input *input;
	size_t at; /* byte offset in the input */
	const char *message;
};

struct document {
	struct input *input;
	uint32_t start;	     /* the separator line that opens it, or its first byte */
	uint32_t body;	     /* the first byte after that line */
	uint32_t end;	     /* the next separator line, or the end of the input */
	struct node *root;   /* NULL: nothing in it, or a problem was found */
	bool empty;	     /* the API machinery skips it: no content, comments only, null */
	bool json;	     /* read as JSON */
	bool random_keys;    /* holds a NODE_RANDOM key */
	bool duplicate_keys; /* holds a NODE_SHADOWED key */
	unsigned duplicates;
	bool aliases;	    /* holds an alias: one place of it may be two of the tree */
	uint64_t digest[2]; /* of its libyaml events, when the stream keeps digests */
	struct slice
		respelled; /* what the second reader is asked instead (defects.h); p == NULL: the document itself */
};

/* A document that the second reader sees differently. */
struct doubt {
	size_t document;
	bool refused; /* libfyaml does not read it at all */
};

/* What the second reader is asked about a stream: second_opinion.c keeps it. */
struct second_look {
	struct second_opinion *by; /* not NULL: each document goes there as soon as it is read */
	size_t offered;		   /* documents that it was given, or that need no second look */
	size_t unanswered;
	VEC(struct doubt) doubts;
};

struct stream {
	struct arena arena;
	struct limits limits;
	VEC(struct input *) inputs;
	VEC(struct document) documents;
	VEC(struct problem) problems;
	const unsigned char *digest_secret; /* not NULL: events are digested for the second opinion */
	struct event_digest *recorder;	    /* not NULL: takes the events of the document that is read, with marks */
	struct second_look second;
};

#define cleanup_stream PXB_CLEANUP(stream_release)

void stream_init(struct stream *s, const struct limits *limits);
void stream_release(struct stream *s);

/* Adds one input and reads all of its documents. `name` and `bytes` are borrowed. STATUS_INPUT when the nodes need more
   memory than goes with the limit of bytes. */
int stream_add(struct stream *s, const char *name, struct slice bytes, struct err *err) PXB_MUST_CHECK;

/* Adds a problem found by somebody else (the second opinion). */
void stream_problem(struct stream *s, enum problem_kind kind, const struct input *in, size_t at, const char *fmt, ...)
	PXB_PRINTF(5, 6);

/* 1-based line and column (in characters) of a byte offset; also the line's bytes without its end, and how many
   characters they are. In constant time: the tables are made when the input is added. */
struct position {
	size_t line, column;
	struct slice text;
	size_t width;
};

struct position input_position(const struct input *in, size_t at);

/* --- steps, each in a file of its own, public for tests and fuzzers -------------------------------------------- */

/* bytes.c: valid UTF-8 in the readers' printable set, no NUL, a BOM only at 0. False: *at and *why tell. *odd_breaks:
   there is a carriage return, NEL, LS or PS somewhere, so lines may end where some reader does not expect it. */
bool bytes_valid(struct slice bytes, bool *odd_breaks, size_t *at, const char **why);

/* split.c: cuts [from, end of the input) into documents and appends them. */
int stream_split(struct stream *s, struct input *in, size_t from, struct err *err) PXB_MUST_CHECK;

/* json.c: reads strict JSON values from the start; *consumed is where it stopped, *yaml_from where YAML goes on (or
   SIZE_MAX when the whole input was JSON). */
int stream_read_json(struct stream *s, struct input *in, size_t *yaml_from, struct err *err) PXB_MUST_CHECK;

/* Whether the API machinery tries JSON first. Unclear: only after blanks that are none to YAML. */
enum json_guess { JSON_NO, JSON_MAYBE, JSON_UNCLEAR };
enum json_guess json_guess(struct slice bytes);

/* Length of a blank at the start that Go's unicode.IsSpace knows beyond ASCII; 0 if there is none. */
size_t wide_space(struct slice s);

/* parse.c: one document's bytes into nodes. Problems go to the stream, doc->root stays NULL then. */
int document_parse(struct stream *s, struct document *doc, struct err *err) PXB_MUST_CHECK;

/* resolve.c: what go-yaml v2 makes of a plain (or tagged) scalar. `tag` is the full tag or NULL. */
struct resolved {
	enum node_type type;
	bool is_true;
	bool failed; /* go-yaml refuses this text under this tag */
	union {
		int64_t i;
		uint64_t u;
		double f;
	} as;
	bool is_unsigned; /* as.u holds it: above INT64_MAX */
};

struct resolved scalar_resolve(const char *tag, struct slice text);

/* to_json.c: a document as one line of JSON, numbers exact. False: it has no JSON form; *why and *where tell. */
bool node_to_json(const struct node *n, struct buf *out, const char **why, const struct node **where);

/* Text for a JSON string, quotes included. */
void json_quote(struct slice text, struct buf *out);

/* write.c: a string scalar as YAML text that every reader takes for that string: as `like` was written if that can
   be, else plain if safe, else double-quoted. */
void scalar_write(struct slice text, enum node_style like, struct buf *out);

/* digest.c: the event list of one document, in the form that both readers produce. */
struct event {
	char kind; /* '{' '[' '}' ']' '*' (alias) 'p' (plain scalar) 'q' (any other); '\0': there is no more */
	struct slice name, text;
};

/* The next event of a list; *events gets the rest. */
struct event event_next(struct slice *events);

/* parse.c: the events of a document as libyaml gives them, and for each the offset (uint32_t) where it begins. */
bool document_events(const struct stream *s, const struct document *d, struct buf *events, struct buf *marks);

struct event_digest;
struct event_digest *event_digest_new(const unsigned char *secret);
void event_digest_free(struct event_digest *d);
void event_digest_reset(struct event_digest *d);
void event_digest_open(struct event_digest *d, char kind, struct slice anchor); /* '[' or '{' */
void event_digest_close(struct event_digest *d, char kind);			/* ']' or '}' */
void event_digest_scalar(struct event_digest *d, bool plain, struct slice anchor, struct slice text);
void event_digest_alias(struct event_digest *d, struct slice name);
void event_digest_mark(struct event_digest *d, uint32_t at); /* where the event before this call began */
struct slice event_digest_events(const struct event_digest *d);
struct slice event_digest_marks(const struct event_digest *d);
bool event_digest_get(struct event_digest *d, uint64_t out[2]); /* false: memory was short, there is none */

enum { DIGEST_SECRET_BYTES = 192 };

const char *libyaml_version(void);

/* Whether a comment is somewhere in a document. */
bool document_has_comment(const struct document *d);

#endif
