/*
 * excerpt.c: the source line of a finding, cut around the place it is about.
 */
#include "report/chars.h"
#include "report/view.h"

enum { TAB_STOP = 8, CONTEXT = 20 }; /* columns; CONTEXT stays visible before the place when the line is cut */

/* One pass over the line as it will look. Columns are 0-based and end is exclusive. */
struct scan {
	struct slice line;
	size_t place, place_end;  /* characters of the line that are underlined */
	size_t from, to;	  /* columns that are wanted */
	struct buf *out;	  /* NULL: only measured */
	size_t start, end, width; /* measured: columns of the place, and of the whole line */
};

static void put_in_window(struct scan *s, uint32_t c, size_t column, size_t wide)
{
	size_t first = column > s->from ? column : s->from, end = column + wide < s->to ? column + wide : s->to;

	if (!s->out || first >= end)
		return;
	if (c == '\t' || end - first < wide) /* of an escape at the edge only its room is kept */
		buf_fill(s->out, ' ', end - first);
	else
		char_put(c, s->out);
}

static void scan_line(struct scan *s)
{
	size_t column = 0, at = 0, last = 0;

	s->start = SIZE_MAX;
	s->end = 0;
	for (size_t i = 0; i < s->line.n; at++) {
		uint32_t c;
		size_t wide;

		i += utf8_next(slice_from(s->line, i), &c, NULL);
		wide = c == '\t' ? TAB_STOP - column % TAB_STOP : char_put(c, NULL);
		if (at == s->place)
			s->start = column;
		if (at >= s->place && at < s->place_end)
			s->end = column + wide;
		put_in_window(s, c, column, wide);
		column += wide;
		if (c != ' ' && c != '\t')
			last = column;
	}
	s->width = last;	  /* blanks at the end do not count */
	if (s->start == SIZE_MAX) /* the place is the end of the line, or behind it */
		s->start = last;
	if (s->end <= s->start)
		s->end = s->start + 1;
}

static void choose_window(struct scan *s)
{
	s->from = 0;
	s->to = s->width;
	if (s->width <= EXCERPT_WIDTH && s->start < EXCERPT_WIDTH)
		return;
	if (s->start + CONTEXT > EXCERPT_WIDTH) {
		s->from = s->start - CONTEXT;
		if (s->from + EXCERPT_WIDTH > s->width + 1)
			s->from = s->width + 1 > EXCERPT_WIDTH ? s->width + 1 - EXCERPT_WIDTH : 0;
	}
	s->to = s->from + EXCERPT_WIDTH;
}

void excerpt_make(struct view_excerpt *e, struct arena *a, struct slice line, size_t column, size_t length)
{
	struct buf text = BUF_INIT(16 * EXCERPT_WIDTH);
	struct scan s = {.line = line, .place = column ? column - 1 : 0};
	size_t ahead = 0;

	*e = (struct view_excerpt){NULL, 0, 0};
	s.place_end = s.place + (length < line.n ? length : line.n);
	scan_line(&s);
	if (s.width == 0)
		return;
	choose_window(&s);
	if (s.from > 0) { /* the mark takes the first column of the window */
		buf_adds(&text, "…");
		ahead = 1;
	}
	s.from += ahead;
	if (s.to < s.width)
		s.to--;
	s.out = &text;
	scan_line(&s);
	if (s.to < s.width)
		buf_adds(&text, "…");
	while (text.n && text.p[text.n - 1] == ' ')
		text.p[--text.n] = '\0';
	e->text = arena_str(a, buf_slice(&text));
	e->column = s.start - s.from + ahead + 1;
	e->length = (s.end < s.to ? s.end : s.to) - s.start;
	if (s.start >= s.to)
		e->length = 1;
	a->failed |= text.failed;
	buf_release(&text);
}
