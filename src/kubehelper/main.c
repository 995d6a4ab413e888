/*
 * main.c of pxb-fed-kube: the only part of the project that opens a connection. pxb-fed starts it and speaks to it in
 * frames (cluster/frame.h); it takes no arguments.
 */
#include "kubehelper/engine.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const struct rlimit none = {0, 0};
	int code;

	/* Tokens and keys are in this process: no core, and no look into its memory by others. */
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
	/* A configuration of OpenSSL could load code and lower what TLS asks for. */
	unsetenv("OPENSSL_CONF");
	unsetenv("OPENSSL_MODULES");
	unsetenv("OPENSSL_ENGINES");
	unsetenv("SSLKEYLOGFILE");
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("pxb-fed-kube %s (protocol %d, %s)\n", PXB_VERSION, KUBE_PROTOCOL, curl_version());
		return 0;
	}
	if (argc > 1 || isatty(STDIN_FILENO)) {
		fputs("pxb-fed-kube is started by pxb-fed to ask clusters; it takes no arguments\n", stderr);
		return 2;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 4;
	plugins_end_with_us();
	code = engine_run();
	curl_global_cleanup();
	return code;
}
