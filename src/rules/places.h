/*
 * places.h: small searches that several rules share. Internal to src/rules.
 */
#ifndef PXB_RULES_PLACES_H
#define PXB_RULES_PLACES_H

#include "chart/place.h"
#include "rules/gate.h"

/* The most frequent of the texts added; empty when none was. */
struct tally {
	struct slice text[32];
	size_t count[32];
	size_t n;
};

void tally_add(struct tally *t, struct slice text);
struct slice tally_winner(const struct tally *t);

/* What the policy requires, or else what the objects agree on (the most frequent). Empty: neither. */
struct slice expected_namespace(const struct gate *g);
struct slice expected_class(const struct gate *g);

/* Env entries of one name in one container; *first is the first. */
size_t env_count(const struct container *c, const char *name, const struct env_var **first, const struct release *r);

/* The SERVICE_MESH that the places agree on ("istio", "linkerd", ""); *known is false when no place has it. */
struct slice rendered_mesh(const struct gate *g, bool *known);

bool telemetry_is_rendered(const struct gate *g);

/* storage.c: the class as it is advised; and the backup's own monitoring, not that of the px-monitor add-on. */
const char *class_text(struct gate *g, struct slice want);
bool is_backup_monitoring(const struct object *o);

/* ephemeral.c: some database keeps its data in a volume that goes with the pod. */
bool databases_are_ephemeral(const struct gate *g);

/* The hook weight of a data claim (pre-install-data-pvc, pre-upgrade-data-pvc), which Argo CD's render changes; NULL
   for every other object. */
const struct node *data_claim_weight(const struct object *o);

/* The policy or the caller says that Argo CD installs this. */
bool wants_argo(const struct gate *g);

/* Whether the hooks look like a render with isArgoCD=true; *at and *object are the place that shows it. */
bool argo_is_rendered(const struct gate *g, const struct object **object, const struct node **at);

/* The object that a finding about the installation as a whole points at. */
const struct object *main_object(const struct gate *g);

/* A requirement of the policy that no place of the stream shows, right or wrong: a finding of the rule unverifiable. */
struct finding *find_unseen(struct gate *g, const char *demand);

/* component.c: the switch of the chart without which it renders no such object; NULL: it always does. */
const char *component_key(struct slice kind, struct slice name);

#endif
