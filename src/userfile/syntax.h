/*
 * syntax.h: what the texts of a policy may look like. Each function answers for the whole text.
 */
#ifndef PXB_USERFILE_SYNTAX_H
#define PXB_USERFILE_SYNTAX_H

#include "base/slice.h"

/* RFC 1123, as the API server checks names: lower case letters, digits and '-', 63 bytes. */
bool is_dns_label(struct slice s);
bool is_dns_subdomain(struct slice s); /* labels joined by '.', 253 bytes */

/* A DNS label that Helm takes for a release: 53 bytes. */
bool is_release_name(struct slice s);

/* One host, without scheme, port, path or wildcard. */
bool is_host_name(struct slice s);

/* The registry part of an image reference: a host or a bracketed IPv6 address, and a port if there is one. */
bool is_registry_host(struct slice s);

/* The part between registry and image name: "pxb", "team/pxb". */
bool is_repository(struct slice s);

/* A day that exists, "2027-01-31". */
bool is_date(struct slice s);

/* "Kind/name", "Kind.group/name", "Kind.group/namespace/name". The parts are returned; empty ones were not given. */
struct object_ref {
	struct slice kind, group, ns, name;
};
bool is_full_object_ref(struct slice s, struct object_ref *ref);

/* "Kind/name". The parts are returned. */
bool is_object_ref(struct slice s, struct slice *kind, struct slice *name);

/* A place in an object as findings write it: data.KEY, data["odd.key"], spec.containers[name].env[0]. */
bool is_node_path(struct slice s);

#endif
