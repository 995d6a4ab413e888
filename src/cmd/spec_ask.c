/*
 * spec_ask.c: the dialog of 'spec'. Questions go to standard error, answers come from standard input, so that a line is
 * read whole and Ctrl-C ends the program before anything is written.
 */
#include "cmd/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

static int read_line(char line[LINE_MAX_BYTES], struct slice *text, struct err *err)
{
	if (!fgets(line, LINE_MAX_BYTES, stdin))
		return err_set(err, STATUS_USAGE, "the answers end before the last question; nothing was written");
	*text = slice_str(line);
	if (!slice_ends(*text, "\n") && text->n + 1 >= LINE_MAX_BYTES)
		return err_set(err, STATUS_USAGE, "an answer is longer than %d bytes; nothing was written",
			       LINE_MAX_BYTES - 2);
	*text = slice_trim(*text);
	return 0;
}

/* "y" and "no" are answers to a question about a switch. */
static struct slice normal(enum answer_form form, struct slice text)
{
	if (form != FORM_SWITCH)
		return text;
	if (slice_eq_nocase(text, SLICE("y")) || slice_eq_nocase(text, SLICE("yes")))
		return SLICE("true");
	if (slice_eq_nocase(text, SLICE("n")) || slice_eq_nocase(text, SLICE("no")))
		return SLICE("false");
	return text;
}

static void print_question(const struct answers *a, enum answer_id id)
{
	const struct answer_info *i = &answer_infos[id];
	const char *words = i->form == FORM_SWITCH ? "yes|no" : answer_words(i->form);
	struct slice def = a->text[id];

	fprintf(stderr, "\n%s\n  %s\n", i->prompt, i->reason);
	if (i->once)
		fprintf(stderr, "  It can never be changed after the installation.\n");
	fprintf(stderr, "%s%s%s", words ? "(" : "", words ? words : "", words ? ") " : "");
	if (i->form == FORM_SWITCH)
		def = slice_is(def, "true") ? SLICE("yes") : SLICE("no");
	if (def.n)
		fprintf(stderr, "[" SLICE_FMT "] ", SLICE_ARG(def));
	fprintf(stderr, "> ");
	fflush(stderr);
}

static const char *file_fault(struct slice path)
{
	char name[LINE_MAX_BYTES];

	snprintf(name, sizeof(name), SLICE_FMT, SLICE_ARG(path));
	return access(name, R_OK) == 0 ? NULL : "must be a file that exists and can be read";
}

static int ask(struct answers *a, enum answer_id id, struct err *err)
{
	char line[LINE_MAX_BYTES];
	struct slice text = SLICE_EMPTY;
	const char *fault = NULL;

	do {
		print_question(a, id);
		if (read_line(line, &text, err) < 0)
			return err->status;
		text = normal(answer_infos[id].form, text);
		if (!text.n)
			text = a->text[id];
		fault = answer_fault(id, text);
		if (fault && answer_infos[id].form == FORM_SWITCH)
			fault = "must be yes or no";
		if (!fault && answer_infos[id].form == FORM_FILE)
			fault = file_fault(text);
		if (fault)
			fprintf(stderr, "  The answer %s.\n", fault);
	} while (fault);
	if (!slice_eq(text, a->text[id]))
		answer_take(a, id, text);
	return 0;
}

static void print_summary(const struct answers *a, const char *folder)
{
	fprintf(stderr, "\nSummary\n");
	for (unsigned i = 0; i < ANSWER_COUNT; i++)
		if (answer_counts(a, (enum answer_id)i) && a->text[i].n &&
		    (a->given[i] || answer_infos[i].once || answer_infos[i].required))
			fprintf(stderr, "  %-44s " SLICE_FMT "%s\n", answer_infos[i].prompt, SLICE_ARG(a->text[i]),
				answer_infos[i].once ? "   (can never be changed)" : "");
	fprintf(stderr, "\nWrite the files to '%s'? (yes|no) [no] > ", folder);
	fflush(stderr);
}

/* The question that a combination of answers makes necessary is asked again. */
static int ask_until_complete(struct answers *a, struct err *err)
{
	for (;;) {
		for (unsigned i = 0; i < ANSWER_COUNT; i++)
			if (answer_infos[i].asked && answer_counts(a, (enum answer_id)i) &&
			    ask(a, (enum answer_id)i, err) < 0)
				return err->status;
		if (answers_check(a, err) == 0)
			return 0;
		if (err->status != STATUS_USAGE)
			return err->status;
		fprintf(stderr, "\n  %s; the questions begin again with your answers as defaults.\n", err->text);
		*err = ERR_INIT;
	}
}

int spec_ask(struct answers *a, const char *directory, bool force, struct err *err)
{
	cleanup_buf struct buf folder = BUF_TEXT;
	char line[LINE_MAX_BYTES];
	struct slice text = SLICE_EMPTY;

	fprintf(stderr, "Portworx Backup in Federated mode. An empty answer takes the default in brackets.\n"
			"Ctrl-C ends the dialog; nothing is written before the summary is confirmed.\n");
	if (ask_until_complete(a, err) < 0)
		return err->status;
	spec_folder(a, directory, &folder);
	if (!force && access(buf_str(&folder), F_OK) == 0)
		return err_set(err, STATUS_USAGE,
			       "'%.200s' is there already; choose another folder with -d, or give --force. Nothing was "
			       "written",
			       buf_str(&folder));
	print_summary(a, buf_str(&folder));
	if (read_line(line, &text, err) < 0)
		return err->status;
	if (slice_is(normal(FORM_SWITCH, text), "true"))
		return 0;
	return err_set(err, STATUS_USAGE, "not confirmed; nothing was written");
}
