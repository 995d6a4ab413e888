/*
 * pxbfed.h: the gate of pxb-fed as a library.
 *
 * One call takes a rendered stream and a policy and gives a verdict, the stream to pass on, and a report. The library
 * never prints, never exits, keeps no global state, and may be called from several threads. It starts a child process
 * for the second reader unless the policy says `secondOpinion: false`.
 *
 * Memory: a result owns everything it hands out, until pxbfed_result_free(). Inputs are only read during the call.
 */
#ifndef PXBFED_H
#define PXBFED_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum pxbfed_verdict {
	PXBFED_COMPLIANT = 0, /* the output equals the input */
	PXBFED_PATCHED = 1,   /* the output is the input with its repairs */
	PXBFED_REFUSED = 2,   /* a rule is broken; no output */
	PXBFED_UNREADABLE = 3 /* the stream cannot be read, or in two ways; no output */
};

/* Negative return values. */
enum pxbfed_error {
	PXBFED_ERROR_POLICY = -2,   /* the policy or the lock is wrong, or the lock is another installation's; the
				       result's error says where */
	PXBFED_ERROR_INPUT = -3,    /* the input is larger than the limit */
	PXBFED_ERROR_INTERNAL = -4, /* memory, or an invariant of the library */
	PXBFED_ERROR_HELPER = -5    /* the second reader could not be started */
};

struct pxbfed_options {
	const char *policy;	 /* text of a policy file; NULL: the built-in policy */
	size_t policy_size;	 /* bytes */
	const char *policy_name; /* for messages; NULL: "policy" */
	size_t max_size;	 /* bytes of input; 0: 256 MiB */
	const char *lock;	 /* text of a lock file: what the installation was made with; NULL: none */
	size_t lock_size;	 /* bytes */
	const char *lock_name;	 /* for messages; NULL: "lock" */
};

struct pxbfed_result;

/*
 * Gates `size` bytes of manifests. Returns a verdict (0 or above) or an error (below 0). *result is set in either case,
 * and is NULL only when there was no memory for it.
 */
int pxbfed_gate(const char *manifests, size_t size, const struct pxbfed_options *options,
		struct pxbfed_result **result);

/* The stream to pass on: NULL unless the verdict is compliant or patched. */
const char *pxbfed_result_output(const struct pxbfed_result *result, size_t *size);

/* The report, as docs/report.schema.json describes it; NULL after an error. NUL-terminated. */
const char *pxbfed_result_report(const struct pxbfed_result *result);

/* What went wrong, "" after a verdict. */
const char *pxbfed_result_error(const struct pxbfed_result *result);

void pxbfed_result_free(struct pxbfed_result *result);

/* "0.1.0" */
const char *pxbfed_version(void);

#ifdef __cplusplus
}
#endif

#endif
