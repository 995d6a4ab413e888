/*
 * credential_reference.h: the parts of rule cloud-credential-reference. Internal to src/rules.
 */
#ifndef PXB_RULES_CREDENTIAL_REFERENCE_H
#define PXB_RULES_CREDENTIAL_REFERENCE_H

#include "credentials/names.h"
#include "credentials/scan.h"
#include "rules/gate.h"

/* A reference: the value lives in the cluster, hence centrally. `how` is a sentence's begin ("env X takes it from"). */
void reference_found(struct gate *g, const struct object *o, const struct node *at, enum provider_id provider,
		     const char *how, struct slice secret);

/* The stream does not show it: a note. */
void reference_unknown(struct gate *g, const struct object *o, const struct node *at, const char *how,
		       struct slice secret);

/* credential_reference_fields.c: fields of custom resources, volumes and classes; `map` is one mapping of o. */
void reference_fields(struct gate *g, const struct object *o, const struct node *map);

/* StorageClass and its kin: parameters that name a Secret of a cloud's driver. */
void reference_class(struct gate *g, const struct object *o);

/* What a reference names: the string itself, `name` or `secretName`, or what the first selector in it names. */
struct slice reference_name(const struct node *ref);
bool reference_is_one(const struct node *ref);

/* credential_reference_kinds.c: what the kind of o says about the Secret that it names. */
void reference_kind(struct gate *g, const struct object *o);

/* Secrets mounted where a cloud's tools look for their credentials. */
void reference_mounts(struct gate *g, const struct object *o, const struct node *container);

/* credential_reference_path.c: a variable or option that names a file: judged by what is mounted there. `container` is
   the mapping with volumeMounts, its pod's spec is found above it. */
void reference_path(struct gate *g, const struct object *o, const struct node *at, const struct node *container,
		    const struct credential_name *name, struct slice path);

/* A Secret that everybody knows to hold a cloud credential. */
bool reference_known_secret(struct slice name, enum provider_id *provider);

#endif
