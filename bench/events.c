/*
 * events.c: what reading costs without any gate. libyaml's parser goes over a whole stream, event by event, and nothing
 * is kept. Prints the seconds of user and system time of one pass.
 *
 *   events FILE PASSES
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <yaml.h>

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static unsigned char *slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	unsigned char *bytes = NULL;
	long size;

	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
		*n = (size_t)size;
		bytes = malloc(*n + 1);
		if (bytes && fread(bytes, 1, *n, f) != *n) {
			free(bytes);
			bytes = NULL;
		}
	}
	fclose(f);
	return bytes;
}

/* The number of events, or -1 if the stream is no YAML. */
static long pass(const unsigned char *bytes, size_t n)
{
	yaml_parser_t parser;
	yaml_event_t event;
	yaml_event_type_t type = YAML_NO_EVENT;
	long events = 0;

	if (!yaml_parser_initialize(&parser))
		return -1;
	yaml_parser_set_input_string(&parser, bytes, n);
	while (type != YAML_STREAM_END_EVENT) {
		if (!yaml_parser_parse(&parser, &event)) {
			fprintf(stderr, "events: line %zu: %s\n", parser.problem_mark.line + 1, parser.problem);
			yaml_parser_delete(&parser);
			return -1;
		}
		type = event.type;
		yaml_event_delete(&event);
		events++;
	}
	yaml_parser_delete(&parser);
	return events;
}

int main(int argc, char **argv)
{
	int passes = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;
	unsigned char *bytes;
	size_t n = 0;
	double start;

	if (passes < 1) {
		fputs("Usage: events FILE PASSES\n", stderr);
		return 2;
	}
	bytes = slurp(argv[1], &n);
	if (!bytes) {
		perror(argv[1]);
		return 4;
	}
	start = cpu_seconds();
	for (int i = 0; i < passes; i++)
		if (pass(bytes, n) < 0) {
			free(bytes);
			return 3;
		}
	printf("%.9f\n", (cpu_seconds() - start) / passes);
	free(bytes);
	return 0;
}
