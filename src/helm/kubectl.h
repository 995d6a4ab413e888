/*
 * kubectl.h: what Helm has no question for, asked of kubectl with the connection that Helm was given: by flags of its
 * command line, else by the variables that they become for a plugin.
 *
 * The program is $KUBECTL, else "kubectl". A token never stands on a command line, where everybody could read it, and
 * kubectl takes it from no variable: it goes into a kubeconfig that has no name on any disk, before the user's own.
 */
#ifndef PXB_HELM_KUBECTL_H
#define PXB_HELM_KUBECTL_H

#include "base/buf.h"
#include "base/err.h"
#include "helm/command_line.h"

struct kubectl_question {
	const struct helm_line *line; /* NULL: the environment alone tells the connection */
	const char *const *words;     /* what follows "kubectl", with a NULL at the end */
	unsigned seconds;
};

enum { KUBECTL_ABSENT = -1 }; /* in the place of an exit code: there is no such program */

const char *kubectl_program(void);

/* Its standard output goes to `out`, what it says of itself to `errors`. STATUS_HELPER when it is late, or says more
   than fits. */
int kubectl_ask(const struct kubectl_question *q, struct buf *out, struct buf *errors, int *exit_code, struct err *err);

#endif
