#!/usr/bin/env bats
# A manual page for every command, with every option that its help names.

load ../lib/cli

setup() { prepare; }

@test "a page for every command, with its name, and every option of its help" {
	sh "$root/docs/manpages.sh" "$PXB_FED_BIN" pages
	"$PXB_FED_BIN" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\)  .*/\1/p' >commands
	[ "$(wc -l <commands)" -ge 15 ]
	while read -r command; do
		page=pages/pxb-fed-$command.1
		grep -qF "pxb\\-fed\\-${command//-/\\-} \\- " "$page"
		"$PXB_FED_BIN" help "$command" | sed -n 's/^  *\(-[a-zA-Z], \)*\(--[a-z-]*\).*/\2/p' | sed 's/-/\\-/g' >options
		while read -r option; do
			grep -qF -e "$option" "$page"
		done <options
	done <commands
	set -- pages/*
	[ $# -eq "$(wc -l <commands)" ]
}
