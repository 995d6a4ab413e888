/*
 * argocd_generate.c: what Argo CD's plugin server calls in the folder of an application. Its standard output is all
 * that is applied, and an empty one with exit code 0 deletes an installation: all or nothing, and never nothing with 0.
 * Its standard error ends up in the application's status, the verdict first.
 */
#include "argocd/helm_template.h"
#include "cmd/argocd.h"
#include "cmd/gate_args.h"
#include "policy/policy_key.h"

#include <unistd.h>

/* The message first, and below it what may be shown of another program's words. */
static int refuse(const struct err *err, const struct buf *words)
{
	int code = fail(err);

	if (words && words->n && !words->failed)
		fputs(buf_str(words), stderr);
	return code;
}

static int finish(const struct gate_setup *s, struct pass *p, struct err *err)
{
	struct report r = {.gate = &p->gate,
			   .stream = &p->stream,
			   .edits = p->plan.edits.v,
			   .edits_n = p->plan.edits.n,
			   .milliseconds = -1,
			   .verbose = s->verbose,
			   .program = "pxb-fed"};
	cleanup_buf struct buf text = BUF_TEXT;

	report_status_text(&r, &text);
	if (text.failed)
		return refuse((err_nomem(err), err), NULL);
	if (gate_setup_report(s, &r, err) < 0)
		return refuse(err, NULL);
	fputs(buf_str(&text), stderr);
	if (verdict_exit_code(p->gate.verdict) != EXIT_OK)
		return verdict_exit_code(p->gate.verdict);
	return edit_plan_write(&p->plan, &p->stream, STDOUT_FILENO, err) < 0 ? refuse(err, NULL) : EXIT_OK;
}

/* Where the Application is sent is where its objects must be, unless the policy says where. */
static void demand_namespace(struct policy *p, const struct application *app)
{
	if (!p->ns.n)
		policy_put_text(p, POLICY_NAMESPACE, slice_str(app->ns),
				(struct origin){.file = "spec.destination.namespace"});
}

static int generate(const struct gate_setup *s, struct application *app, struct err *err)
{
	cleanup_second_opinion struct second_opinion *so = NULL;
	cleanup_buf struct buf rendered = BUF_INIT(s->pass.limits.bytes + 1), words = BUF_TEXT;
	cleanup_pass struct pass pass;
	unsigned seconds = 0;

	pass_init(&pass, &s->pass);
	if (helm_template_seconds(&seconds, err) < 0 || helm_template(app, seconds, &rendered, &words, err) < 0)
		return refuse(err, &words);
	if ((s->pass.policy.second_opinion && second_opinion_new(&so, err) < 0) ||
	    pass_add(&pass, so, "<stdin>", buf_slice(&rendered), err) < 0 || pass_judge(&pass, &s->pass, so, err) < 0 ||
	    pass_repair(&pass, so, err) < 0)
		return refuse(err, NULL);
	return finish(s, &pass, err);
}

static const struct option_table *const tables[] = {&gate_options_table, NULL};

int argocd_generate(const struct command *self, int argc, char **argv)
{
	struct gate_args a = {0};
	void *const into[] = {&a};
	cleanup_strings struct string_list rest = {0};
	cleanup_gate_setup struct gate_setup setup = {0};
	struct application app = {0};
	struct err err = ERR_INIT;
	bool help;
	int code;

	if (options_parse(tables, into, argc, argv, &rest, &help, &err) < 0 ||
	    (!help && rest.n &&
	     err_set(&err, STATUS_USAGE, "'argocd generate' renders the working directory and takes no file: '%.60s'",
		     rest.v[0]) < 0)) {
		code = fail_usage(self, &err);
	} else if (help) {
		code = cmd_help(self, 0, NULL);
	} else if (application_read(&app, &err) < 0 || gate_setup_load_in_repository(&setup, &a, &err) < 0 ||
		   application_values(&app, &setup.pass.values, &err) < 0) {
		code = fail(&err);
	} else {
		demand_namespace(&setup.pass.policy, &app);
		code = generate(&setup, &app, &err);
	}
	application_release(&app);
	gate_args_release(&a);
	return code;
}
