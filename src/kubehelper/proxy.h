/*
 * proxy.h: which proxy Go's programs would take for a server: the kubeconfig's own, else HTTPS_PROXY (or https_proxy)
 * unless NO_PROXY names the host.
 */
#ifndef PXB_KUBEHELPER_PROXY_H
#define PXB_KUBEHELPER_PROXY_H

#include "base/slice.h"

/* "" for none. `server` is a URL. */
const char *proxy_for(const char *own, const char *server);

/* Whether a NO_PROXY list names the host. */
bool no_proxy_matches(struct slice list, struct slice host, struct slice port);

#endif
