/*
 * causes.h: findings that one change fixes are one cause.
 *
 * Takes settled findings; gives each the name of its cause, which means nothing outside this run and may hold a hash of
 * a value: it is compared and never shown. Findings with one name are one cause, in one input or in several. Of these
 * the deepest explains the others: a line of a values file before the places that it reaches.
 */
#ifndef PXB_RULES_CAUSES_H
#define PXB_RULES_CAUSES_H

#include "rules/gate.h"

void gate_settle_causes(struct gate *g);

/* A password in a proxy's address: the chart takes the addresses from a Secret instead. */
void advise_proxy_secret(struct gate *g, struct finding *f);

#endif
