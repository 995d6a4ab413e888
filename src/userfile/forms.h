/*
 * forms.h: what single texts of an installation may look like, in answers and in values. Each returns NULL when the
 * text is right, else the end of a sentence that begins with its name ("must be ..."). The texts are static.
 */
#ifndef PXB_USERFILE_FORMS_H
#define PXB_USERFILE_FORMS_H

#include "base/slice.h"

/* Bytes that a terminal, a shell and a YAML file take as they are; not empty. */
bool form_is_printable(struct slice s);

const char *form_url_fault(struct slice s);	   /* http:// or https://, without a login */
const char *form_hosts_fault(struct slice s);	   /* hosts, addresses and domains, separated by commas */
const char *form_registry_fault(struct slice s);   /* host[:port] */
const char *form_repository_fault(struct slice s); /* path of a registry */
const char *form_name_fault(struct slice s);	   /* a name of the API: a DNS subdomain */
const char *form_host_fault(struct slice s);	   /* one host name */

#endif
