/*
 * helm.h: the Helm that called us, and what is asked of it.
 *
 * This folder runs Helm and models its command line. It takes arguments and environment as the user gave them and
 * gives what Helm printed; it checks nothing and prints nothing.
 */
#ifndef PXB_HELM_HELM_H
#define PXB_HELM_HELM_H

#include "base/child.h"

/* An argument vector has no const strings; Helm changes none of them. */
#define HELM_ARG(text) ((char *)(uintptr_t)(text))

enum { HELM_SECONDS = 60 }; /* for a question that needs no cluster */

/* $HELM_BIN, which Helm sets for its plugins, else "helm". */
char *helm_program(void);

/* Runs Helm and takes its standard output; its standard error stays ours. STATUS_HELPER also when it fails. */
int helm_ask(char *const argv[], struct buf *out, struct err *err) PXB_MUST_CHECK;

/* 3 or 4, or what comes after it: as the program's file says, else as Helm answers. */
int helm_major(int *major, struct err *err) PXB_MUST_CHECK;

/* Asks it for its version, "3.21.4". */
enum { HELM_VERSION_ROOM = 32 };
int helm_version(char version[HELM_VERSION_ROOM], struct err *err) PXB_MUST_CHECK;

#endif
