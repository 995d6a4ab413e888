/*
 * ignore.h: which files of a directory are left out: patterns in the manner of .gitignore, given as options or read
 * from the .gitignore files of the tree.
 */
#ifndef PXB_CMD_IGNORE_H
#define PXB_CMD_IGNORE_H

#include "base/err.h"
#include "base/slice.h"

struct ignore_rule {
	char *pattern;
	size_t base;	    /* bytes of the paths in front of what the pattern speaks of */
	char *under;	    /* the directory of the file that has the rule, with its "/"; "" for an option */
	bool keep;	    /* "!pattern" */
	bool only_folders;  /* "pattern/" */
	bool from_the_base; /* the pattern has a '/' in front or inside */
};

struct ignore {
	struct ignore_rule *v;
	size_t n, cap;
};

void ignore_release(struct ignore *ig);

/* One pattern that counts below the directory `under`, which ends in '/'. Empty lines and comments add nothing. */
int ignore_add(struct ignore *ig, const char *under, struct slice pattern, struct err *err) PXB_MUST_CHECK;

/* The patterns of the file `under`.gitignore; none when there is no such file. */
int ignore_add_file(struct ignore *ig, const char *under, struct err *err) PXB_MUST_CHECK;

/* Whether the last pattern that matches the path says so. */
bool ignore_matches(const struct ignore *ig, const char *path, bool is_folder);

#endif
