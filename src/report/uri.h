/*
 * uri.h: file names as URI references (RFC 3986). Internal to src/report.
 */
#ifndef PXB_REPORT_URI_H
#define PXB_REPORT_URI_H

#include "base/buf.h"

enum uri_kind {
	URI_BELOW,    /* relative, at or below the folder in which the program runs */
	URI_OUTSIDE,  /* relative, and leaves it by ".." */
	URI_ABSOLUTE, /* file:///... */
};

/* Appends the name of a file as it was given: "." and empty segments are left out, ".." stays, for a link may stand
   before it. */
enum uri_kind uri_of_path(struct slice path, struct buf *out);

#endif
