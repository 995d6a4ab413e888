#include "base/file.h"
#include "cmd/helm_run.h"

#include <unistd.h>

/* --- values ---------------------------------------------------------------------------------------------------- */

static bool is_remote(const char *file)
{
	return strstr(file, "://") != NULL;
}

static int add_value(void *arg, const struct helm_flag *flag, const char *value, struct err *err)
{
	struct helm_run *r = arg;

	if (strcmp(flag->name, "values") != 0)
		return 0;
	if (is_remote(value)) {
		size_t scheme = slice_find(slice_str(value), "://");

		helm_note(r, "a values file of '%.*s://' is read by Helm alone: its keys are not compared", (int)scheme,
			  value);
		return 0;
	}
	return values_add(&r->setup.pass.values, value, err);
}

/* The values as they are now given, and what the chart has beside them. */
static int take_values(struct helm_run *r, struct err *err)
{
	values_release(&r->setup.pass.values);
	values_init(&r->setup.pass.values);
	return helm_line_values(&r->line, add_value, r, err);
}

/* --- one render ------------------------------------------------------------------------------------------------ */

static int render(struct helm_run *r, bool *done, int *code, struct err *err)
{
	enum helm_command command = r->line.command;
	enum helm_outcome outcome = HELM_DONE;

	if (!r->cluster && !helm_line_is_dry_run(&r->line))
		command = HELM_TEMPLATE;
	rendering_release(&r->rendering);
	rendering_init(&r->rendering, r->setup.pass.limits.bytes + 1);
	progress_say(&r->progress, "rendering with Helm %s%s", r->version, r->cluster ? "" : ", without a cluster");
	if (helm_render(&r->call, command, r->cluster, &r->rendering, &outcome, err) < 0)
		return err->status;
	if (outcome == HELM_DONE)
		return 0;
	progress_clear(&r->progress);
	*done = true;
	fputs(buf_str(&r->rendering.errors), stderr);
	*code = r->rendering.exit_code;
	if (outcome == HELM_NO_CLUSTER) {
		err_set(err, STATUS_HELPER, "the cluster could not be asked; nothing was changed");
		*code = fail(err);
	}
	return 0;
}

static int judge(struct helm_run *r, struct err *err)
{
	const struct rendering *in = &r->rendering;

	progress_say(&r->progress, "judging what was rendered");
	pass_release(&r->pass);
	r->setup.pass.options.hooks_out_of_reach = r->call.major == 3;
	pass_init(&r->pass, &r->setup.pass);
	if (pass_add(&r->pass, r->so, "manifests", buf_slice(&in->manifests), err) < 0 ||
	    (in->hooks.n && pass_add(&r->pass, r->so, "hooks", buf_slice(&in->hooks), err) < 0))
		return err->status;
	return pass_judge(&r->pass, &r->setup.pass, r->so, err);
}

/* --- --fix-values ---------------------------------------------------------------------------------------------- */

static const char *value_now(struct helm_run *r, const char *key)
{
	const struct node *n = node_real(values_get(&r->setup.pass.values, key, NULL));

	if (!n)
		return "not set";
	return n->kind == NODE_SCALAR ? gate_show(&r->pass.gate, node_text(n)) : "a collection";
}

static void tell_change(struct helm_run *r, const char *set)
{
	struct slice value, key = slice_cut(slice_str(set), '=', &value);
	const char *name = arena_str(&r->line.arena, key);

	fprintf(stderr, "  %s: %s -> " SLICE_FMT "\n", name, value_now(r, name), SLICE_ARG(value));
}

/* The values that the findings name, put behind those of the user. False: there are none. */
static bool fix_values(struct helm_run *r, const struct mend_list *mends)
{
	if (!mends->sets.n)
		return false;
	progress_clear(&r->progress);
	fputs("pxb-fed: --fix-values sets\n", stderr);
	for (size_t i = 0; i < mends->sets.n; i++) {
		tell_change(r, mends->sets.v[i]);
		helm_line_add_set(&r->line, arena_str(&r->line.arena, slice_str(mends->sets.v[i])));
	}
	return true;
}

static int judge_again(struct helm_run *r, bool *done, int *code, struct err *err)
{
	cleanup_mends struct mend_list mends = {0};

	if (mends_collect(&mends, &r->pass.gate, err) < 0)
		return err->status;
	if (!fix_values(r, &mends))
		return 0;
	if (take_values(r, err) < 0 || render(r, done, code, err) < 0)
		return err->status;
	return *done ? 0 : judge(r, err);
}

int helm_judge(struct helm_run *r, bool *done, int *code, struct err *err)
{
	enum verdict v;

	if (take_values(r, err) < 0 || render(r, done, code, err) < 0)
		return err->status;
	if (*done)
		return 0;
	if (judge(r, err) < 0)
		return err->status;
	v = r->pass.gate.verdict;
	if (r->args.fix_values && (v == VERDICT_REFUSED || v == VERDICT_PATCHED))
		return judge_again(r, done, code, err);
	return 0;
}
