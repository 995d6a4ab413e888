/*
 * scan.c: the credential scan alone over a stream that is read already.
 *
 *   scan FILE     prints: bytes of decoded scalars, CPU milliseconds of the first scan and the median of the others,
 * MB/s
 */
#include <time.h>

#include "base/file.h"
#include "credentials/scan.h"

enum { RUNS = 41 };

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static size_t scalar_bytes(const struct node *n)
{
	size_t sum = n->kind == NODE_SCALAR ? n->text_n : 0;

	for (const struct node *c = n->kind == NODE_MAPPING || n->kind == NODE_SEQUENCE ? n->child : NULL; c;
	     c = c->next)
		sum += scalar_bytes(c);
	return sum;
}

static int by_value(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

int main(int argc, char **argv)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_buf struct buf in = BUF_INIT(limits.bytes);
	cleanup_release struct release r;
	cleanup_stream struct stream s;
	struct err err = ERR_INIT;
	double took[RUNS], first;
	size_t scalars = 0;

	stream_init(&s, &limits);
	release_init(&r);
	if (argc != 2 || file_read(argv[1], &in, STATUS_INPUT, &err) < 0 ||
	    stream_add(&s, argv[1], buf_slice(&in), &err) < 0 || release_build(&r, &s, &err) < 0) {
		fprintf(stderr, "scan: %s\n", argc != 2 ? "needs one file" : err.text);
		return 1;
	}
	for (size_t i = 0; i < r.objects.n; i++)
		if (!r.objects.v[i]->owner)
			scalars += scalar_bytes(r.objects.v[i]->root);
	for (size_t k = 0; k < RUNS; k++) {
		struct arena arena = ARENA_INIT((size_t)1 << 28);
		struct credential_scan scan = {.arena = &arena};
		double started = cpu_ms();

		credential_scan_release(&scan, &r);
		took[k] = cpu_ms() - started;
		arena_release(&arena);
	}
	first = took[0]; /* with the automaton to build */
	qsort(took + 1, RUNS - 1, sizeof(took[0]), by_value);
	printf("%zu %.3f %.3f %.0f\n", scalars, first, took[RUNS / 2], (double)scalars / took[RUNS / 2] / 1e3);
	return 0;
}
