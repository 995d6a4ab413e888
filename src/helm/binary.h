/*
 * binary.h: which Helm a program is, without starting it. Go writes the path of the main package into every program
 * that it links (go version -m, Go's debug/buildinfo), and Helm's holds its major version.
 */
#ifndef PXB_HELM_BINARY_H
#define PXB_HELM_BINARY_H

/* 3 or 4, or what comes after it, of the program that execvp() would start. 0: the file does not say, so it must be
   asked: a script or another program in Helm's place, a Helm that was built before Go 1.18. */
int helm_binary_major(const char *program);

#endif
