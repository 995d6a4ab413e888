/*
 * automaton.c: prints the automaton of src/credentials/literals.c as C. make runs it; equal tables give equal text.
 */
#include "credentials/literals.h"

enum { PER_LINE = 24 };

static void print_numbers(const char *name, const void *v, size_t n, size_t size)
{
	const uint8_t *bytes = v;
	const uint16_t *words = v;

	printf("\t.%s = {", name);
	for (size_t i = 0; i < n; i++)
		printf("%s%u,", i % PER_LINE ? " " : "\n\t\t", size == 1 ? bytes[i] : words[i]);
	printf("\n\t},\n");
}

int main(void)
{
	static struct automaton a;
	const char *all[AUTOMATON_LITERALS];

	automaton_build(&a, all, literals_all(all));
	if (a.failed) {
		fputs("automaton: the tables of src/credentials/automaton.h are too small\n", stderr);
		return 1;
	}
	puts("#include \"credentials/literals.h\"\n\nconst struct automaton literals_automaton = {");
	print_numbers("next", a.next, (size_t)a.states << 6, sizeof(a.next[0]));
	print_numbers("literal", a.literal, a.states, sizeof(a.literal[0]));
	print_numbers("same", a.same, a.literals, sizeof(a.same[0]));
	print_numbers("shorter", a.shorter, a.states, sizeof(a.shorter[0]));
	print_numbers("class_of", a.class_of, ARRAY_SIZE(a.class_of), sizeof(a.class_of[0]));
	printf("\t.states = %u,\n\t.literals = %u,\n};\n", a.states, a.literals);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
