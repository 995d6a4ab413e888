/*
 * runs.c: base64 in texts: whole scalars, and long runs inside others.
 */
#include "credentials/ladder.h"

#include "credentials/chars.h"

bool is_base64_text(struct slice text)
{
	size_t n = run_forward(text, 0, CLASS_ANY64, text.n), line = n, pads;

	if (n < 16 && n < text.n)
		return false;
	/* Folded: full lines of one length, apart by line ends (or by the blank that YAML folds them into). */
	while (n < text.n && char_in(text.p[n], CHAR_SPACE)) {
		size_t more;

		if (line < 16)
			return false;
		while (n < text.n && char_in(text.p[n], CHAR_SPACE))
			n++;
		more = run_forward(text, n, CLASS_ANY64, text.n);
		n += more;
		if (n < text.n && char_in(text.p[n], CHAR_SPACE) && more != line &&
		    run_forward(text, n, CHAR_SPACE, text.n) != text.n - n)
			return false;
	}
	for (pads = 0; n < text.n && (text.p[n] == '=' || char_in(text.p[n], CHAR_SPACE)); n++)
		pads += text.p[n] == '=';
	return n == text.n && pads <= 2;
}

bool next_run(struct slice text, size_t *from, struct slice *run)
{
	size_t least = *from;

	for (size_t i = *from + LADDER_RUN_MIN - 1; i < text.n; i += LADDER_RUN_MIN) {
		size_t back, forth, end;

		if (!char_in(text.p[i], CLASS_ANY64))
			continue;
		back = run_back(text, i, CLASS_ANY64, i - least);
		forth = run_forward(text, i, CLASS_ANY64, text.n);
		end = i + forth;
		if (back + forth < LADDER_RUN_MIN) {
			continue;
		}
		/* Lines of base64 one below the other are one run. */
		while (end + 1 < text.n && text.p[end] == '\n' && back + forth >= 60) {
			size_t indent = run_forward(text, end + 1, CHAR_SPACE, 40);
			size_t more = run_forward(text, end + 1 + indent, CLASS_ANY64, text.n);

			if (more < 4 || more > 80)
				break;
			end += 1 + indent + more;
		}
		while (end < text.n && text.p[end] == '=')
			end++;
		*run = slice_of(text.p + i - back, end - (i - back));
		*from = end;
		return true;
	}
	return false;
}
