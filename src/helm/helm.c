#include "helm/helm.h"

#include "helm/binary.h"

char *helm_program(void)
{
	char *bin = getenv("HELM_BIN");

	return bin && *bin ? bin : HELM_ARG("helm");
}

int helm_ask(char *const argv[], struct buf *out, struct err *err)
{
	struct child_result r;

	if (child_run(&(struct child){.argv = argv, .out = out, .seconds = HELM_SECONDS}, &r, err) < 0)
		return err->status;
	if (r.exit_code)
		return err_set(err, STATUS_HELPER, "'%s %s' failed with exit code %d", argv[0], argv[1], r.exit_code);
	return 0;
}

/* "v4.3.1+g12ab34c" -> "4.3.1" */
int helm_version(char version[HELM_VERSION_ROOM], struct err *err)
{
	char *const argv[] = {helm_program(), HELM_ARG("version"), HELM_ARG("--short"), NULL};
	cleanup_buf struct buf out = BUF_INIT((size_t)1 << 20);
	struct slice text;

	if (helm_ask(argv, &out, err) < 0)
		return err->status;
	text = slice_trim(buf_slice(&out));
	if (text.n < 2 || text.p[0] != 'v' || text.p[1] < '3' || text.p[1] > '9')
		return err_set(err, STATUS_HELPER, "'%s version --short' did not print a version from 3 on", argv[0]);
	snprintf(version, HELM_VERSION_ROOM, SLICE_FMT, SLICE_ARG(slice_from(slice_to(text, slice_chr(text, '+')), 1)));
	return 0;
}

int helm_major(int *major, struct err *err)
{
	char version[HELM_VERSION_ROOM] = "";

	*major = helm_binary_major(helm_program());
	if (*major)
		return 0;
	if (helm_version(version, err) < 0)
		return err->status;
	*major = version[0] - '0';
	return 0;
}
