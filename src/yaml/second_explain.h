/*
 * second_explain.h: what two readers differ in. Internal to src/yaml.
 */
#ifndef PXB_YAML_SECOND_EXPLAIN_H
#define PXB_YAML_SECOND_EXPLAIN_H

#include "yaml/second_opinion.h"

/* second_explain.c: reads the document once more with both and adds the problem, with the place of the first
   difference. */
void second_explain(struct second_opinion *so, struct stream *s, const struct doubt *doubt);

/* second_opinion.c: the events of one document as libfyaml gives them; those up to the refusal if it refuses. False:
   they cannot be had. */
bool second_opinion_events(struct second_opinion *so, const struct document *d, struct buf *events);

#endif
