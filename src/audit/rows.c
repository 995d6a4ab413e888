/*
 * rows.c: the rows that the tables lack, as their files have them. What only a person can know is left for that person:
 * a type, a group, the entry that stands before.
 */
#include "audit/chart.h"
#include "chart/place.h"

/* The row that is there; NULL: there is none. */
static const struct chart_place *row_of(const struct fact *x)
{
	const struct chart_place *p;

	for (size_t i = 0; (p = chart_place(i)); i++)
		if (strcmp(audit_value_name(p->value), x->v[0]) == 0 && strcmp(p->env, x->v[1]) == 0 &&
		    strcmp(p->kind, x->v[2]) == 0 && strcmp(p->name, x->v[3]) == 0 &&
		    strcmp(p->container, x->v[4]) == 0 && (p->way == PLACE_ENV) == (strcmp(x->v[5], "ENV") == 0))
			return p;
	return NULL;
}

static void put_word(const char *text, struct buf *out)
{
	if (text && *text)
		buf_addf(out, ", \"%s\"", text);
	else
		buf_adds(out, ", NULL");
}

static void put_place(const struct fact *x, struct buf *out)
{
	const struct chart_place *there = row_of(x);

	buf_addf(out, "PLACE(%s, \"%s\", \"%s\", \"%s\", \"%s\", %s", x->v[0], x->v[1], x->v[2], x->v[3], x->v[4],
		 x->v[5]);
	put_word(there ? there->event : x->event, out);
	put_word(there ? there->after : NULL, out);
	buf_addc(out, ')');
}

static void put_value(const struct audit_finding *f, struct buf *out)
{
	for (unsigned v = 0; v < VALUE_COUNT; v++)
		if (strcmp(f->fact->v[0], audit_value_name((enum chart_value)v)) == 0)
			buf_addf(out, "CHART_VALUE(%s, \"%s\", \"%s\", %s)", f->fact->v[0], chart_value_infos[v].key,
				 chart_value_infos[v].def, f->gone ? "false" : "true");
}

/* SHAPE of the key in the set where the fact is from. */
static void put_key(const struct audit *a, const struct fact *x, struct buf *out)
{
	for (size_t i = 0; i < a->charts.n; i++)
		for (size_t k = 0; k < a->charts.v[i]->v.n; k++) {
			const struct fact *shape = &a->charts.v[i]->v.v[k];

			if (shape->kind != FACT_SHAPE || strcmp(shape->v[0], x->v[0]) != 0)
				continue;
			buf_addf(out, "CHART_KEY(\"%s\", %s)", x->v[0], shape->v[1]);
			return;
		}
}

/* The nearest type that the default fits. */
static const char *type_for(const struct fact *x)
{
	static const struct {
		const char *looks, *type;
	} types[] = {{"a boolean", "SWITCH"}, {"a number", "NUMBER"}, {"a list", "LIST"}, {"a mapping", "MAP"}};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(x->more, types[i].looks) == 0)
			return types[i].type;
	return "TEXT";
}

/* "3.1.0-fc1" without what follows the release. */
static int release_length(const char *version)
{
	return (int)strcspn(version, "-+");
}

static void put_component(const struct audit *a, const struct fact *x, struct buf *out)
{
	buf_adds(out, "COMPONENT(");
	for (const char *p = x->v[1]; *p; p++)
		buf_addc(out, *p == '-' ? '_' : (char)(*p >= 'a' && *p <= 'z' ? *p - ('a' - 'A') : *p));
	buf_addf(out, ", \"%s\", \"%s\", \"console\", \"\", 0, \"%.*s\", \"%.*s\")", x->v[0], x->v[1],
		 release_length(a->version), a->version, release_length(a->version), a->version);
}

/* Verbs of one resource in one row: the facts of one role are neighbours. */
static size_t put_right(const struct audit *a, size_t i, struct buf *out)
{
	const struct fact *x = a->findings.v[i].fact;
	size_t n = 0;

	buf_addf(out, "KNOWN_RIGHT(\"%s\", \"%s\", \"%s\", \"%s\", \"", x->v[0], x->v[1], x->v[2], x->v[3]);
	for (size_t k = 0; k < a->findings.n; k++) {
		const struct fact *y = a->findings.v[k].fact;
		bool same = y->kind == FACT_RBAC && a->findings.v[k].gone == a->findings.v[i].gone;

		for (size_t t = 0; t < 4 && same; t++)
			same = strcmp(x->v[t], y->v[t]) == 0;
		if (!same)
			continue;
		if (k < i)
			return SIZE_MAX;
		buf_addf(out, "%s%s", n++ ? " " : "", y->v[4]);
	}
	buf_adds(out, "\")");
	return n;
}

static void put_row(const struct audit *a, size_t i, struct buf *out)
{
	const struct audit_finding *f = &a->findings.v[i];
	const struct fact *x = f->fact;

	switch (x->kind) {
	case FACT_PLACE:
		put_place(x, out);
		break;
	case FACT_IN_HOOKS:
		put_value(f, out);
		break;
	case FACT_WORKLOAD:
		put_component(a, x, out);
		break;
	case FACT_CLAIM:
		buf_addf(out, "KNOWN_CLAIM(%s, \"%s\", \"%s\", \"%s\")", x->v[3], x->v[0], x->v[1], x->v[2]);
		break;
	case FACT_FIELD:
		buf_addf(out, "KNOWN_FIELD(%s, \"%s\", \"%s\", \"%s\")", x->v[0], x->v[1], x->v[2], x->v[3]);
		break;
	case FACT_SECRET:
		buf_addf(out, "KNOWN_SECRET(\"%s\")", x->v[0]);
		break;
	case FACT_SWITCH:
		buf_addf(out, "KNOWN_SWITCH(\"%s\")", x->v[0]);
		break;
	case FACT_HOOK:
		buf_addf(out, "KNOWN_HOOK(\"%s\", \"%s\", \"%s\")", x->v[0], x->v[1], x->v[2]);
		break;
	case FACT_RBAC:
		if (put_right(a, i, out) == SIZE_MAX)
			buf_clear(out);
		break;
	case FACT_BINDING:
		buf_addf(out, "KNOWN_BINDING(\"%s\", \"%s\", \"%s\", \"%s\", \"%s\")", x->v[0], x->v[1], x->v[2],
			 x->v[3], x->v[4]);
		break;
	case FACT_KEY:
	case FACT_SHAPE:
		put_key(a, x, out);
		break;
	case FACT_TYPE:
		buf_addf(out, "VALUE_TYPE(\"%s\", %s)", x->v[0], type_for(x));
		break;
	default:
		break;
	}
}

/* What is gone is named to be removed; a row of another version of the chart stays, so keys are not. */
static bool has_row(const struct audit *a, const struct audit_finding *f)
{
	bool in_table = fact_find(&a->tables, f->fact);

	if (f->severity < SEVERITY_WARNING)
		return false; /* nothing to be quiet about */
	if (f->gone)
		return in_table && f->fact->kind != FACT_KEY && f->fact->kind != FACT_DATABASE &&
		       f->fact->kind != FACT_EFFECT;
	return !in_table;
}

static void put_table(const struct audit *a, const char *table, struct buf *out)
{
	cleanup_buf struct buf row = BUF_TEXT;
	bool any = false;

	for (size_t i = 0; i < a->findings.n; i++) {
		const struct audit_finding *f = &a->findings.v[i];
		bool replaces = f->fact->kind == FACT_IN_HOOKS || f->fact->kind == FACT_SHAPE;

		if (strcmp(fact_infos[f->fact->kind].table, table) != 0 || !has_row(a, f))
			continue;
		buf_reuse(&row);
		put_row(a, i, &row);
		out->failed |= row.failed;
		if (!row.n)
			continue;
		if (!any)
			buf_addf(out, "%s/* src/%s/%s */\n", out->n ? "\n" : "",
				 strcmp(table, "known.def") == 0 ? "audit" : "chart", table);
		any = true;
		if (replaces)
			buf_addf(out, "/* in the place of the row that is there: */ %s\n", buf_str(&row));
		else if (f->gone)
			buf_addf(out, "/* remove: %s */\n", buf_str(&row));
		else
			buf_addf(out, "%s\n", buf_str(&row));
	}
}

void audit_rows(const struct audit *a, struct buf *out)
{
	for (unsigned i = 0; i < FACT_COUNT; i++) {
		unsigned first = 0;

		while (strcmp(fact_infos[first].table, fact_infos[i].table) != 0)
			first++;
		if (first == i && *fact_infos[i].table)
			put_table(a, fact_infos[i].table, out);
	}
}
