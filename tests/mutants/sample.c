/* What mutate.py finds here is sample.expected; test.py runs all of it. */
#include <stdbool.h>
#include <stdio.h>

enum verdict { VERDICT_COMPLIANT, VERDICT_PATCHED, VERDICT_REFUSED, VERDICT_UNREADABLE };

#define IS_SMALL(n) ((n) < 3)

static const struct {
	bool big;
} table[] = {{5 > 4}, {sizeof(int) == 1}};

static int count(const int *v, int n)
{
	static const bool wide = sizeof(long) > 4;
	int found = 0;

	_Static_assert(sizeof(int) >= 2, "if (a < b)");
	for (int i = 0; i < n; i++)
		if (v[i] & 1 && (v[i] > 2 || v[i] == 1)) /* if (odd == true) */
			found++;
	if (!wide)
		return 0;
	return found;
}

static bool is_even(int n)
{
	if (n % 2 == 0)
		return true;
	return false;
}

static enum verdict judge(const int *v, int n)
{
	const int *last = &v[n - 1];

	switch (count(v, n)) {
	case 2 > 1 ? 1:
		2 : return VERDICT_PATCHED;
	case VERDICT_REFUSED:
		return *last >= 5 ? VERDICT_REFUSED : VERDICT_COMPLIANT;
	default:
		return VERDICT_UNREADABLE;
	}
}

int main(void)
{
	const int v[] = {1, 2, 5, 7};
	bool text = "if (a == b)"[0] != 'i';

	printf("%d %d %d %d %d %d\n", count(v, 3), is_even(4), is_even(5), judge(v, 3), judge(v, 1), text);
	return IS_SMALL(1) && table[0].big ? 0 : 1;
}
