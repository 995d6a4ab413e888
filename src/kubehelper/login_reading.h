/*
 * login_reading.h: the entries of a kubeconfig, read into a login. Internal to login*.c.
 */
#ifndef PXB_KUBEHELPER_LOGIN_READING_H
#define PXB_KUBEHELPER_LOGIN_READING_H

#include "kubehelper/login.h"

/* What a login is read from. */
struct reading {
	struct login *l;
	const struct config_file *f; /* of the entry that is read */
	bool inline_only;	     /* the kubeconfig comes from a cluster: it may name no file, program or proxy */
	bool allow_exec;
	struct err *err;
};

/* The text at `key`, NULL when there is none. */
int login_text(struct reading *r, const struct node *map, const char *key, const char **text);

/* KEY-data in base64, else the file that KEY names. */
int login_material(struct reading *r, const struct node *map, const char *key, struct slice *to);

/* STATUS_USAGE: the kubeconfig of a cluster may not say this. */
int login_no_files(struct reading *r, const struct node *map, const char *key);

int login_read_user(struct reading *r, const struct node *user);

#endif
