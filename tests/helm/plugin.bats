#!/usr/bin/env bats
# The plugin in Helm 3 and Helm 4: installing it, calling it, and what `helm pxb-fed post-renderer` sets up.

load helpers

setup_file() { find_programs; }
setup() { prepare; }
teardown() { stop_server; }

@test "one version everywhere" {
	[ "$(sed -n 's/^version: //p' "$root/plugin.yaml")" = "$version" ]
	[ "$(sed -n 's/^version: //p' "$root/plugins/pxb-fed-post-renderer/plugin.yaml")" = "$version" ]
	# install-binary.sh knows the program by this line
	"$PXB_FED_BIN" version | sed -n 1p | grep -qwF "$version"
}

@test "plugin.yaml has only keys that every Helm 3 knows" {
	keys=$(grep -o '^[A-Za-z]*:' "$root/plugin.yaml" | tr -d ':' | sort | tr '\n' ' ')
	[ "$keys" = 'command description hooks name usage version ' ]
}

@test "install from a folder with blanks in its name, list, uninstall" {
	checkout
	for major in 3 4; do
		run helm "$major" plugin install "$copy"
		[ "$status" -eq 0 ]
		[[ $output == *'Installed plugin: pxb-fed' ]]
		run helm "$major" plugin list
		[ "$status" -eq 0 ]
		[[ ${lines[1]} == pxb-fed*"$version"* ]]
		[ "${#lines[@]}" -eq 2 ] # and no warning
		run helm "$major" plugin uninstall pxb-fed
		[ "$status" -eq 0 ]
		[ -x "$copy/bin/pxb-fed" ]
	done
}

@test "the install hook takes what make has built" {
	checkout
	rm -r "$copy/bin"
	mkdir "$copy/build"
	cp "$PXB_FED_BIN" "$copy/build/pxb-fed"
	printf 'all:\n' >"$copy/Makefile" # the real one would build everything again: a copy's files are all new
	for major in 3 4; do
		rm -rf "$copy/bin"
		run helm "$major" plugin install "$copy"
		[ "$status" -eq 0 ]
		cmp "$PXB_FED_BIN" "$copy/bin/pxb-fed"
	done
}

@test "completion of every command and its flags in both Helms" {
	checkout
	for major in 3 4; do
		helm "$major" plugin install "$copy" >/dev/null
		for command in $("$PXB_FED_BIN" help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
			run helm "$major" __complete pxb-fed "$command" --
			[ "$status" -eq 0 ]
			[[ $output != *panic* ]]
			[[ $output == *--help* ]]
			[[ $output != *--capture* ]]
			[[ $output != *--refuse-as* ]]
			run helm "$major" __complete pxb-fed "$command" ''
			[ "$status" -eq 0 ]
			[[ $output != *panic* ]]
		done
		run helm "$major" __complete pxb-fed check --p
		[[ $output == *--policy* ]]
		[[ $output == *--patch* ]]
	done
}

@test "a hook that fails is told" {
	checkout
	rm -r "$copy/bin"
	for major in 3 4; do
		run helm "$major" plugin install "$copy"
		[ "$status" -eq 1 ]
		[[ $output == *'holds no sources to build from'* ]]
		[[ $output == *'plugin install hook for "pxb-fed" exited with error' ]]
	done
}

@test "install from a git repository, with a release file: a copy, not a link" {
	command -v git >/dev/null || skip 'no git'
	checkout
	tar -C "$copy/bin" -czf "$work/release.tar.gz" pxb-fed
	rm -r "$copy/bin"
	repository=$BATS_TEST_TMPDIR/repository/pxb-fed
	mkdir -p "$BATS_TEST_TMPDIR/repository"
	mv "$copy" "$repository"
	cp "$root/.gitignore" "$repository/"
	git -C "$repository" -c init.defaultBranch=main init -q
	git -C "$repository" add -A
	git -C "$repository" -c user.name=test -c user.email=test@example.com commit -qm test
	cluster=(PXB_FED_RELEASE_FILE="$work/release.tar.gz" PXB_FED_RELEASE_SHA256="$(sha256sum <"$work/release.tar.gz" | cut -d ' ' -f 1)")
	for major in 3 4; do
		verify=()
		[ "$major" = 3 ] || verify=(--verify=false)
		run helm "$major" plugin install "file://$repository" ${verify[@]+"${verify[@]}"}
		[ "$status" -eq 0 ]
		[[ $output == *"pxb-fed: installed $version in "* ]]
		cmp "$PXB_FED_BIN" "$(plugins "$major")/pxb-fed/bin/pxb-fed"
		run helm "$major" pxb-fed version
		[ "$status" -eq 0 ]
		run helm "$major" plugin update pxb-fed
		[ "$status" -eq 0 ] # which Helm refuses if a hook changed a file of the repository
	done
	renderer=$(helm 4 pxb-fed post-renderer)
	[ "$renderer" = pxb-fed-post-renderer ]
	helm 4 template px "$chart" "${federated[@]}" --post-renderer "$renderer" >out.yaml
	grep -q PX_BACKUP_FEDERATED out.yaml
}

@test "version and help" {
	checkout
	for major in 3 4; do
		helm "$major" plugin install "$copy"
		split helm "$major" pxb-fed version
		[ "$status" -eq 0 ]
		cmp out <("$PXB_FED_BIN" version)
		[ ! -s err ]
		for words in --help -h help; do
			split helm "$major" pxb-fed "$words"
			[ "$status" -eq 0 ]
			grep -q render out
			[ ! -s err ]
		done
		# Without a command it is help, too, although stdin is not a terminal: nobody pipes a stream into `helm pxb-fed`.
		run helm "$major" pxb-fed
		[[ $output == *render* ]]
		run helm "$major" help pxb-fed
		[ "$status" -eq 0 ]
		[[ $output == 'pxb-fed reads what Helm rendered'* ]]
	done
}

@test "an exit code passes through" {
	checkout
	helm 3 template px "$chart" "${unrepairable[@]}" >refused.yaml
	for major in 3 4; do
		helm "$major" plugin install "$copy"
		run helm "$major" pxb-fed check refused.yaml
		[ "$status" -eq 1 ]
		[[ $output == *'storage-ephemeral'* ]]
		run helm "$major" pxb-fed check --no-such-option
		[ "$status" -eq 2 ]
		[[ ${lines[-1]} == *'plugin "pxb-fed" exited with error' ]]
	done
}

@test "options that Helm takes away do no harm" {
	checkout
	for major in 3 4; do
		helm "$major" plugin install "$copy"
		run helm "$major" pxb-fed version -n somewhere --kube-context none
		[ "$status" -eq 0 ]
		run helm "$major" --namespace somewhere pxb-fed version
		[ "$status" -eq 0 ]
	done
}

@test "post-renderer in Helm 3: the path of the program" {
	checkout
	helm 3 plugin install "$copy"
	split helm 3 pxb-fed post-renderer
	[ "$status" -eq 0 ]
	[ "$(wc -l <out)" -eq 1 ]
	path=$(cat out)
	[ "$path" -ef "$copy/bin/pxb-fed" ]
	[[ $path == /* ]]
	[ "$(ls "$(plugins 3)")" = 'check out' ] # and no second plugin: Helm 3 could not read it
}

@test "post-renderer in Helm 4: a plugin, installed when it is asked for the first time" {
	checkout
	helm 4 plugin install "$copy"
	refute grep -q post-renderer <(helm 4 plugin list)
	split helm 4 pxb-fed post-renderer
	[ "$status" -eq 0 ]
	same_text 'pxb-fed-post-renderer' "$(cat out)"
	grep -Eq "^pxb-fed-post-renderer\s+$version\s+postrenderer/v1" <(helm 4 plugin list)
	split helm 4 pxb-fed post-renderer
	[ "$status" -eq 0 ]
	same_text 'pxb-fed-post-renderer' "$(cat out)"
	[ ! -s err ]
}

@test "the post-renderer's plugin alone, as a link into a checkout" {
	checkout
	helm 4 plugin install "$copy/plugins/pxb-fed-post-renderer"
	helm 4 template px "$chart" "${federated[@]}" --post-renderer pxb-fed-post-renderer >out.yaml
	grep -q PX_BACKUP_FEDERATED out.yaml
}

@test "the post-renderer's plugin as a copy finds the program: its own, its neighbour's, the one in PATH" {
	checkout
	mkdir -p "$(plugins 4)"
	cp -R "$root/plugins/pxb-fed-post-renderer" "$(plugins 4)/"
	for where in own neighbour path; do
		case $where in
		own) place="$(plugins 4)/pxb-fed-post-renderer/bin" ;;
		neighbour)
			place="$(plugins 4)/any name/bin"
			mkdir -p "$place"
			cp "$root/plugin.yaml" "$place/.."
			;;
		path)
			place=$work/bin
			hook_path=$place:$PATH
			;;
		esac
		mkdir -p "$place"
		cp "$PXB_FED_BIN" "$place/pxb-fed"
		helm 4 template px "$chart" "${federated[@]}" --post-renderer pxb-fed-post-renderer >"$where.yaml"
		grep -q PX_BACKUP_FEDERATED "$where.yaml"
		rm "$place/pxb-fed"
	done
}

@test "no program to be found: the installation fails and says why" {
	if command -v pxb-fed; then skip 'pxb-fed is in PATH'; fi
	mkdir -p "$(plugins 4)"
	cp -R "$root/plugins/pxb-fed-post-renderer" "$(plugins 4)/"
	split helm 4 template px "$chart" "${federated[@]}" --post-renderer pxb-fed-post-renderer
	[ "$status" -eq 1 ]
	[ ! -s out ]
	grep -q '^  pxb-fed: refused: the program pxb-fed is not installed, so nothing was checked$' err
	# nor can it be installed like this
	rm -r "$(plugins 4)/pxb-fed-post-renderer"
	cp -R "$root/plugins/pxb-fed-post-renderer" .
	run helm 4 plugin install ./pxb-fed-post-renderer
	[ "$status" -eq 1 ]
	[[ $output == *'the program pxb-fed is not installed'* ]]
}

@test "a program that does not start: the installation fails and says why" {
	mkdir -p "$(plugins 4)"
	cp -R "$root/plugins/pxb-fed-post-renderer" "$(plugins 4)/"
	mkdir "$(plugins 4)/pxb-fed-post-renderer/bin"
	program="$(plugins 4)/pxb-fed-post-renderer/bin/pxb-fed"
	# what the dynamic loader does when a library is missing
	printf '#!/bin/sh\necho "pxb-fed: error while loading shared libraries: libyaml-0.so.2: cannot open" >&2\nexit 127\n' >"$program"
	chmod 755 "$program"
	split helm 4 template px "$chart" "${federated[@]}" --post-renderer pxb-fed-post-renderer
	[ "$status" -eq 1 ]
	[ ! -s out ]
	grep -q '^  pxb-fed: refused: the program pxb-fed does not start, so nothing was checked$' err
	grep -q '^    reason: pxb-fed: error while loading shared libraries: libyaml-0.so.2: cannot open$' err
}

@test "a program that dies: the installation fails" {
	mkdir -p "$(plugins 4)"
	cp -R "$root/plugins/pxb-fed-post-renderer" "$(plugins 4)/"
	mkdir "$(plugins 4)/pxb-fed-post-renderer/bin"
	program="$(plugins 4)/pxb-fed-post-renderer/bin/pxb-fed"
	printf '#!/bin/sh\necho "kind: ConfigMap"\nkill -9 $$\n' >"$program"
	chmod 755 "$program"
	split helm 4 template px "$chart" "${federated[@]}" --post-renderer pxb-fed-post-renderer
	[ "$status" -eq 1 ]
	refute grep -q 'kind: ConfigMap' out
}

@test "both majors side by side, plugin folders apart" {
	checkout
	for major in 3 4 3 4; do
		if [ ! -e "$(plugins "$major")" ]; then helm "$major" plugin install "$copy"; fi
		renderer=$(helm "$major" pxb-fed post-renderer 2>/dev/null)
		split helm "$major" template px "$chart" "${federated[@]}" --post-renderer "$renderer"
		[ "$status" -eq 0 ]
		[ ! -s err ] # no complaint about a plugin that this major cannot read
	done
	[ "$(ls "$(plugins 3)")" = 'check out' ]
	[ "$(ls "$(plugins 4)")" = 'check out
pxb-fed-post-renderer' ]
}

@test "why they must be apart: Helm 3 loads no plugin of a folder that holds one for Helm 4" {
	checkout
	helm 4 plugin install "$copy"
	helm 4 pxb-fed post-renderer
	cluster=(HELM_PLUGINS="$(plugins 4)")
	run helm 3 pxb-fed version
	[ "$status" -eq 1 ]
	[[ $output == *'failed to load plugins'* ]]
}
