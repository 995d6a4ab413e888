/*
 * settle.h: what is the same for every finding, whichever rule made it. Internal to src/rules.
 */
#ifndef PXB_RULES_SETTLE_H
#define PXB_RULES_SETTLE_H

#include "rules/gate.h"

/* Severity, place, path, excerpt, exception and fingerprint of every finding not yet settled; then sorts them. */
void gate_settle_findings(struct gate *g);

/* Decides what is patched and what the run comes to. */
void gate_settle_verdict(struct gate *g);

/* Says which installation was checked, once the verdict is known. */
int gate_settle_installation(struct gate *g, struct err *err) PXB_MUST_CHECK;

/* The rules alone, without settling: for the second evaluation with the losers of duplicate keys. */
void gate_run_rules(struct gate *g);

bool gate_is_unreadable(const struct gate *g);

/* Counts against the run: an error (or a warning, if they count) that no exception covers. */
bool finding_is_open(const struct gate *g, const struct finding *f);

/* exception.c: whether an exception is about the object, and whether one that gives no group or namespace is about
   several: STATUS_USAGE then. */
bool exception_names(const struct gate *g, const struct policy_exception *e, const struct object *o);
int exceptions_check(struct gate *g, struct err *err) PXB_MUST_CHECK;

#endif
