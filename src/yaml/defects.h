/*
 * defects.h: what the second reader is known to get wrong, taken out of what it is asked.
 *
 * A scalar in a form that some version of libfyaml misreads is read here a third time, by the rules of YAML alone. If
 * that reading is libyaml's, libfyaml is asked about the document with the scalar in another spelling of the same text:
 * what it says about all else still counts. If it is not, nothing is changed and the readers disagree.
 */
#ifndef PXB_YAML_DEFECTS_H
#define PXB_YAML_DEFECTS_H

#include "yaml/node.h"

/* `raw` is the scalar as it was written, without anchor and tag, `text` what libyaml made of it. True: appends another
   spelling to out. */
bool defect_respell(enum node_style style, struct slice raw, struct slice text, struct buf *out);

/* An item of a block sequence with nothing in it, above a key of the same indentation, is refused. True: ask about a
   null in its place; event_digest_scalar() takes the two for one. */
bool defect_empty_item(void);

/* Whether `version` has a defect that is gone in `gone` ("0.9.5"; NULL: in no version that was tried). */
bool defect_is_in(const char *version, const char *gone);

#endif
