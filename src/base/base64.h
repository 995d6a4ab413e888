/*
 * base64.h: base64 as Go's encoding/base64 reads it (line ends are skipped), and the looser forms that people produce.
 */
#ifndef PXB_BASE64_H
#define PXB_BASE64_H

#include "base/buf.h"

enum base64_form {
	BASE64_STANDARD, /* + and /, padded: what a Secret's data must be */
	BASE64_ANY,	 /* either alphabet, padding optional, blanks skipped */
};

/* Appends the decoded bytes to out. False: not base64 in that form (out may hold a part), or out failed. */
bool base64_decode(struct slice text, enum base64_form form, struct buf *out);

void base64_encode(struct slice bytes, struct buf *out);

#endif
