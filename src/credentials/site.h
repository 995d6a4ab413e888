/*
 * site.h: the inside of a scan: where a text is, and what the parts of the scan ask of each other. Internal.
 */
#ifndef PXB_CREDENTIALS_SITE_H
#define PXB_CREDENTIALS_SITE_H

#include "credentials/ladder.h"
#include "credentials/literal.h"
#include "credentials/placeholder.h"
#include "credentials/scan.h"

/* Where a text is. Sites live on the C stack, each inside its outer one; only hit.c makes text of them. */
struct site {
	const struct site *outer;
	const char *step;	   /* how one came here from the outer site: "base64", "YAML"; NULL at the top */
	const struct node *node;   /* top: of the stream; inside a parsed text: of that text; else NULL */
	struct slice section, key; /* inside a text that was not parsed */
	unsigned depth;		   /* steps */
	unsigned families;	   /* known from the lines around it */
	bool is_key, is_env, in_comment;
	bool assigned; /* the value of an assignment: no assignments are searched for inside */
	bool bare;     /* nothing but a blank is between name and value: a sentence looks like that, too */
	const struct ring *ring;
};

/* The keys above a node, from the inside out: asking the tree for a key costs a walk over its brothers. */
struct ring {
	const struct node *key;
	const struct ring *up;
};

/* The section of a text that was examined last. */
struct sections {
	size_t from, to;
	struct slice name;
	unsigned families;
};

/* How much a find says: of two on the same bytes the stronger one is reported. */
enum rank { RANK_NOTHING, RANK_SLOT, RANK_PLAIN, RANK_UNCHECKED, RANK_VALUE };

/* One object or one nested file: its parts tell about each other. */
struct scope {
	struct scope *outer;
	uint32_t ids;	     /* bit per provider: an id of its credentials is here */
	bool tenant, client; /* GUIDs under names of a tenant and of a client: Azure's halves */
	VEC(struct suspect) suspects;
};

/* How many pairs of a mapping speak of each family: kept for the mappings examined last. */
struct around {
	const struct node *map;
	unsigned depth;	    /* of the document that it is in */
	unsigned count[19]; /* by bit of enum family */
};

/* What the entries of an env list speak of: kept for the list examined last. */
struct around_env {
	const struct node *list;
	unsigned depth, families;
};

struct scan {
	struct credential_scan *out;
	struct arena *arena;
	const struct object *object;	 /* NULL for a document that is none */
	const struct document *document; /* then */
	unsigned families;		 /* of the object as a whole */
	bool in_secret;			 /* the object is a Secret: what is in it is not in clear text */
	bool quiet_slots;   /* templates of a chart inside a release Secret: placeholders are their nature */
	bool pointers_only; /* an ExternalSecret and the like: names there name, they do not hold */
	struct scope *scope;
	struct around around[36]; /* by depth and height */
	struct around_env around_env;
	size_t chains; /* ways told of suspects */
	size_t decoded;
	bool capped;
	unsigned logins;    /* registry logins found guilty: their passwords are reported there, not as what they are
			     * elsewhere
			     */
	size_t told, slots; /* hits of this object, and those that are notes */
	enum rank best;	    /* the strongest find since somebody set it to nothing */
	struct seen {
		uint64_t *hash; /* of (place, secret): open addressing, 0 is free */
		uint32_t *hit;	/* its hit */
		size_t n, size;
	} seen;
	const struct node *env_list;  /* whose names `env` has: the one asked for last */
	VEC(const struct node *) env; /* its items, sorted by name */
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
/* The hit of this place and secret: a new one, or the weaker one that was there and is to be overwritten. NULL when
   there is nothing more to say. */
struct credential_hit *hit_place(struct scan *s, uint64_t hash, enum rank rank);
uint64_t hit_hash(const struct node *top, struct slice secret);
enum rank hit_rank(enum hit_class class);
void hit_unchecked(struct scan *s, const struct site *at, const char *why);
/* Text as it may be shown: names and paths are the author's, but a secret may have got into one. */
void safe_text(struct slice text, struct buf *out);

/* value.c: a value and the name it is under. */
void scan_value(struct scan *s, const struct site *at, struct slice name, struct slice value);
/* The name alone decides: the value was scanned already. */
void scan_named(struct scan *s, const struct site *at, struct slice name, struct slice value);

/* text.c: one text, its encodings, the texts in it. Gives the strongest find. */
enum rank scan_text(struct scan *s, const struct site *at, struct slice text);
void scan_bytes(struct scan *s, const struct site *at, struct slice bytes); /* decoded: text or not */

/* decode.c: the ladder from one text. */
bool decode_base64(struct scan *s, const struct site *at, struct slice text, bool must);
void decode_bytes(struct scan *s, const struct site *at, struct slice name, struct slice bytes, enum sniff kind);
void decode_runs(struct scan *s, const struct site *at, struct slice text);
/* What the long runs of base64's alphabets in a text are. */
struct runs {
	bool encoded; /* some decodes to something */
	bool shaped;  /* some has the shape of a secret that needs a name; in a text about a cloud: looks like one */
};
struct runs decode_would(struct slice text, bool cloud);
/* Lines of base64 are one run; a secret is on one line. */
struct slice first_line(struct slice run);

/* assign.c: names and values in running text: dotenv, INI, properties, TOML, HCL, shell, XML, query strings. `parsed`:
   the text was read as a document, whose own structure has judged what needs a name. */
void scan_assignments(struct scan *s, const struct site *at, struct slice text, bool parsed);

/* forms.c: the value of the name [from, end) in a text, and the name that a value has. Of values that begin before
   `seen` only the beginning is given: they were scanned as parts of others. *bare: see struct site. */
struct slice form_value(struct slice text, size_t from, size_t end, bool option, size_t seen, bool *bare);
struct slice form_name(struct slice text, size_t value);

void section_enter(struct sections *a, struct slice text, size_t at);

/* Values of a telling shape in running text, whatever their names. */
void scan_shaped(struct scan *s, const struct site *at, struct slice text);

/* command.c: what programs take on their command line: words of a list, or of a text. */
void scan_command(struct scan *s, const struct site *at, const struct slice *words, size_t n);
void scan_command_text(struct scan *s, const struct site *at, struct slice text);

/* url.c: user information in URLs. */
void scan_urls(struct scan *s, const struct site *at, struct slice name, struct slice text);

/* variable.c: $(X) in a value: what X is, in the env list of the value or in its text. */
void scan_variables(struct scan *s, const struct site *at, const struct credential_name *name, struct slice value);

/* tree.c: an object or a parsed text. */
void scan_tree(struct scan *s, const struct site *at, const struct node *root);
void scan_list_fields(struct scan *s, const struct site *at, const struct node *list); /* all but its items */
void scan_node(struct scan *s, const struct site *at, const struct node *key);	       /* a key's value */
bool scan_nested(struct scan *s, const struct site *at, struct slice text);	       /* true: it was a document */

/* registry_auth.c: the logins of a dockerconfigjson. */
void scan_registry_auths(struct scan *s, const struct site *at, const struct node *auths);

/* around.c */
/* Forget what is known of documents at that depth and below: they are gone. */
void around_forget(struct scan *s, unsigned depth);

unsigned families_around(struct scan *s, const struct site *at);
unsigned families_of_object(const struct object *o);
unsigned families_in_lines(struct slice section_text);
unsigned families_of_section(struct slice name);

/* pair.c */
void scope_enter(struct scan *s, struct scope *scope);
void scope_leave(struct scan *s);
void scope_suspect(struct scan *s, const struct site *at, struct slice name, struct slice value);
void scope_key(struct scan *s, const struct site *at, struct slice body); /* a private key in PEM */
void scope_mark(struct scan *s, enum provider_id provider);
unsigned shapes_of(struct slice value); /* bits over the table in pair.c */

#endif
