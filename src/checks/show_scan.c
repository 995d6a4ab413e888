/*
 * show_scan.c: results of checks as SARIF 2.1.0 and as workflow commands of GitHub. What a cluster has is in no file:
 * the place of a result is the cluster's name, as a relative reference, because code scanning refuses a result without
 * a file.
 */
#include "checks/show.h"
#include "cluster/reduce.h"

static const char lost_rule[] = "cluster-unreachable";

static bool is_reported(const struct check_result *r)
{
	return r->set && r->outcome != OUTCOME_PASS && r->outcome != OUTCOME_SKIP;
}

/* --- SARIF ----------------------------------------------------------------------------------------------------- */

static void put_rule(struct buf *out, const char *id, const char *text)
{
	buf_addf(out, "{\"id\":\"%s\",\"shortDescription\":{\"text\":", id);
	json_quote(slice_str(text), out);
	buf_adds(out, "}}");
}

void sarif_start(struct show *s)
{
	struct buf *out = s->out;

	buf_addf(out,
		 "{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
		 "sarif-schema-2.1.0.json\",\n \"version\":\"2.1.0\",\n "
		 "\"runs\":[{\"tool\":{\"driver\":{\"name\":\"pxb-fed\","
		 "\"version\":\"%s\",\"rules\":[\n  ",
		 PXB_VERSION);
	put_rule(out, lost_rule, "the cluster can be asked");
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		if (check_infos[i].command != s->command)
			continue;
		buf_adds(out, ",\n  ");
		put_rule(out, check_infos[i].name, check_infos[i].title);
	}
	buf_adds(out, "]}},\n \"results\":[");
}

static void put_result(struct show *s, const char *cluster, const char *rule, const char *level, const char *text,
		       const char *object)
{
	struct buf *out = s->out;
	const char *name = *cluster ? cluster : "cluster";
	cleanup_buf struct buf full = BUF_TEXT;

	buf_addf(&full, "%s%s%s", name, object ? "/" : "", object ? object : "");
	out->failed |= full.failed;
	buf_addf(out, "%s\n  {\"ruleId\":\"%s\",\"level\":\"%s\",\"message\":{\"text\":", s->reported++ ? "," : "",
		 rule, level);
	json_quote(slice_str(text), out);
	buf_adds(out, "},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"clusters/");
	buf_add_segment(out, slice_str(name));
	buf_adds(out, "\"}},\"logicalLocations\":[{\"kind\":\"resource\",\"fullyQualifiedName\":");
	json_quote(buf_slice(&full), out);
	buf_adds(out, "}]}],\"partialFingerprints\":{\"clusterAndCheck/v1\":");
	buf_clear(&full);
	buf_addf(&full, "%s/%s", name, rule);
	json_quote(buf_slice(&full), out);
	buf_adds(out, "}}");
	out->failed |= full.failed;
}

void sarif_cluster(struct show *s, const struct facts *f)
{
	static const char *const levels[OUTCOMES] = {
		[OUTCOME_FAIL] = "error", [OUTCOME_WARN] = "warning", [OUTCOME_UNKNOWN] = "warning"};
	const struct fact *v = &f->v[Q_VERSION];
	cleanup_buf struct buf text = BUF_TEXT;

	if (facts_are_lost(f)) {
		buf_addf(&text, "%s: %s", answer_meaning(v->kind), v->text ? v->text : "");
		s->out->failed |= text.failed;
		put_result(s, f->cluster, lost_rule, "error", buf_str(&text), NULL);
		return;
	}
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		const struct check_result *r = &f->results[i];

		if (!is_reported(r))
			continue;
		buf_clear(&text);
		buf_addf(&text, "%s%s", r->outcome == OUTCOME_UNKNOWN ? "unknown: " : "", r->text);
		s->out->failed |= text.failed;
		put_result(s, f->cluster, check_infos[i].name, levels[r->outcome], buf_str(&text), r->object);
	}
}

void sarif_end(struct show *s)
{
	buf_adds(s->out, "],\n \"columnKind\":\"unicodeCodePoints\"}]}\n");
}

/* --- GitHub ---------------------------------------------------------------------------------------------------- */

static void put_part(struct buf *out, const char *text, bool property)
{
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;

		/* A name of a kubeconfig may hold what turns the text around it. */
		if (c == '%' || c < ' ' || (property && (c == ':' || c == ',')))
			buf_addf(out, "%%%02X", c);
		else
			buf_addc(out, c == 0x7f || (property && c > 0x7f) ? '?' : (char)c);
	}
}

static void put_command(struct show *s, const char *kind, const char *cluster, const char *rule, const char *text,
			const char *fix)
{
	struct buf *out = s->out;

	buf_addf(out, "::%s title=", kind);
	put_part(out, *cluster ? cluster : "cluster", true);
	buf_adds(out, " ");
	put_part(out, rule, true);
	buf_adds(out, "::");
	put_part(out, text, false);
	if (fix) {
		buf_adds(out, "%0Afix: ");
		put_part(out, fix, false);
	}
	buf_addc(out, '\n');
}

void github_cluster(struct show *s, const struct facts *f)
{
	static const char *const kinds[OUTCOMES] = {
		[OUTCOME_FAIL] = "error", [OUTCOME_WARN] = "warning", [OUTCOME_UNKNOWN] = "warning"};
	const struct fact *v = &f->v[Q_VERSION];
	cleanup_buf struct buf text = BUF_TEXT;

	if (facts_are_lost(f)) {
		buf_addf(&text, "could not be asked: %s: %s", answer_meaning(v->kind), v->text ? v->text : "");
		s->out->failed |= text.failed;
		put_command(s, "error", f->cluster, lost_rule, buf_str(&text), NULL);
		return;
	}
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (is_reported(&f->results[i]))
			put_command(s, kinds[f->results[i].outcome], f->cluster, check_infos[i].name,
				    f->results[i].text, f->results[i].fix);
}
