/*
 * second_reader.h: the process in which libfyaml reads. Internal to src/yaml: second_opinion.c asks it, and only
 * digests and event lists cross the socket.
 */
#ifndef PXB_YAML_SECOND_READER_H
#define PXB_YAML_SECOND_READER_H

#include "base/setup.h"

/* What goes in, followed by n bytes of text. */
struct question {
	uint32_t n;
	uint32_t events; /* tell them, behind the answer */
};

/* What comes back, followed by the event list if it was asked for. */
struct answer {
	uint64_t digest[2];
	uint32_t agreed_to_read; /* 0: libfyaml refused the document; this is the child's last answer */
	uint32_t unused;
};

/* Answers questions on fd until it is closed, with limits on memory and on time. Never returns. */
_Noreturn void second_reader_main(int fd, const unsigned char *secret);

/* All of it, or false: the other side is gone. */
bool read_exactly(int fd, void *p, size_t n);
bool send_exactly(int fd, const void *p, size_t n);

#endif
