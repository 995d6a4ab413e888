/*
 * plugin.h: a login plugin of a kubeconfig (client.authentication.k8s.io): started without a terminal in a process
 * group of its own, ended with its deadline together with all that it started.
 *
 * A plugin runs beside everything else: the loop watches its two descriptors and calls plugin_read().
 */
#ifndef PXB_KUBEHELPER_PLUGIN_H
#define PXB_KUBEHELPER_PLUGIN_H

#include "base/clock.h"
#include "kubehelper/login.h"

#include <sys/types.h>

struct plugin {
	pid_t pid; /* 0: not running */
	int out, errors;
	struct buf output, messages;
	long long until; /* monotonic milliseconds */
	bool too_much;
};

struct credential {
	const char *token; /* in the login's arena; NULL: none */
	struct slice certificate, key;
	long long expires; /* Unix seconds, 0: never */
};

/* Called once: what SIGTERM, SIGINT and SIGHUP do to us they do to the plugins as well. */
void plugins_end_with_us(void);

int plugin_start(struct plugin *p, const struct login *l, long long until, struct err *err) PXB_MUST_CHECK;

/* Takes what is there. True when the plugin has ended (or was ended) and plugin_finish() may be called. */
bool plugin_read(struct plugin *p);

/* What came of it. The credential's texts go into the arena of `l`. */
int plugin_finish(struct plugin *p, struct login *l, struct credential *c, struct err *err) PXB_MUST_CHECK;

void plugin_kill(struct plugin *p);

#endif
