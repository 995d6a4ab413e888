/*
 * detect.h: what a credential of a cloud looks like, and under which names one is kept.
 *
 * Pure functions over decoded text; the tables are constant. A match never leaves this
 * folder with a byte of the secret: what may be shown is its kind, its length and, where there is one, a public part
 * (an access key id's head and tail, an account's name).
 */
#ifndef PXB_CREDENTIALS_DETECT_H
#define PXB_CREDENTIALS_DETECT_H

#include "credentials/chars.h"
#include "base/buf.h"
#include "credentials/provider.h"

enum confidence { CONFIDENCE_NONE, CONFIDENCE_PLACEHOLDER, CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

enum public_part { PUBLIC_NONE, PUBLIC_ID, PUBLIC_ACCOUNT, PUBLIC_EMAIL };

enum detector_id {
#define DETECTOR(id, provider, what, literal, lead, lead_n, tail, min, max, entropy, check, public) DETECTOR_##id,
#include "credentials/detectors.def"
#undef DETECTOR
	DETECTOR_COUNT
};

struct match {
	enum detector_id detector;
	enum provider_id provider;
	const char *what;
	const char *reason; /* "its shape", "its shape and its checksum" */
	enum confidence confidence;
	struct slice secret; /* the bytes that make it one: compared and measured, never shown */
};

struct detector {
	enum detector_id id;
	enum provider_id provider;
	const char *what, *literal;
	unsigned lead, tail; /* enum char_class */
	size_t lead_n, min, max;
	/* Looks at the match in its text; may widen m->secret, raise or lower the confidence. False: no match. */
	bool (*check)(struct match *m, struct slice text);
	unsigned entropy;
	enum public_part public;
};

const struct detector *detector_of(enum detector_id id);

/* Ends of runs that were walked already: literals inside one long run do not walk it again each. */
struct runs_seen {
	struct {
		unsigned class;
		size_t from, end;
	} run[4];
};

/* The automaton has met the letters of d's literal before `end`; is this one? If not, m->secret is empty unless
   everything but the row's check held. */
bool detector_match(const struct detector *d, struct slice text, size_t end, struct runs_seen *seen, struct match *m);

/* What may be shown of a match: "AKIA...WXYZ of account 123456789012"; "" for nothing. */
void match_public(const struct match *m, struct slice text, struct buf *out);

/* What the scan of one text came upon. Literals that are part of names ("secret_key") and of encodings are not looked
   into here: the caller does. `at` is the first byte of the literal, `end` the byte after it; separators ( _ - . )
   between its letters do not count. */
enum hit_kind {
	HIT_DETECTOR,
	HIT_STEM,
	HIT_PERCENT,
	HIT_ESCAPE,
	HIT_CONTINUED,
	HIT_JOINED,
	HIT_URL,
	HIT_COMMAND,
	HIT_CLOUD
};

struct literal_hit {
	enum hit_kind kind;
	unsigned index; /* of the detector */
	size_t end;
};

typedef void (*literal_fn)(void *arg, const struct literal_hit *hit);

/* One pass of the automaton over text. */
void literals_scan(struct slice text, literal_fn fn, void *arg);

/* --- for those who only ask whether a text may be shown -------------------------------------------------------- */

struct detection {
	const char *provider; /* "AWS" */
	const char *what;     /* "an access key id" */
	const char *remedy;   /* one sentence: which workload identity replaces it */
	bool short_lived;     /* a token of hours */
};

/* A value that shows by itself what it is, wherever it is. Placeholders count too: they may be real after all. */
bool credential_in_value(struct slice value, struct detection *d);

#endif
