#include "helm/chart_digest.h"

#include "helm/helm.h"

#include <sys/stat.h>

int chart_digest(const char *path, char out[CHART_DIGEST_ROOM], struct err *err)
{
	cleanup_buf struct buf text = BUF_TEXT;
	char *const argv[] = {HELM_ARG("sha256sum"), HELM_ARG("--"), HELM_ARG(path), NULL};
	struct child c = {.argv = argv, .out = &text, .seconds = HELM_SECONDS};
	struct child_result result;
	struct stat st;
	size_t from;

	out[0] = '\0';
	if (stat(path, &st) != 0)
		return err_errno(err, STATUS_USAGE, "cannot read the chart '%.200s'", path);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (child_run(&c, &result, err) < 0)
		return err->status;
	/* A name with odd bytes makes it begin the line with a backslash. */
	from = buf_str(&text)[0] == '\\';
	if (result.exit_code != 0 || text.n < from + CHART_DIGEST_ROOM - 1)
		return err_set(err, STATUS_HELPER, "sha256sum failed on '%.200s'", path);
	memcpy(out, buf_str(&text) + from, CHART_DIGEST_ROOM - 1);
	out[CHART_DIGEST_ROOM - 1] = '\0';
	return 0;
}
