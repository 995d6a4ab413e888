/*
 * gate.c: the gate as a filter. Manifests on standard input, an optional policy file as the argument; what may pass goes
 * to standard output, the report (JSON) to standard error.
 *
 *     cc -o gate gate.c $(pkg-config --cflags --libs pxbfed)
 */
#include <pxbfed.h>

#include <stdio.h>
#include <stdlib.h>

static char *read_all(FILE *f, size_t *n)
{
	size_t room = 1 << 16;
	char *text = (char *)malloc(room);

	*n = 0;
	while (text) {
		*n += fread(text + *n, 1, room - *n, f);
		if (*n < room)
			break;
		room *= 2;
		text = (char *)realloc(text, room);
	}
	return text;
}

int main(int argc, char **argv)
{
	struct pxbfed_options options = {0};
	struct pxbfed_result *result = NULL;
	size_t size = 0, out_size = 0;
	char *manifests = read_all(stdin, &size), *policy = NULL;
	const char *out;
	int verdict;

	if (argc > 1) {
		FILE *f = fopen(argv[1], "r");

		if (!f) {
			perror(argv[1]);
			return 2;
		}
		policy = read_all(f, &options.policy_size);
		options.policy = policy;
		options.policy_name = argv[1];
		fclose(f);
	}
	verdict = pxbfed_gate(manifests, size, &options, &result);
	if (verdict < 0) {
		fprintf(stderr, "%s\n", pxbfed_result_error(result));
	} else {
		fprintf(stderr, "%s\n", pxbfed_result_report(result));
		out = pxbfed_result_output(result, &out_size);
		if (out)
			fwrite(out, 1, out_size, stdout);
	}
	pxbfed_result_free(result);
	free(policy);
	free(manifests);
	return verdict < 0 ? -verdict : verdict <= PXBFED_PATCHED ? 0 : verdict == PXBFED_REFUSED ? 1 : 3;
}
