/*
 * site.h: the inside of a scan: where a text stands, and what the parts of the scan ask of each other. Internal.
 */
#ifndef PXB_CREDENTIALS_SITE_H
#define PXB_CREDENTIALS_SITE_H

#include "credentials/ladder.h"
#include "credentials/literal.h"
#include "credentials/scan.h"

/* Where a text stands. Sites live on the C stack, each inside its outer one; only hit.c makes text of them. */
struct site {
	const struct site *outer;
	const char *step;	   /* how one came here from the outer site: "base64", "YAML"; NULL at the top */
	const struct node *node;   /* top: of the stream; inside a parsed text: of that text; else NULL */
	struct slice section, key; /* inside a text that was not parsed */
	unsigned depth;		   /* steps */
	unsigned families;	   /* told by the lines around it */
	bool is_key, is_env, in_comment;
	bool assigned; /* the value of an assignment: no assignments are looked for inside */
};

/* One object or one nested file: its parts tell about each other. */
struct scope {
	struct scope *outer;
	uint32_t ids; /* bit per provider: an access key id stands here */
	VEC(struct suspect) suspects;
};

/* How many pairs of a mapping speak of each family: kept for the mappings looked at last. */
struct around {
	const struct node *map;
	unsigned count[18]; /* by bit of enum family */
};

struct scan {
	struct credential_scan *out;
	struct arena *arena;
	const struct object *object;
	unsigned families;  /* of the object as a whole */
	bool in_secret;	    /* the object is a Secret: what is in it is not in clear text */
	bool quiet_slots;   /* templates of a chart inside a release Secret: placeholders are their nature */
	bool pointers_only; /* an ExternalSecret and the like: names there name, they do not hold */
	struct scope *scope;
	struct around around[16]; /* by address */
	const struct node *key;	  /* of the value at hand: asking the tree for it costs a walk */
	size_t decoded;
	bool capped;
	unsigned logins;    /* registry logins met: their passwords are judged there, not as what they are elsewhere */
	size_t told;	    /* hits of this object */
	VEC(uint64_t) seen; /* hashes of (place, secret) of this object */
};

/* A value whose shape alone proves nothing: judged when its scope has been seen whole. */
struct suspect {
	const struct node *top; /* of the stream */
	const char *chain;
	unsigned shapes; /* bits over the table in pair.c */
	bool in_key, in_comment;
	uint64_t hash;
	size_t length;
};

struct hit_say {
	enum hit_class class;
	enum provider_id provider;
	enum confidence confidence;
	const char *what, *reason, *shown;
	struct slice secret;
};

/* hit.c */
void hit_add(struct scan *s, const struct site *at, const struct hit_say *say);
void hit_match(struct scan *s, const struct site *at, const struct match *m, struct slice text);
const char *site_chain(struct scan *s, const struct site *at);
const struct node *site_top(const struct site *at);
/* A new hit of the object at hand; NULL when it has had enough of them: the rest of many thousands tells nothing new.
 */
struct credential_hit *hit_push(struct scan *s);
bool hit_is_new(struct scan *s, const struct node *top, struct slice secret);
void hit_unchecked(struct scan *s, const struct site *at, const char *why);
/* Text as it may be shown: names and paths are the author's, but a secret may have got into one. */
void safe_text(struct slice text, struct buf *out);

/* value.c: a value and the name it stands under. */
void scan_value(struct scan *s, const struct site *at, struct slice name, struct slice value);

/* text.c: one text, its encodings, the texts in it. True when something was found in it. */
bool scan_text(struct scan *s, const struct site *at, struct slice text);
void scan_bytes(struct scan *s, const struct site *at, struct slice bytes); /* decoded: text or not */

/* decode.c: the ladder from one text. */
bool decode_base64(struct scan *s, const struct site *at, struct slice text, bool must);
void decode_bytes(struct scan *s, const struct site *at, struct slice name, struct slice bytes, enum sniff kind);
void decode_runs(struct scan *s, const struct site *at, struct slice text);
bool decode_would(struct slice text); /* some run in it decodes to something */

/* assign.c: names and values in running text: dotenv, INI, properties, TOML, HCL, shell, query strings. */
void scan_assignments(struct scan *s, const struct site *at, struct slice text, bool parsed);

/* tree.c: an object or a parsed text. */
void scan_tree(struct scan *s, const struct site *at, const struct node *root);
bool scan_nested(struct scan *s, const struct site *at, struct slice text); /* true: it was a document */

/* registry_auth.c: the logins of a dockerconfigjson. */
void scan_registry_auths(struct scan *s, const struct site *at, const struct node *auths);

/* around.c */
/* The key of a mapping's value; NULL for all else. */
const struct node *key_of(const struct scan *s, const struct node *value);

unsigned families_around(struct scan *s, const struct site *at);
unsigned families_of_object(const struct object *o);
unsigned families_in_lines(struct slice section_text);

/* pair.c */
void scope_enter(struct scan *s, struct scope *scope);
void scope_leave(struct scan *s);
void scope_suspect(struct scan *s, const struct site *at, struct slice name, struct slice value);

#endif
