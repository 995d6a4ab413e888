/*
 * view.h: a report as plain strings and numbers. Internal to src/report.
 *
 * It is filled either from a gate or from the JSON of an earlier report, so that one renderer serves both. Texts are
 * NUL-terminated valid UTF-8, never NULL unless said; they live in the view's arena, or are borrowed from what it was
 * filled from, which must outlive it. Nothing in a view is secret: what may be shown was decided in the gate.
 */
#ifndef PXB_REPORT_VIEW_H
#define PXB_REPORT_VIEW_H

#include "report/report.h"

struct view_object {
	const char *api_version, *kind, *ns, *name;
};

/* A source line cut to EXCERPT_WIDTH and free of tabs and control characters, ready to be printed. */
struct view_excerpt {
	const char *text;      /* NULL: the line is not shown */
	size_t column, length; /* of the underlined part in `text`, characters, 1-based */
};

struct view_finding {
	const char *rule;
	unsigned rank; /* its place in rules.def; RULE_COUNT for a rule of another version */
	enum severity severity;
	bool patched, patchable;
	const char *reason, *expires;	  /* of the exception, NULL without one */
	const struct view_object *object; /* NULL: about the stream or a file */
	const char *source, *path;	  /* template and path in the object, "" if unknown */
	const char *input;		  /* the file that was read, "<stdin>", or "" */
	size_t line, column, end_column;  /* 1-based, in characters, the end exclusive; 0 when unknown */
	struct view_excerpt excerpt;
	const char *message, *found, *expected;
	const char *not_patched; /* NULL when there is nothing to say */
	const char **fixes;
	size_t fixes_n;
	const char *fingerprint;
	const char *cause; /* findings with the same one are one cause; "" for one of its own; never shown */
	unsigned depth;	   /* the deepest of a cause is its headline */
	bool chart_fault;  /* of the vendor's templates */
};

/* Findings that one change fixes. */
struct view_cause {
	const struct view_finding *head; /* explains the others */
	const struct view_finding **all; /* in the order of the gate, head included */
	size_t n, errors, warnings;
	enum severity severity; /* the gravest */
	const char *fix;	/* one line; "" when there is none */
};

/* What a finding can be of. */
struct view_rule {
	const char *id, *page; /* page: as docs/rules has them; NULL: none */
	enum severity severity;
	bool ran;
};

enum view_operation { OPERATION_SET, OPERATION_INSERT, OPERATION_DELETE, OPERATIONS };

struct view_edit {
	const char *rule;
	unsigned rank;
	const struct view_object *object;
	const char *path;
	enum view_operation operation;
	size_t line;
};

struct report_view {
	struct arena arena;
	const char *program;
	enum verdict verdict;
	int exit_code;	     /* of the whole run */
	bool warnings_count; /* a warning refuses the run as an error does */
	bool ran[RULE_COUNT];
	const struct view_rule *kinds; /* of a report that is not the gate's: a rank is an index of these */
	size_t kinds_n;
	const char *counted, *means; /* and then what `objects` counts, and what the verdict means in a sentence */
	const char **unread;	     /* a sentence for each input that could not be read at all */
	size_t unread_n;
	enum flavour flavour;
	bool hooks_visible;
	const struct installation *installation; /* NULL: none was checked */
	size_t bytes, documents, objects;
	size_t values_files;	       /* where they alone were checked, without a stream; else 0 */
	struct view_finding *findings; /* in the order of the gate */
	size_t findings_n;
	struct view_edit *edits;
	size_t edits_n;
	double milliseconds; /* negative: not shown */
	bool verbose;	     /* with notes, and with what is repaired or excepted */
	bool whole;	     /* nothing is cut short */
	bool color;
};

#define cleanup_view PXB_CLEANUP(view_release)

/* The view is releasable afterwards, whatever the outcome. */
int view_from_report(struct report_view *v, const struct report *r, struct err *err) PXB_MUST_CHECK;

/* Reads what view_to_json() wrote. The text is not trusted: STATUS_USAGE says what is wrong with it. */
int view_from_json(struct report_view *v, const struct buf *json, struct err *err) PXB_MUST_CHECK;

void view_release(struct report_view *v);

/* A copy in the view's arena; bytes that are no UTF-8 become U+FFFD. */
const char *view_text(struct report_view *v, const char *s);

/* Writes a view to a file, atomically. */
int view_write(struct report_view *v, const struct report_target *t, struct err *err) PXB_MUST_CHECK;

/* Whether the finding refuses the run. */
static inline bool view_is_open(const struct report_view *v, const struct view_finding *f)
{
	return !f->expires && !f->patched &&
	       (f->severity == SEVERITY_ERROR || (v->warnings_count && f->severity == SEVERITY_WARNING));
}

/* The rules of the gate, or the kinds that the view has of its own. */
enum { RANKS_MAX = 64 };
size_t view_rules_n(const struct report_view *v);
struct view_rule view_rule(const struct report_view *v, size_t i);

/* The name of an operation ("set") and back; false: there is none of that name. */
const char *operation_name(enum view_operation op);
bool operation_parse(const char *name, enum view_operation *out);

/* excerpt.c */
enum { EXCERPT_WIDTH = 64 };
void excerpt_make(struct view_excerpt *e, struct arena *a, struct slice line, size_t column, size_t length);

#endif
