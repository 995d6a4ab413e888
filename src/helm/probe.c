#include "helm/probe.h"

#include "base/file.h"
#include "helm/ustar.h"
#include "yaml/stream.h"

#include <sys/mman.h>
#include <zlib.h>

static const struct {
	const char *name, *text;
} files[] = {
	{"pxb-fed-probe/Chart.yaml", "apiVersion: v2\nname: pxb-fed-probe\nversion: 0.0.0\n"},
	{"pxb-fed-probe/templates/NOTES.txt", "{{ .Capabilities.KubeVersion.Version }}\n"
					      "{{ range .Capabilities.APIVersions }}{{ . }}\n{{ end }}"},
};

/* --- the archive ----------------------------------------------------------------------------------------------- */

enum { ZLIB_AS_GZIP = 16 };

/* A header of POSIX's ustar: the sum counts its own field as blanks. */
static void put_header(struct buf *tar, const char *name, size_t n)
{
	char h[USTAR_BLOCK] = {0};
	unsigned sum = 0;

	snprintf(h, USTAR_MODE, "%s", name);
	memcpy(h + USTAR_MODE, "0000644", sizeof("0000644"));
	snprintf(h + USTAR_SIZE, USTAR_TIME - USTAR_SIZE, "%011zo", n % ((size_t)1 << 33)); /* eleven octal digits */
	snprintf(h + USTAR_TIME, USTAR_SUM - USTAR_TIME, "%011o", 0u);
	memset(h + USTAR_SUM, ' ', USTAR_TYPE - USTAR_SUM);
	h[USTAR_TYPE] = '0';
	memcpy(h + USTAR_MAGIC, "ustar\00000", sizeof("ustar\00000") - 1);
	for (size_t i = 0; i < USTAR_BLOCK; i++)
		sum += (unsigned char)h[i];
	snprintf(h + USTAR_SUM, USTAR_TYPE - USTAR_SUM - 1, "%06o", sum);
	buf_add(tar, slice_of(h, USTAR_BLOCK));
}

static void put_file(struct buf *tar, const char *name, const char *text)
{
	size_t n = strlen(text);

	put_header(tar, name, n);
	buf_adds(tar, text);
	buf_fill(tar, '\0', (USTAR_BLOCK - n % USTAR_BLOCK) % USTAR_BLOCK);
}

static bool compress_all(struct buf *in, struct buf *out)
{
	z_stream z = {.next_in = (Bytef *)in->p, .avail_in = (uInt)in->n};
	bool done = false;
	char *at;

	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + ZLIB_AS_GZIP, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return false;
	at = buf_reserve(out, deflateBound(&z, in->n));
	if (at) {
		z.next_out = (Bytef *)at;
		z.avail_out = (uInt)deflateBound(&z, in->n);
		done = deflate(&z, Z_FINISH) == Z_STREAM_END;
		out->n += z.total_out;
	}
	deflateEnd(&z);
	return done;
}

int probe_chart(struct err *err)
{
	cleanup_buf struct buf tar = BUF_TEXT, gz = BUF_TEXT;
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put_file(&tar, files[i].name, files[i].text);
	buf_fill(&tar, '\0', (size_t)2 * USTAR_BLOCK);
	if (tar.failed || !compress_all(&tar, &gz))
		return err_nomem(err), -1;
	fd = memfd_create("probe", MFD_CLOEXEC);
	if (fd < 0)
		return err_errno(err, STATUS_FAILED, "cannot make a file in memory"), -1;
	if (file_write_all(fd, buf_slice(&gz), "a file in memory", err) < 0)
		fd_close(&fd);
	return fd;
}

/* --- its answer ------------------------------------------------------------------------------------------------ */

int probe_notes(struct slice json, struct buf *notes, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;
	const struct node *root;

	stream_init(&s, &limits);
	if (stream_add(&s, "helm", json, err) < 0)
		return err->status;
	root = s.documents.n == 1 && !s.problems.n ? s.documents.v[0].root : NULL;
	buf_add(notes, node_string(node_real(node_at(root, "info/notes"))));
	if (notes->failed)
		return err_nomem(err);
	return notes->n ? 0 : err_set(err, STATUS_HELPER, "Helm did not report the kinds of the cluster");
}
