#!/usr/bin/env bats
# install-binary.sh, the hook of the Helm plugin, run the way Helm runs it: `sh -c`, no stdin, HELM_PLUGIN_DIR set.
# The programs that it installs are stand-ins of a few lines.

setup_file() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export root
}

setup() {
	dir="$BATS_TEST_TMPDIR/plug in"
	mkdir "$dir"
	cp "$root/install-binary.sh" "$dir/"
	echo 0.1.0 >"$dir/VERSION"
	cd "$BATS_TEST_TMPDIR"
	server=
	hook_path=$PATH
	# Nothing of the caller's may decide a test.
	unset PXB_FED_RELEASE_FILE PXB_FED_RELEASE_URL PXB_FED_RELEASE_SHA256 PXB_FED_SKIP_INSTALL HELM_PLUGIN_DIR
	unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
}

teardown() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || :
		wait "$server" 2>/dev/null || :
	fi
}

# program VERSION: a stand-in that says its version
program() {
	printf '#!/bin/sh\necho "pxb-fed %s"\n' "$1"
}

hook() {
	HELM_PLUGIN_DIR=$dir PATH=$hook_path "${SHELL_UNDER_TEST:-sh}" -c '"$0" "$HELM_PLUGIN_DIR/install-binary.sh" "$@"' "${SHELL_UNDER_TEST:-sh}" "$@" </dev/null
}

# message: what the hook printed, without the last line, which says what Helm keeps
message() {
	[[ "${lines[-1]}" == *"'helm plugin uninstall pxb-fed' before the next try" ]]
	output=$(printf '%s\n' "$output" | sed '$d')
}

# release VERSION [PATH]: an archive with a stand-in at PATH, and its checksum beside it
release() {
	local path=${2:-pxb-fed}
	rm -rf tree
	mkdir -p "tree/$(dirname "$path")" www
	program "$1" >"tree/$path"
	chmod 755 "tree/$path"
	echo 'read me' >"tree/$(dirname "$path")/README.md"
	(cd tree && tar -czf ../www/pxb-fed.tar.gz -- *)
	(cd www && sha256sum pxb-fed.tar.gz >pxb-fed.tar.gz.sha256)
	archive=$PWD/www/pxb-fed.tar.gz
	sum=$(cut -d ' ' -f 1 "$archive.sha256")
}

# bash does not stop at a failing "! command"
refute() {
	if "$@"; then return 1; fi
}

# await EVENT ...: see tests/lib/await.py
await() { python3 "$root/tests/lib/await.py" "$@"; }

installed() {
	[ "$("$dir/bin/pxb-fed" version)" = "pxb-fed $1" ]
	[ "$(ls -A "$dir/bin")" = pxb-fed ] # and nothing is left beside it
}

nothing_installed() {
	[ -z "$(find "$dir" -path "$dir/bin/*")" ]
}

# serve FOLDER: an HTTP server on a free port of the loopback; $url is its root, every path asked for stands in requests
serve() {
	command -v python3 >/dev/null || skip 'no python3 to serve files'
	cat >server.py <<-'PYTHON'
		import functools, http.server, sys, threading

		class Handler(http.server.SimpleHTTPRequestHandler):
		    seen = {}
		    def do_GET(self):
		        path = self.path.split("?")[0]
		        with open("requests", "a") as log:
		            log.write(self.path + "\n")
		        n = self.seen[path] = self.seen.get(path, 0) + 1
		        if path.startswith("/busy/"):       # the first two answers are a mirror's bad moment
		            self.path = self.path[5:]
		            if n <= 2:
		                return self.send_error(503)
		        if path.startswith("/stall/"):      # promises much and sends little
		            self.send_response(200)
		            self.send_header("Content-Length", "1000000")
		            self.end_headers()
		            self.wfile.write(b"x")
		            self.wfile.flush()
		            threading.Event().wait()
		            return
		        super().do_GET()
		    def log_message(self, *arguments):
		        pass

		server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1]))
		server.daemon_threads = True
		with open("port.new", "w") as f:
		    f.write(str(server.server_port))
		import os
		os.rename("port.new", "port")
		server.serve_forever()
	PYTHON
	rm -f port
	python3 server.py "$1" >/dev/null 2>&1 3>&- &
	server=$!
	await file "$server" port
	url=http://127.0.0.1:$(cat port)
}

# without TOOL...: a PATH of the programs that the hook may use, but for these
without() {
	rm -rf tools
	mkdir tools
	local tool
	for tool in sh bash cat cp mv rm mkdir mktemp chmod ls find tar gzip sed awk tr dirname getconf sleep tail make sha256sum shasum openssl curl \
		wget busybox uname; do
		case " $* " in *" $tool "*) continue ;; esac
		tool=$(command -v "$tool") || continue
		ln -s "$tool" tools/
	done
	hook_path=$PWD/tools
}

# ---- what is there already ----------------------------------------------------------------------------------------------

@test "a binary of the right version stays" {
	mkdir "$dir/bin"
	program 0.1.0 >"$dir/bin/pxb-fed"
	echo '# mine' >>"$dir/bin/pxb-fed"
	chmod 755 "$dir/bin/pxb-fed"
	PXB_FED_RELEASE_FILE=/nonexistent run hook
	[ "$status" -eq 0 ]
	[ "$output" = "pxb-fed: $dir/bin/pxb-fed is version 0.1.0 already" ]
	grep -q '^# mine' "$dir/bin/pxb-fed"
}

@test "a binary of another version, or a broken one, is replaced" {
	release 0.1.0
	export PXB_FED_RELEASE_FILE=$archive
	mkdir "$dir/bin"
	for broken in "$(program 0.0.9)" "$(program 0.1.01)" 'exit 1' ''; do
		echo "$broken" >"$dir/bin/pxb-fed"
		chmod 755 "$dir/bin/pxb-fed"
		run hook
		[ "$status" -eq 0 ]
		installed 0.1.0
	done
}

@test "an update builds again if the sources changed under the same version" {
	mkdir -p "$dir/bin" "$dir/src"
	program 0.1.0 >"$dir/bin/pxb-fed"
	chmod 755 "$dir/bin/pxb-fed"
	printf 'all:\n\tmkdir -p build; { cat bin/pxb-fed; echo "# new"; } > build/pxb-fed\n' >"$dir/Makefile"
	touch -d '1 hour ago' "$dir/Makefile" "$dir/src"
	run hook update
	[ "$status" -eq 0 ]
	refute grep -q '# new' "$dir/bin/pxb-fed"
	touch -d '1 hour' "$dir/src/a.c"
	run hook
	[ "$status" -eq 0 ]
	refute grep -q '# new' "$dir/bin/pxb-fed"
	run hook update
	[ "$status" -eq 0 ]
	grep -q '# new' "$dir/bin/pxb-fed"
}

@test "a git checkout whose sources are newer is built again by an installation too" {
	mkdir -p "$dir/bin" "$dir/src"
	program 0.1.0 >"$dir/bin/pxb-fed"
	chmod 755 "$dir/bin/pxb-fed"
	printf 'all:\n\tmkdir -p build; { cat bin/pxb-fed; echo "# new"; } > build/pxb-fed\n' >"$dir/Makefile"
	touch -d '1 hour' "$dir/src/a.c"
	mkdir "$dir/.git"
	run hook
	[ "$status" -eq 0 ]
	grep -q '# new' "$dir/bin/pxb-fed"
	touch -d '1 hour ago' "$dir/Makefile" "$dir/src" "$dir/src/a.c"
	run hook
	[ "$status" -eq 0 ]
	[ "$(grep -c '# new' "$dir/bin/pxb-fed")" = 1 ]
}

@test "PXB_FED_SKIP_INSTALL=1 does nothing and succeeds" {
	PXB_FED_SKIP_INSTALL=1 run hook
	[ "$status" -eq 0 ]
	[ "$output" = 'pxb-fed: PXB_FED_SKIP_INSTALL is set: nothing installed' ]
	nothing_installed
}

# ---- a release file -----------------------------------------------------------------------------------------------------

@test "a release file with its checksum beside it, binary at the root" {
	release 0.1.0
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 0 ]
	[ "$output" = "pxb-fed: installed 0.1.0 in $dir/bin" ]
	installed 0.1.0
	[ "$(stat -c %a "$dir/bin/pxb-fed")" = 755 ]
}

@test "a release file with the binary in one folder, checksum in the environment" {
	release 0.1.0 pxb-fed-0.1.0-linux-amd64/pxb-fed
	rm "$archive.sha256"
	PXB_FED_RELEASE_FILE=$archive PXB_FED_RELEASE_SHA256=$(echo "$sum" | tr a-f A-F) run hook
	[ "$status" -eq 0 ]
	installed 0.1.0
}

@test "a release file with blanks and a colon in its name, relative to the current folder" {
	release 0.1.0
	mv "$archive" 'a b:c.tar.gz'
	PXB_FED_RELEASE_FILE='a b:c.tar.gz' PXB_FED_RELEASE_SHA256=$sum run hook
	[ "$status" -eq 0 ]
	installed 0.1.0
}

@test "no checksum: nothing is installed" {
	release 0.1.0
	rm "$archive.sha256"
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 1 ]
	message
	[ "$output" = "pxb-fed: no checksum for $archive: set PXB_FED_RELEASE_SHA256 or put $archive.sha256 beside it" ]
	nothing_installed
}

@test "a wrong checksum: nothing is installed, the binary of before stays" {
	release 0.1.0
	mkdir "$dir/bin"
	program 0.0.9 >"$dir/bin/pxb-fed"
	chmod 755 "$dir/bin/pxb-fed"
	wrong=$(printf '%064d' 0)
	PXB_FED_RELEASE_FILE=$archive PXB_FED_RELEASE_SHA256=$wrong run hook
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "pxb-fed: $archive has the SHA-256 $sum instead of $wrong: not installed" ]
	[ "${#lines[@]}" -eq 1 ] # the plugin of before works: nothing to uninstall
	installed 0.0.9
}

@test "the checksum of the environment counts more than the file beside the archive" {
	release 0.1.0
	PXB_FED_RELEASE_FILE=$archive PXB_FED_RELEASE_SHA256=$(printf '%064d' 1) run hook
	[ "$status" -eq 1 ]
	nothing_installed
}

@test "a checksum that is none, or is another file's" {
	release 0.1.0
	export PXB_FED_RELEASE_FILE=$archive
	for text in '' 'no checksum' "$sum  other.tar.gz" "${sum%?}  pxb-fed.tar.gz" "$sum  pxb-fed.tar.gz
$sum  pxb-fed.tar.gz" '<html>'; do
		echo "$text" >"$archive.sha256"
		run hook
		[ "$status" -eq 1 ]
		message
		[ "$output" = "pxb-fed: the checksum for $archive is no SHA-256" ]
	done
	for text in "$sum" "$sum *pxb-fed.tar.gz" "$sum  dist/pxb-fed.tar.gz" "$(printf '%064d' 2)  other.tar.gz
$sum  pxb-fed.tar.gz"; do
		rm -rf "$dir/bin"
		printf '%s\r\n' "$text" >"$archive.sha256"
		run hook
		[ "$status" -eq 0 ]
		installed 0.1.0
	done
}

@test "a truncated archive, also with the checksum of what is left" {
	release 0.1.0
	head -c 100 "$archive" >short
	mv short "$archive"
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == *'not installed' ]]
	nothing_installed
	(cd www && sha256sum pxb-fed.tar.gz >pxb-fed.tar.gz.sha256)
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 1 ]
	message
	[[ $output == *"pxb-fed: $archive is no .tar.gz, or is damaged" ]]
	nothing_installed
}

@test "an archive without the binary, with two, with a link, with one deep inside" {
	for content in none two link deep folder; do
		rm -rf tree www
		mkdir -p tree/a/b www
		echo x >tree/README
		case $content in
		two)
			program 0.1.0 >tree/pxb-fed
			program 0.1.0 >tree/a/pxb-fed
			;;
		link) ln -s /bin/sh tree/pxb-fed ;;
		deep) program 0.1.0 >tree/a/b/pxb-fed ;;
		folder) mkdir tree/pxb-fed ;;
		esac
		tar -C tree -czf www/x.tar.gz .
		PXB_FED_RELEASE_FILE=$PWD/www/x.tar.gz PXB_FED_RELEASE_SHA256=$(sha256sum <www/x.tar.gz | cut -d ' ' -f 1) run hook
		[ "$status" -eq 1 ]
		[[ $output == "pxb-fed: $PWD/www/x.tar.gz holds "* ]]
		nothing_installed
	done
}

@test "a release of another version, or one that does not run here" {
	release 0.2.0
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 1 ]
	message
	[ "$output" = "pxb-fed: $archive is another version: 'pxb-fed 0.2.0' instead of 0.1.0" ]
	nothing_installed
	printf '#!/no/such/interpreter\n' >tree/pxb-fed
	tar -C tree -czf "$archive" pxb-fed
	PXB_FED_RELEASE_FILE=$archive PXB_FED_RELEASE_SHA256=$(sha256sum <"$archive" | cut -d ' ' -f 1) run hook
	[ "$status" -eq 1 ]
	message
	[[ $output == "pxb-fed: the program from $archive does not run on this machine"* ]]
	nothing_installed
}

@test "no such release file, or two sources at once" {
	PXB_FED_RELEASE_FILE=/nonexistent.tar.gz run hook
	[ "$status" -eq 1 ]
	message
	[ "$output" = 'pxb-fed: PXB_FED_RELEASE_FILE: no such file: /nonexistent.tar.gz' ]
	PXB_FED_RELEASE_FILE=/a PXB_FED_RELEASE_URL=https://b.example.com/ run hook
	[ "$status" -eq 1 ]
	message
	[ "$output" = 'pxb-fed: set PXB_FED_RELEASE_FILE or PXB_FED_RELEASE_URL, not both' ]
	nothing_installed
}

@test "without a program for checksums nothing is installed" {
	release 0.1.0
	without sha256sum shasum openssl
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 1 ]
	message
	[ "$output" = 'pxb-fed: no program to compute a SHA-256: sha256sum, shasum or openssl' ]
}

@test "openssl serves for the checksum, too" {
	command -v openssl || skip 'no openssl'
	release 0.1.0
	without sha256sum shasum
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 0 ]
	installed 0.1.0
}

# ---- a release by URL ---------------------------------------------------------------------------------------------------

@test "a URL, by curl: checksum beside it" {
	command -v curl || skip 'no curl'
	release 0.1.0
	serve www
	PXB_FED_RELEASE_URL=$url/pxb-fed.tar.gz run hook
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "pxb-fed: fetching $url/pxb-fed.tar.gz" ]
	installed 0.1.0
	[ "$(cat requests)" = "/pxb-fed.tar.gz
/pxb-fed.tar.gz.sha256" ]
}

@test "a URL, by wget" {
	command -v wget || skip 'no wget'
	release 0.1.0
	serve www
	without curl
	PXB_FED_RELEASE_URL=$url/pxb-fed.tar.gz run hook
	[ "$status" -eq 0 ]
	installed 0.1.0
}

@test "a URL, by the wget of busybox" {
	release 0.1.0
	serve www
	busybox wget -q -O /dev/null "$url/pxb-fed.tar.gz" 2>/dev/null || skip 'no busybox with a wget that works'
	without curl wget
	printf '#!/bin/sh\nexec busybox wget "$@"\n' >tools/wget
	chmod 755 tools/wget
	PXB_FED_RELEASE_URL=$url/pxb-fed.tar.gz run hook
	[ "$status" -eq 0 ]
	installed 0.1.0
}

@test "a URL with a token: it is sent, and not printed" {
	release 0.1.0
	serve www
	PXB_FED_RELEASE_URL="http://user:hidden1@${url#http://}/pxb-fed.tar.gz?token=hidden2" run hook
	[ "$status" -eq 0 ]
	[[ $output != *hidden* ]]
	[ "$(cat requests)" = "/pxb-fed.tar.gz?token=hidden2
/pxb-fed.tar.gz.sha256?token=hidden2" ]
	installed 0.1.0
}

@test "a URL without a checksum, with a wrong one, or that is not there" {
	release 0.1.0
	rm "$archive.sha256"
	serve www
	PXB_FED_RELEASE_URL=$url/pxb-fed.tar.gz run hook
	[ "$status" -eq 1 ]
	message
	[[ $output == *"no checksum for $url/pxb-fed.tar.gz: set PXB_FED_RELEASE_SHA256 or serve $url/pxb-fed.tar.gz.sha256" ]]
	nothing_installed
	PXB_FED_RELEASE_URL=$url/pxb-fed.tar.gz PXB_FED_RELEASE_SHA256=$(printf '%064d' 0) run hook
	[ "$status" -eq 1 ]
	nothing_installed
	: >requests
	PXB_FED_RELEASE_URL=$url/none.tar.gz PXB_FED_RELEASE_SHA256=$sum run hook
	[ "$status" -eq 1 ]
	message
	[[ $output == *"pxb-fed: cannot fetch $url/none.tar.gz" ]]
	if command -v curl; then
		[ "$(cat requests)" = /none.tar.gz ] # what is not there is not asked for again
	fi
	nothing_installed
}

# bats test_tags=long
@test "a server that has a bad moment is asked again" {
	release 0.1.0
	serve www
	PXB_FED_RELEASE_URL=$url/busy/pxb-fed.tar.gz PXB_FED_RELEASE_SHA256=$sum run hook
	[ "$status" -eq 0 ]
	[ "$(wc -l <requests)" -eq 3 ]
	installed 0.1.0
}

@test "the proxy of the environment is used" {
	command -v curl || skip 'no curl'
	release 0.1.0
	serve www
	# The file server takes the absolute URL that a proxy is asked for as a path; what counts is that it was asked.
	http_proxy=$url no_proxy='' NO_PROXY='' PXB_FED_RELEASE_URL=http://mirror.invalid/none.tar.gz PXB_FED_RELEASE_SHA256=$sum run hook
	[ "$status" -eq 1 ]
	grep -q '^http://mirror.invalid/none.tar.gz$' requests
}

@test "only http and https" {
	for bad in file:///etc/passwd ftp://example.com/x.tar.gz /x.tar.gz; do
		PXB_FED_RELEASE_URL=$bad run hook
		[ "$status" -eq 1 ]
		message
		[ "$output" = 'pxb-fed: PXB_FED_RELEASE_URL: only http:// and https:// are possible' ]
	done
}

@test "neither curl nor wget" {
	without curl wget
	PXB_FED_RELEASE_URL=https://example.com/x.tar.gz run hook
	[ "$status" -eq 1 ]
	message
	[[ $output == *'pxb-fed: PXB_FED_RELEASE_URL needs curl or wget, and neither is here' ]]
}

# bats test_tags=long
@test "interrupted while fetching: ends at once, leaves nothing, stops its child" {
	release 0.1.0
	serve www
	# A background job of a shell ignores INT and cannot change that; what a terminal starts does not.
	cat >default-signals.py <<-'PYTHON'
		import os, signal, sys
		signal.signal(signal.SIGINT, signal.SIG_DFL)
		os.execvp(sys.argv[1], sys.argv[1:])
	PYTHON
	for signal in TERM INT HUP; do
		: >requests
		PXB_FED_RELEASE_URL=$url/stall/pxb-fed.tar.gz PXB_FED_RELEASE_SHA256=$sum HELM_PLUGIN_DIR=$dir \
			python3 default-signals.py sh "$dir/install-binary.sh" </dev/null >/dev/null 2>&1 3>&- &
		hook=$!
		await file "$hook" requests
		[ -n "$(ls -A "$dir/bin")" ]
		children=$(ps -o pid= --ppid "$hook")
		kill -s "$signal" "$hook"
		await end "$hook"
		code=0
		wait "$hook" || code=$?
		[ "$code" -eq $((128 + $(kill -l "$signal"))) ]
		nothing_installed
		for child in $children; do
			refute kill -0 "$child" 2>/dev/null
		done
	done
}

# ---- from source --------------------------------------------------------------------------------------------------------

@test "without a release it is built by make" {
	printf 'all:\n\t@mkdir -p build && printf "#!/bin/sh\\necho pxb-fed 0.1.0\\n" > build/pxb-fed\n' >"$dir/Makefile"
	MAKEFLAGS=-n run hook
	[ "$status" -eq 0 ]
	[ "$output" = "pxb-fed: building 0.1.0 in $dir
pxb-fed: installed 0.1.0 in $dir/bin" ]
	installed 0.1.0
}

@test "a build that fails says what to do" {
	printf 'all:\n\t@echo "missing: libyaml-dev" >&2; exit 1\n' >"$dir/Makefile"
	run hook
	[ "$status" -eq 1 ]
	[[ $output == *'missing: libyaml-dev'* ]]
	message
	[[ $output == *"pxb-fed: the build failed; 'make deps' in $dir installs what it needs
pxb-fed: or name a release: PXB_FED_RELEASE_FILE or PXB_FED_RELEASE_URL" ]]
	nothing_installed
}

@test "no sources, no make" {
	run hook
	[ "$status" -eq 1 ]
	[[ $output == "pxb-fed: $dir holds no sources to build from"* ]]
	touch "$dir/Makefile"
	without make
	run hook
	[ "$status" -eq 1 ]
	[[ $output == 'pxb-fed: make is missing'* ]]
	nothing_installed
}

# ---- places and shells --------------------------------------------------------------------------------------------------

@test "HELM_PLUGIN_DIR is a link, as after an installation from a folder" {
	release 0.1.0
	real=$dir
	ln -s "$dir" 'plugin link'
	dir="$PWD/plugin link"
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 0 ]
	installed 0.1.0
	[ -x "$real/bin/pxb-fed" ]
}

@test "run by hand, without Helm" {
	release 0.1.0
	PXB_FED_RELEASE_FILE=$archive run sh 'plug in/install-binary.sh'
	[ "$status" -eq 0 ]
	installed 0.1.0
}

@test "a folder that cannot be written to" {
	[ "$(id -u)" -ne 0 ] || skip 'root writes everywhere'
	release 0.1.0
	chmod 555 "$dir"
	PXB_FED_RELEASE_FILE=$archive run hook
	chmod 755 "$dir"
	[ "$status" -eq 1 ]
	nothing_installed
}

@test "every failed installation says what Helm keeps, an update does not" {
	release 0.1.0
	head -c 20 "$archive" >www/short.tar.gz
	(cd www && sha256sum short.tar.gz >short.tar.gz.sha256)
	printf '%064d  wrong.tar.gz\n' 0 >www/wrong.tar.gz.sha256
	cp "$archive" www/wrong.tar.gz
	cp "$archive" www/bare.tar.gz
	for file in short wrong bare missing; do
		PXB_FED_RELEASE_FILE=$PWD/www/$file.tar.gz run hook
		[ "$status" -eq 1 ]
		[[ "${lines[-1]}" == *"'helm plugin uninstall pxb-fed'"* ]]
		PXB_FED_RELEASE_FILE=$PWD/www/$file.tar.gz run hook update
		[ "$status" -eq 1 ]
		[[ "$output" != *"helm plugin uninstall"* ]]
		nothing_installed
	done
}

@test "two installations at once: the second one stops with one line, the first one goes on" {
	command -v flock || skip 'no flock'
	release 0.1.0
	exec 8<"$dir"
	flock 8
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == *"another installation into $dir is running"* ]]
	nothing_installed
	exec 8<&-
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 0 ]
	installed 0.1.0
}

@test "a release on another machine: one line, built from source in a checkout" {
	mkdir machine
	printf '#!/bin/sh\n[ "$1" = -m ] && echo aarch64 || echo Linux\n' >machine/uname
	chmod 755 machine/uname
	hook_path=$PWD/machine:$PATH
	release 0.1.0
	PXB_FED_RELEASE_FILE=$archive run hook
	[ "$status" -eq 1 ]
	[[ "${lines[0]}" == *"releases are for Linux on x86_64, and this is Linux on aarch64: build from source in a checkout"* ]]
	nothing_installed
	# The unpacked archive itself: its program does not start here.
	mkdir -p "$dir/bin"
	printf '\177ELF' >"$dir/bin/pxb-fed"
	chmod 755 "$dir/bin/pxb-fed"
	run hook
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == *"this is Linux on aarch64: build from source in a checkout" ]]
}

@test "dash, busybox and bash agree" {
	release 0.1.0
	printf '#!/bin/sh\nexec busybox sh "$@"\n' >busybox-sh
	chmod 755 busybox-sh
	tried=0
	for shell in dash "$PWD/busybox-sh" bash; do
		case $shell in
		*busybox-sh) busybox sh -c : 2>/dev/null || continue ;;
		*) command -v "$shell" >/dev/null || continue ;;
		esac
		tried=$((tried + 1))
		rm -rf "$dir/bin"
		SHELL_UNDER_TEST=$shell PXB_FED_RELEASE_FILE=$archive run hook
		[ "$status" -eq 0 ]
		installed 0.1.0
		rm -rf "$dir/bin"
		SHELL_UNDER_TEST=$shell PXB_FED_RELEASE_FILE=$archive PXB_FED_RELEASE_SHA256=$(printf '%064d' 0) run hook
		[ "$status" -eq 1 ]
		nothing_installed
	done
	[ "$tried" -gt 0 ]
}

# bats test_tags=long
@test "the interrupted hook under dash and busybox" {
	command -v python3 || skip 'no python3 to serve files'
	release 0.1.0
	serve www
	printf '#!/bin/sh\nexec busybox sh "$@"\n' >busybox-sh
	chmod 755 busybox-sh
	for shell in dash "$PWD/busybox-sh"; do
		"$shell" -c : 2>/dev/null || continue
		: >requests
		PXB_FED_RELEASE_URL=$url/stall/pxb-fed.tar.gz PXB_FED_RELEASE_SHA256=$sum HELM_PLUGIN_DIR=$dir \
			"$shell" "$dir/install-binary.sh" </dev/null >/dev/null 2>&1 3>&- &
		hook=$!
		await file "$hook" requests
		kill -s TERM "$hook"
		await end "$hook"
		code=0
		wait "$hook" || code=$?
		[ "$code" -eq 143 ]
		nothing_installed
	done
}

@test "shellcheck finds nothing" {
	command -v shellcheck || skip 'no shellcheck'
	shellcheck -s sh "$root/install-binary.sh" "$root/plugins/pxb-fed-post-renderer/launcher.sh" "$root/tests/tools/build.sh"
}
