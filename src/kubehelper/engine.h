/*
 * engine.h: the loop of pxb-fed-kube. Frames come in, questions run side by side over one connection per cluster,
 * answers go out as they are complete. Every question has a deadline and gets exactly one answer.
 */
#ifndef PXB_KUBEHELPER_ENGINE_H
#define PXB_KUBEHELPER_ENGINE_H

#include "cluster/frame.h"
#include "cluster/reduce.h"
#include "kubehelper/login.h"
#include "kubehelper/plugin.h"

#include <curl/curl.h>
#include <sys/stat.h>

enum { PAGE_MAX = 48 << 20, ANSWER_MAX = 48 << 20, TEXT_MAX = 600, HEAD_MAX = 1 << 20, WARNINGS_MAX = 4096 };

enum login_state { LOGIN_NEEDED, LOGIN_RUNNING, LOGIN_READY, LOGIN_FAILED };

/* What changes when a file is written or replaced. */
struct file_stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

struct cluster {
	struct cluster *next;
	long id;
	struct login login;
	enum login_state state;
	enum answer_kind kind; /* of LOGIN_FAILED */
	char text[TEXT_MAX];
	struct plugin plugin;
	struct credential credential;
	bool renewed; /* a rejected credential of a plugin was replaced once */
	const char *proxy, *bundle;
	struct curl_slist *headers;	     /* made when the login is ready */
	struct curl_slist *metadata_headers; /* the same, for questions about metadata alone */
	struct curl_slist *apply_headers;    /* ... for server-side applies */
	struct curl_slist *retired;	     /* headers of before: a transfer may still read them */
	struct file_stamp token_stamp;	     /* of the token file when it was read */
	/* The first question goes alone: until it is over nobody knows whether the cluster answers at all, and a dead
	 * one should not cost a transfer for every question. */
	const struct question *probe;
	bool probed;
};

enum question_state { QUESTION_WAITS, QUESTION_RUNS, QUESTION_RESTS };

struct question {
	struct question *next;
	struct cluster *cluster;
	long id;
	char *path;
	bool list, restarted;
	bool metadata;		 /* the items' metadata alone is wanted */
	bool raw;		 /* the body is a text */
	bool apply, dry_run;	 /* what it sends: see frame.h */
	struct watcher *watcher; /* a list that is followed (watch.c); NULL: a question with one answer */
	unsigned repeats;	 /* after a connection that broke */
	char *needs;		 /* a key that the answer must have */
	struct buf post;
	struct buf warnings; /* of a dry run: the server's, as JSON texts with commas between them */
	struct reduction fields;
	long long until, rest_until;
	enum question_state state;
	CURL *easy;
	struct curl_slist *connect_to;
	struct buf body;  /* of this page */
	struct buf items; /* of all pages, reduced */
	size_t items_n;
	char *next_page; /* the token of `continue` */
	bool too_large;
	char error[CURL_ERROR_SIZE];
};

/* Bytes on their way out. */
struct out_part {
	struct out_part *next;
	struct buf bytes;
};

struct engine {
	CURLM *multi;
	struct kubeconfig_cache cache;
	unsigned connections_max, clusters_n;
	struct cluster *clusters;
	struct question *questions, **questions_end; /* in the order in which they came: the first one is the probe */
	struct buf in, out;			     /* out: the small frames behind `parts` */
	struct out_part *parts, **parts_end;
	size_t parts_bytes, out_sent; /* sent: of the first part, or of `out` */
	bool in_ended, greeted;
};

/* Reads frames from standard input until it ends and everything is answered. The exit code of the program. */
int engine_run(void);

/* Writes a frame whose body is moved out of *body, not copied: a list may be large. */
void engine_send(struct engine *e, enum frame_kind kind, struct slice head, struct buf *body);

/* Idle connections are kept only for clusters that may still be asked. */
void engine_limit_idle(struct engine *e);
void cluster_free(struct engine *e, struct cluster *c);

/* --- frames.c: what comes in -------------------------------------------------------------------------------------- */

int engine_take(struct engine *e, const struct frame *f, struct err *err) PXB_MUST_CHECK;
void engine_hello(struct engine *e);

/* --- ask.c: one question ------------------------------------------------------------------------------------------ */

/* Starts the transfer of the next page. False: it was answered instead (the question is gone). */
void question_start(struct engine *e, struct question *q);
void question_done(struct engine *e, struct question *q, CURLcode code);
void question_answer(struct engine *e, struct question *q, enum answer_kind kind, long status, const char *fmt, ...)
	PXB_PRINTF(5, 6);
void question_free(struct engine *e, struct question *q);

/* --- watch.c: a list that is followed ----------------------------------------------------------------------------- */

/* Makes a watch of a question that was just taken. */
int watch_take(struct engine *e, struct question *q, struct err *err) PXB_MUST_CHECK;
void watch_start(struct engine *e, struct question *q);
void watch_done(struct engine *e, struct question *q, CURLcode code);
void watch_free(struct question *q);

/* A login that failed: true if the watch tries again, after a rest. */
bool watch_waits_for_login(struct question *q);

/* --- classify.c: what an answer means ----------------------------------------------------------------------------- */

struct verdict {
	enum answer_kind kind;
	char text[TEXT_MAX];
};

/* A transfer that failed. */
void classify_failure(const struct question *q, CURLcode code, struct verdict *v);

/* An answer with a status other than 200 and 201. */
void classify_status(const struct question *q, long status, struct slice body, struct verdict *v);

/* A server that repeats what it was sent repeats the token. */
void hide_token(const struct cluster *c, char *text);
bool is_token_of(const struct cluster *c, const char *token);

/* Bytes of a stranger as one line: control characters out, cut. */
void one_line(struct slice text, char *to, size_t room);

/* --- transport.c: curl -------------------------------------------------------------------------------------------- */

/* The headers that every request of the cluster carries. */
bool cluster_headers(struct cluster *c);

/* Makes them anew if the token file was written since; a file that is gone or empty leaves the token of before, as
 * client-go does. True: the token is another one. */
bool cluster_refresh(struct cluster *c);
void cluster_headers_free(struct cluster *c);
bool transport_set(struct engine *e, struct question *q, const char *url);

#endif
