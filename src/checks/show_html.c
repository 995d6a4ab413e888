/*
 * show_html.c: a fleet as one page without script: groups of clusters with equal results, the worst first and open, one
 * row a cluster. Groups that passed are folded, so that thousands of rows cost nothing until they are examined.
 */
#include "checks/show.h"
#include "report/markup.h"

static const char style[] =
	":root{color-scheme:light "
	"dark;--bad:#b3261e;--warn:#8a5a00;--odd:#6b3fa0;--good:#1b6e3c;--line:#8884;--soft:#8881}\n"
	"body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem}\n"
	"h1{font-size:1.3rem;margin:.2rem 0 1rem}\n"
	"@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--warn:#ffc46b;--odd:#c9a7ff;--good:#7bd88f}}\n"
	".tiles{display:flex;flex-wrap:wrap;gap:.5rem;margin-bottom:1rem}\n"
	".tiles>*{color:inherit;text-decoration:none;border:1px solid var(--line);border-radius:.5rem;padding:.4rem "
	".8rem;min-width:6rem}\n"
	".tiles b{display:block;font-size:1.4rem}\n"
	"details{border:1px solid var(--line);border-left:.35rem solid;border-radius:.4rem;margin:.5rem 0}\n"
	"summary{cursor:pointer;padding:.5rem .7rem;font-weight:600;overflow-wrap:anywhere}\n"
	"details>div{padding:0 .7rem .6rem}\n"
	"table{border-collapse:collapse;width:100%;table-layout:fixed}\n"
	"td{border-top:1px solid var(--line);padding:.3rem "
	".4rem;vertical-align:top;overflow-wrap:anywhere;color:CanvasText}\n"
	"td:first-child{width:32%;font-family:ui-monospace,monospace;font-size:.9em}\n"
	"tr{content-visibility:auto;contain-intrinsic-size:auto 2rem}\n"
	"p{margin:.15rem 0}code{background:var(--soft);padding:0 .2rem;overflow-wrap:anywhere;white-space:pre-wrap}\n"
	".fail{color:var(--bad)}.unreachable,.unknown{color:var(--odd)}.warn{color:var(--warn)}.pass{color:var(--good)}"
	"\n"
	"details .text{color:CanvasText}\n"
	"@media(max-width:40rem){td,td:first-child{display:block;width:auto}td+td{border:0;padding-top:0}}\n";

static void put(struct buf *out, const char *text)
{
	markup_put(slice_str(text), out);
}

static void tiles(struct show *s)
{
	static const char *const labels[CLASSES] = {"failed", "could not be asked", "unknown", "warned", "all passed"};
	size_t n[CLASSES] = {0}, crowded = 0;

	for (size_t i = 0; i < s->matrix.rows.n; i++)
		n[s->matrix.rows.v[i].class]++;
	buf_adds(s->out, "<div class=\"tiles\">");
	for (unsigned c = 0; c < CLASSES; c++) {
		const char *name = class_name((enum cluster_class)c);

		if (n[c])
			buf_addf(s->out, "<a class=\"%s\" href=\"#%s\"><b>%zu</b>%s</a>", name, name, n[c], labels[c]);
		else
			buf_addf(s->out, "<div class=\"%s\"><b>0</b>%s</div>", name, labels[c]);
	}
	for (size_t i = 0; i < s->identities.n; i++)
		crowded += is_crowded(&s->identities.v[i]);
	if (crowded)
		buf_addf(s->out, "<a class=\"warn\" href=\"#identities\"><b>%zu</b>%s shared too widely</a>", crowded,
			 crowded == 1 ? "identity" : "identities");
	buf_adds(s->out, "</div>\n");
}

static void put_result(struct buf *out, const struct check_result *r, bool lost)
{
	buf_adds(out, "<p>");
	if (!lost)
		buf_addf(out, "<b class=\"%s\">%s</b> ", outcome_name(r->outcome), check_infos[r->check].name);
	put(out, r->text);
	if (r->found && r->needed) {
		buf_adds(out, " (required: ");
		put(out, r->needed);
		buf_addc(out, ')');
	}
	buf_adds(out, "</p>");
	if (!lost && r->fix) {
		buf_adds(out, "<p>fix: <code>");
		markup_lines_put(slice_str(r->fix), out);
		buf_adds(out, "</code></p>");
	}
}

static void put_row(struct buf *out, const struct matrix_row *row)
{
	buf_adds(out, "<tr><td>");
	put(out, *row->name ? row->name : "(this one)");
	buf_adds(out, "</td><td>");
	for (size_t i = 0; i < row->results_n; i++)
		put_result(out, &row->results[i], row->class == CLASS_LOST);
	if (!row->results_n)
		buf_adds(out, "passed");
	buf_adds(out, "</td></tr>\n");
}

/* What would fill many screens is closed at first. */
static void put_group(struct show *s, const struct matrix_group *g, bool first)
{
	enum { OPEN_MAX = 50 };
	bool open = g->n <= OPEN_MAX && g->rows->class != CLASS_PASS;
	cleanup_buf struct buf title = BUF_TEXT;

	matrix_group_title(g, &title);
	s->out->failed |= title.failed;
	buf_addf(s->out, "<details class=\"%s\"%s%s%s%s><summary>%zu cluster%s%s ", class_name(g->rows->class),
		 first ? " id=\"" : "", first ? class_name(g->rows->class) : "", first ? "\"" : "", open ? " open" : "",
		 g->n, g->n == 1 ? "" : "s", g->rows->class == CLASS_LOST ? "" : ":");
	put(s->out, buf_str(&title));
	buf_adds(s->out, "</summary><div><table>\n");
	for (size_t i = 0; i < g->n; i++)
		put_row(s->out, &g->rows[i]);
	buf_adds(s->out, "</table></div></details>\n");
}

static void put_identities(struct show *s)
{
	size_t first = 0;

	for (size_t i = 0; i < s->identities.n; i++)
		if (is_crowded(&s->identities.v[i]))
			buf_addf(s->out,
				 "<p class=\"warn\"%s>identity <code>" SLICE_FMT
				 "</code> is used by %zu clusters: a managed identity has at most 20 federated "
				 "credentials, and each cluster needs 2</p>\n",
				 first++ ? "" : " id=\"identities\"", SLICE_ARG(s->identities.v[i].client),
				 s->identities.v[i].clusters);
}

static void put_changes(struct show *s)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)256 << 20);
	struct buf *out = s->out;

	if (!s->past)
		return;
	s->out = &text;
	changes_text(s);
	s->out = out;
	buf_adds(out, "<details class=\"text\" open><summary>what changed</summary><div><code>");
	markup_lines_put(slice_trim(buf_slice(&text)), out);
	buf_adds(out, "</code></div></details>\n");
	out->failed |= text.failed;
}

void html_fleet(struct show *s)
{
	struct matrix_group g;
	struct buf *out = s->out;

	buf_addf(out,
		 "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta "
		 "http-equiv=\"Content-Security-Policy\" "
		 "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" "
		 "content=\"width=device-width, initial-scale=1\">\n<title>%zu clusters: pxb-fed "
		 "%s</title>\n<style>\n%s</style>"
		 "</head><body>\n<h1>pxb-fed %s: %zu cluster%s</h1>\n",
		 s->matrix.rows.n, check_command_name(s->command), style, check_command_name(s->command),
		 s->matrix.rows.n, s->matrix.rows.n == 1 ? "" : "s");
	tiles(s);
	put_identities(s);
	put_changes(s);
	matrix_sort(&s->matrix);
	for (size_t at = 0; at < s->matrix.rows.n; at += g.n) {
		g = matrix_group_at(&s->matrix, at);
		put_group(s, &g, !at || s->matrix.rows.v[at - 1].class != g.rows->class);
	}
	buf_addf(
		out,
		"<p>required by px-central %s: Portworx %s, Operator %s, Stork %s, Kubernetes %s</p>\n</body></html>\n",
		s->demands->px_central, s->demands->px, s->demands->operator_, s->demands->stork,
		s->demands->kubernetes);
}
