/*
 * spec.h: the verbs of 'spec'. Internal to src/cmd.
 */
#ifndef PXB_CMD_SPEC_H
#define PXB_CMD_SPEC_H

#include "cmd/cmd.h"
#include "helm/chart_digest.h"
#include "spec/answers.h"

extern const struct option_table spec_secret_table, spec_images_table;

int spec_secret(const struct command *self, int argc, char **argv);
int spec_images(const struct command *self, int argc, char **argv);

/* The questions on the terminal, in their order; answers that were given in a file are the defaults. At the end a
   summary and one question more. STATUS_USAGE when the terminal is closed or the summary is not confirmed: then nothing
   is to be written. */
int spec_ask(struct answers *a, const char *directory, bool force, struct err *err) PXB_MUST_CHECK;

/* The folder to write: `directory`, or one that is named after the version when it is NULL. */
void spec_folder(const struct answers *a, const char *directory, struct buf *out);

/* A chart at hand: its version, and the sha256 of its archive ("" for a folder). Keys that this program writes and the
   chart does not know are an error; keys that are new in it are reported. */
struct spec_chart {
	char version[64];
	char sha256[CHART_DIGEST_ROOM];
};

int spec_read_chart(const char *path, const struct answers *a, struct spec_chart *chart,
		    struct err *err) PXB_MUST_CHECK;

#endif
