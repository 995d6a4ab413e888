#include "checks/checks.h"

const struct check_info check_infos[CHECK_COUNT] = {
#define CHECK(id, name, command, group, title, function) {name, command, group, title, function},
#include "checks/checks.def"
};

enum { SHOWN_MAX = 100 };

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = {"pass", "warn", "fail", "unknown", "skip"};

	return o < OUTCOMES ? names[o] : "?";
}

const char *check_command_name(enum check_command c)
{
	return c == VERIFY ? "verify" : c == PREFLIGHT ? "preflight" : "role";
}

static struct check_result *now(struct facts *f)
{
	return &f->results[f->current];
}

void result_put(struct facts *f, enum outcome o, const char *fmt, ...)
{
	struct check_result *r = now(f);
	va_list ap;

	va_start(ap, fmt);
	*r = (struct check_result){.check = f->current,
				   .outcome = o,
				   .set = true,
				   .text = arena_vprintf(&f->arena, fmt, ap)};
	va_end(ap);
}

static unsigned weight(const struct check_result *r)
{
	static const unsigned char weights[OUTCOMES] = {
		[OUTCOME_FAIL] = 4, [OUTCOME_UNKNOWN] = 3, [OUTCOME_WARN] = 2, [OUTCOME_SKIP] = 1, [OUTCOME_PASS] = 1};

	return r->set ? weights[r->outcome] : 0;
}

bool result_keep_worst(struct check_result *worst, const struct check_result *r)
{
	if (weight(r) > weight(worst))
		*worst = *r;
	return worst->set && worst->outcome == OUTCOME_FAIL;
}

void result_about(struct facts *f, const char *object, const char *path)
{
	now(f)->object = object;
	now(f)->path = path;
}

void result_values(struct facts *f, const char *found, const char *needed)
{
	now(f)->found = found;
	now(f)->needed = needed;
}

void result_fix(struct facts *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	now(f)->fix = arena_vprintf(&f->arena, fmt, ap);
	va_end(ap);
}

/* "get" or "list", and the resource of a path: what a role would have to allow. */
static const char *right_for(struct facts *f, enum question_id q)
{
	struct slice path = slice_cut(slice_str(f->v[q].path), '?', &(struct slice){0}), part, rest = path, last = path,
		     before = SLICE_EMPTY;

	while (rest.p) {
		part = slice_cut(rest, '/', &rest);
		if (part.n) {
			before = last;
			last = part;
		}
	}
	if (question_infos[q].form != OBJECT)
		return arena_printf(&f->arena, "list " SLICE_FMT, SLICE_ARG(last));
	if (path.p && slice_starts(path, "/api"))
		return arena_printf(&f->arena, "get " SLICE_FMT, SLICE_ARG(before));
	return arena_printf(&f->arena, "get " SLICE_FMT, SLICE_ARG(path));
}

/* Known to be absent: what is asked in its namespace has nothing to be asked in. */
static bool storagecluster_is_absent(const struct facts *f)
{
	return facts_known(f, Q_STORAGECLUSTERS) &&
	       node_count(node_lookup(facts_root(f, Q_STORAGECLUSTERS), "items")) == 0;
}

void result_unanswered(struct facts *f, enum question_id q)
{
	const struct fact *a = &f->v[q];
	const char *of = question_infos[q].path, *path = a->path	   ? a->path
							 : strchr(of, '%') ? question_infos[q].name
									   : of;

	if (!a->asked && storagecluster_is_absent(f)) {
		skip(f, "there is no StorageCluster to look at");
		return;
	}
	if (!a->asked) {
		unknown(f, "%s could not be asked for: an earlier answer is missing", question_infos[q].name);
		return;
	}
	unknown(f, "%s: %s%s%s", path, answer_meaning(a->kind), a->text && *a->text ? ": " : "",
		a->text ? a->text : "");
	if (a->kind == ANSWER_DAMAGED)
		result_fix(f, "save the answers again, with --save");
	else if (a->kind == ANSWER_CONFIG)
		result_fix(f, "kubectl config get-contexts");
	else if (a->kind == ANSWER_FORBIDDEN)
		result_fix(f, "grant the right to %s, and run the check again", right_for(f, q));
	else
		result_fix(f, "kubectl get --raw '%s'", *path == '/' ? path : question_infos[Q_VERSION].path);
}

const struct node *need_storagecluster(struct facts *f)
{
	const struct node *stc = facts_storagecluster(f);

	if (stc)
		return stc;
	if (storagecluster_is_absent(f))
		skip(f, "there is no StorageCluster to look at");
	else if (facts_known(f, Q_STORAGECLUSTERS))
		unknown(f, "there are several StorageClusters (--px-namespace names one)");
	else
		result_unanswered(f, Q_STORAGECLUSTERS);
	return NULL;
}

const char *shown(struct facts *f, struct slice value)
{
	cleanup_buf struct buf out = BUF_TEXT;

	for (size_t i = 0; i < value.n && i < SHOWN_MAX; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (c < ' ' || c >= 0x7f)
			buf_addf(&out, "\\x%02x", c);
		else
			buf_addc(&out, (char)c);
	}
	if (value.n > SHOWN_MAX)
		buf_adds(&out, "...");
	facts_need(f, &out);
	return arena_str(&f->arena, buf_slice(&out));
}

const char *object_name(struct facts *f, const char *kind, const struct node *item)
{
	struct slice ns = node_string(node_at(item, "metadata/namespace")),
		     name = node_string(node_at(item, "metadata/name"));

	return arena_printf(&f->arena, "%s %s%s%s", kind, shown(f, ns), ns.n ? "/" : "", shown(f, name));
}

int checks_run(struct facts *f, enum check_command command, struct err *err)
{
	bool lost = facts_are_lost(f);

	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		if (check_infos[i].command != command)
			continue;
		f->current = (enum check_id)i;
		if (lost) /* nothing else that it said is ground for a result */
			result_unanswered(f, Q_VERSION);
		else
			check_infos[i].run(f);
		if (!f->results[i].set)
			return err_set(err, STATUS_FAILED, "internal error: check '%s' gave no result",
				       check_infos[i].name);
	}
	return arena_failed(&f->arena) ? err_nomem(err) : 0;
}

enum check_id check_parse(struct slice name)
{
	unsigned i = 0;

	while (i < CHECK_COUNT && !slice_is(name, check_infos[i].name))
		i++;
	return (enum check_id)i;
}

const char *check_nearest(struct slice name)
{
	const char *names[CHECK_COUNT];

	for (unsigned i = 0; i < CHECK_COUNT; i++)
		names[i] = check_infos[i].name;
	return slice_nearest(name, names, CHECK_COUNT);
}
