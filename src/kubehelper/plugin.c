#include "kubehelper/plugin.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

enum { OUTPUT_MAX = 1 << 20, MESSAGES_MAX = 8192, GROUPS_MAX = 256, SHOWN_MAX = 200 };

static volatile pid_t groups[GROUPS_MAX];

static void end_all(int sig)
{
	for (size_t i = 0; i < GROUPS_MAX; i++)
		if (groups[i] > 0)
			kill(-groups[i], SIGKILL);
	signal(sig, SIG_DFL);
	raise(sig); /* blocked here, so it strikes when this handler returns */
}

void plugins_end_with_us(void)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction act = {.sa_handler = end_all};

	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaction(ending[i], &act, NULL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
}

static bool remember(pid_t pid)
{
	for (size_t i = 0; i < GROUPS_MAX; i++) {
		if (groups[i])
			continue;
		groups[i] = pid;
		return true;
	}
	return false;
}

static void forget(pid_t pid)
{
	for (size_t i = 0; i < GROUPS_MAX; i++)
		if (groups[i] == pid)
			groups[i] = 0;
}

/* --- starting -------------------------------------------------------------------------------------------------- */

static char *exec_info(const struct login *l)
{
	const char *cluster = l->plugin.cluster;
	char *text = NULL;
	int n = asprintf(&text,
			 "KUBERNETES_EXEC_INFO={\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\",\"spec\":{%s%s%s"
			 "\"interactive\":false}}",
			 l->plugin.api_version, cluster ? "\"cluster\":" : "", cluster ? cluster : "",
			 cluster ? "," : "");

	return n < 0 ? NULL : text;
}

/* argv and the environment of the plugin: its variables come last, so they win in putenv(). */
static void become(const struct login *l, int in, int out, int errors)
{
	const char **argv = calloc(l->plugin.args.n + 2, sizeof(*argv));
	char *info = exec_info(l);

	if (!argv || !info || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(errors, 2) < 0)
		_exit(126);
	argv[0] = l->plugin.command;
	for (size_t i = 0; i < l->plugin.args.n; i++)
		argv[i + 1] = l->plugin.args.v[i];
	for (size_t i = 0; i < l->plugin.env.n; i++)
		putenv((char *)(uintptr_t)l->plugin.env.v[i]);
	putenv(info);
	closefrom(3);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	dprintf(2, "%s", strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int plugin_start(struct plugin *p, const struct login *l, long long until, struct err *err)
{
	int out[2] = {-1, -1}, errors[2] = {-1, -1};
	cleanup_fd int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	*p = (struct plugin){.out = -1,
			     .errors = -1,
			     .output = BUF_INIT(OUTPUT_MAX),
			     .messages = BUF_INIT(MESSAGES_MAX),
			     .until = until};
	if (l->plugin.mode && strcmp(l->plugin.mode, "Always") == 0)
		return err_set(err, STATUS_HELPER,
			       "login plugin '%s' needs a terminal (interactiveMode: Always); log in "
			       "first, or use another user",
			       l->plugin.command);
	if (in < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(errors, O_CLOEXEC) < 0) {
		fd_close(&out[0]);
		fd_close(&out[1]);
		return err_errno(err, STATUS_HELPER, "cannot start login plugin '%s'", l->plugin.command);
	}
	p->pid = fork();
	if (p->pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		become(l, in, out[1], errors[1]);
	}
	fd_close(&out[1]);
	fd_close(&errors[1]);
	if (p->pid < 0) {
		p->pid = 0;
		fd_close(&out[0]);
		fd_close(&errors[0]);
		return err_errno(err, STATUS_HELPER, "cannot start login plugin '%s'", l->plugin.command);
	}
	setpgid(p->pid, p->pid);
	p->out = out[0];
	p->errors = errors[0];
	fcntl(p->out, F_SETFL, O_NONBLOCK);
	fcntl(p->errors, F_SETFL, O_NONBLOCK);
	if (!remember(p->pid)) {
		plugin_kill(p);
		return err_set(err, STATUS_HELPER, "more than %d login plugins at once", GROUPS_MAX);
	}
	return 0;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

static bool take(int *fd, struct buf *b)
{
	char chunk[4096];
	ssize_t n;

	while (*fd >= 0 && (n = read(*fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0)
			break;
		if (b->n + (size_t)n > b->cap)
			return false;
		buf_add(b, slice_of(chunk, (size_t)n));
		explicit_bzero(chunk, sizeof(chunk));
	}
	fd_close(fd);
	return true;
}

bool plugin_read(struct plugin *p)
{
	if (!take(&p->out, &p->output))
		p->too_much = true;
	if (!take(&p->errors, &p->messages))
		fd_close(&p->errors); /* the rest of what it says is not needed */
	/* What the plugin started may hold its standard error open for longer than it lives. */
	return p->too_much || p->out < 0 || monotonic_ms() >= p->until;
}

void plugin_kill(struct plugin *p)
{
	if (p->pid > 0) {
		kill(-p->pid, SIGKILL);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
		forget(p->pid);
	}
	p->pid = 0;
	fd_close(&p->out);
	fd_close(&p->errors);
	if (p->output.p)
		explicit_bzero(p->output.p, p->output.room);
	buf_release(&p->output);
	buf_release(&p->messages);
}

/* The last line that is not empty, without control characters and without anything long enough to be a secret. */
static void shown_message(struct slice text, char *to, size_t room)
{
	size_t n = 0, run = 0;

	text = slice_trim(text);
	if (slice_rchr(text, '\n') != SIZE_MAX)
		text = slice_from(text, slice_rchr(text, '\n') + 1);
	for (size_t i = 0; i < text.n && n + 4 < room && n < SHOWN_MAX; i++) {
		char c = text.p[i];
		bool wordy = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
			     c == '-' || c == '+' || c == '=' || c == '.' || c == '~';

		run = wordy ? run + 1 : 0;
		if (run >= 20) {
			/* Of a long run nothing is shown, its start is taken back. */
			if (run == 20) {
				n -= n < 19 ? n : 19;
				memcpy(to + n, "***", 3);
				n += 3;
			}
			continue;
		}
		to[n++] = (unsigned char)c < ' ' || (unsigned char)c >= 0x7f ? '?' : c;
	}
	to[n] = '\0';
}

/* --- the answer ------------------------------------------------------------------------------------------------ */

/* n digits at `at`; negative: there are others. */
static int digits(struct slice s, size_t at, size_t n)
{
	int value = 0;

	if (at + n > s.n)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		value = value * 10 + (s.p[i] - '0');
	}
	return value;
}

/* RFC 3339: 2026-01-31T12:00:00Z, with a fraction or an offset. */
static bool parse_time(struct slice s, long long *seconds)
{
	struct tm tm = {.tm_year = digits(s, 0, 4) - 1900,
			.tm_mon = digits(s, 5, 2) - 1,
			.tm_mday = digits(s, 8, 2),
			.tm_hour = digits(s, 11, 2),
			.tm_min = digits(s, 14, 2),
			.tm_sec = digits(s, 17, 2)};
	size_t at = 19;
	int hours = 0, minutes = 0;

	if (s.n < 20 || tm.tm_year < 0 || tm.tm_mon < 0 || tm.tm_mday < 0 || tm.tm_hour < 0 || tm.tm_min < 0 ||
	    tm.tm_sec < 0)
		return false;
	while (at < s.n && (s.p[at] == '.' || (s.p[at] >= '0' && s.p[at] <= '9')))
		at++;
	if (at < s.n && (s.p[at] == '+' || s.p[at] == '-')) {
		hours = digits(s, at + 1, 2);
		minutes = digits(s, at + 4, 2);
	} else if (at >= s.n || s.p[at] != 'Z') {
		return false;
	}
	if (hours < 0 || minutes < 0)
		return false;
	*seconds = timegm(&tm) - (s.p[at] == '-' ? -1 : 1) * (hours * 3600LL + minutes * 60LL);
	return true;
}

static int wrong(const struct login *l, struct err *err, const char *why)
{
	return err_set(err, STATUS_HELPER, "login plugin '%s' printed %s", l->plugin.command, why);
}

static int read_credential(struct login *l, const struct node *root, struct credential *c, struct err *err)
{
	const struct node *status = node_lookup(root, "status"), *expires = node_lookup(status, "expirationTimestamp");
	struct slice token = node_string(node_lookup(status, "token")),
		     certificate = node_string(node_lookup(status, "clientCertificateData")),
		     key = node_string(node_lookup(status, "clientKeyData"));

	if (!node_string_is(node_lookup(root, "kind"), "ExecCredential"))
		return wrong(l, err, "something that is not an ExecCredential");
	if (!node_string_is(node_lookup(root, "apiVersion"), l->plugin.api_version))
		return wrong(l, err, "an ExecCredential of another apiVersion than its kubeconfig asks for");
	if (!token.n && !certificate.n)
		return wrong(l, err, "an ExecCredential without a token or a client certificate");
	if (!certificate.n != !key.n)
		return wrong(l, err, "a client certificate without its key, or the other way round");
	if (!node_is_null(expires) && !parse_time(node_string(expires), &c->expires))
		return wrong(l, err, "an expirationTimestamp that cannot be read");
	if (c->expires && c->expires <= (long long)time(NULL))
		return wrong(l, err, "credentials that have expired");
	for (size_t i = 0; i < token.n; i++)
		if ((unsigned char)token.p[i] <= ' ' || (unsigned char)token.p[i] >= 0x7f)
			return wrong(l, err, "a token with characters that no token has");
	c->token = token.n ? arena_str(&l->arena, token) : NULL;
	c->certificate = slice_str(arena_str(&l->arena, certificate));
	c->key = slice_str(arena_str(&l->arena, key));
	return 0;
}

static int parse_output(struct plugin *p, struct login *l, struct credential *c, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	cleanup_stream struct stream s;

	stream_init(&s, &limits);
	if (stream_add(&s, "output", buf_slice(&p->output), err) < 0)
		return err->status;
	if (s.problems.n || s.documents.n != 1 || !node_is_mapping(s.documents.v[0].root))
		return wrong(l, err, "something that is not an ExecCredential");
	return read_credential(l, s.documents.v[0].root, c, err);
}

static int ended(const struct login *l, int status, const struct plugin *p, struct err *err)
{
	char said[SHOWN_MAX + 8];
	const char *hint = l->plugin.hint ? l->plugin.hint : "";

	shown_message(buf_slice(&p->messages), said, sizeof(said));
	if (WIFSIGNALED(status))
		return err_set(err, STATUS_HELPER, "login plugin '%s' was killed by signal %d", l->plugin.command,
			       WTERMSIG(status));
	if (WEXITSTATUS(status) == 127)
		return err_set(err, STATUS_HELPER, "login plugin '%s' was not found%s%.200s", l->plugin.command,
			       *hint ? "; " : "", hint);
	return err_set(err, STATUS_HELPER, "login plugin '%s' failed with exit code %d%s%s", l->plugin.command,
		       WEXITSTATUS(status), *said ? ": " : "", said);
}

/* The process itself may outlive its closed standard output; its deadline still holds. */
static bool reap(struct plugin *p, int *status)
{
	const struct timespec pause = {.tv_nsec = 1000 * 1000};
	pid_t got;

	while ((got = waitpid(p->pid, status, WNOHANG)) == 0 && monotonic_ms() < p->until)
		nanosleep(&pause, NULL);
	if (got == p->pid) {
		kill(-p->pid, SIGKILL); /* what it left behind */
		forget(p->pid);
		p->pid = 0;
	}
	return got != 0;
}

int plugin_finish(struct plugin *p, struct login *l, struct credential *c, struct err *err)
{
	int status = 0;

	*c = (struct credential){0};
	if (p->too_much)
		err_set(err, STATUS_HELPER, "login plugin '%s' printed more than %d bytes", l->plugin.command,
			OUTPUT_MAX);
	else if (p->out >= 0 || !reap(p, &status))
		err_set(err, STATUS_HELPER, "login plugin '%s' did not end before the deadline", l->plugin.command);
	else if (status != 0)
		ended(l, status, p, err);
	else
		parse_output(p, l, c, err);
	plugin_kill(p);
	return err->status;
}
