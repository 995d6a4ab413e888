/*
 * login.h: how one cluster is reached and who asks it: the chosen context of a kubeconfig, the options that override
 * it, or the service account of the pod that we run in.
 *
 * A login owns its arena, and with it every text. Keys and tokens are wiped with it.
 */
#ifndef PXB_KUBEHELPER_LOGIN_H
#define PXB_KUBEHELPER_LOGIN_H

#include "cluster/answer.h"
#include "kubehelper/kubeconfig.h"

struct login_plugin {
	const char *command; /* NULL: there is no plugin */
	const char *api_version;
	const char *mode; /* Never, IfAvailable, Always */
	const char *hint;
	const char *cluster; /* JSON of spec.cluster, NULL: it is not provided */
	VEC(const char *) args;
	VEC(const char *) env; /* NAME=VALUE */
};

struct extra {
	const char *key, *value;
};

struct login {
	struct arena arena;
	const char *context; /* "" in a pod */
	const char *ns;	     /* the context's, or the pod's; "": none is named */
	const char *server;  /* https://HOST[:PORT][/PATH], no '/' at the end */
	struct slice ca;     /* PEM; empty: the system's */
	bool insecure;
	const char *tls_name, *proxy; /* NULL: none set */
	struct slice certificate, key;
	const char *token, *token_file, *username, *password;
	const char *as, *as_uid;
	VEC(const char *) as_groups;
	VEC(struct extra) as_extra;
	struct login_plugin plugin;
	VEC(const char *) warnings;
};

void login_init(struct login *l);
void login_release(struct login *l);

/* `options` is the head of a CONNECT frame. On failure *kind says what kind of failure it is. */
int login_read(struct login *l, struct kubeconfig_cache *cache, const struct node *options, enum answer_kind *kind,
	       struct err *err) PXB_MUST_CHECK;

/* Reads a file of a credential or an authority into the arena. */
int login_file(struct login *l, const char *path, const char *what, struct slice *text, struct err *err) PXB_MUST_CHECK;

#endif
