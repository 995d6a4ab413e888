/*
 * standalone.c: main() for a harness built without libFuzzer: every argument is a file or a folder of files to replay.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "base/file.h"
#include "fuzz.h"

static size_t replay(const char *path)
{
	cleanup_buf struct buf text = BUF_INIT((size_t)64 << 20);
	struct err err = ERR_INIT;

	if (file_read(path, &text, STATUS_INPUT, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(2);
	}
	/* A copy of the exact size, so that a read past the end is seen. */
	uint8_t *exact = malloc(text.n + (text.n == 0));

	if (!exact)
		exit(2);
	memcpy(exact, buf_str(&text), text.n);
	LLVMFuzzerTestOneInput(exact, text.n);
	free(exact);
	return 1;
}

static size_t replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
		char file[4096];

		if (e->d_name[0] != '.' && snprintf(file, sizeof(file), "%s/%s", path, e->d_name) < (int)sizeof(file))
			n += replay(file);
	}
	if (dir)
		closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	size_t n = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		n += stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode) ? replay_folder(argv[i]) : replay(argv[i]);
	}
	printf("%zu inputs replayed\n", n);
	return 0;
}
