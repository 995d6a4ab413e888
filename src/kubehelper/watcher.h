/*
 * watcher.h: internal to watch.c and watch_events.c: a list that is followed.
 */
#ifndef PXB_KUBEHELPER_WATCHER_H
#define PXB_KUBEHELPER_WATCHER_H

#include "kubehelper/engine.h"

enum watch_mode { MODE_LIST, MODE_POLL, MODE_WATCH };

struct watcher {
	struct engine *engine;
	enum watch_mode mode;
	char *version; /* resourceVersion to watch from */
	bool list_again;
	unsigned failures; /* of lists, one after another */
	unsigned broken;   /* watches that ended before they lived, one after another */
	unsigned pages;	   /* of the list that is read */
	long long renewed, started;
};

/* Sends a CHANGE frame; what the server said goes without the token. */
void watch_tell(struct question *q, const char *change, enum answer_kind kind, long status, const char *said,
		struct slice body);

/* The resourceVersion that a list or an event has; nothing changes if there is none. */
void watch_set_version(struct watcher *w, struct slice version);

/* curl's callback for a watch. */
size_t watch_take_lines(char *p, size_t size, size_t n, void *to);

#endif
