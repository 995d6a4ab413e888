#!/bin/sh
# manpages.sh PXB_FED FOLDER: a manual page for every command, from the program's own help, so that the two cannot differ.
set -eu
[ $# -eq 2 ] || { echo 'usage: manpages.sh PXB_FED FOLDER' >&2; exit 2; }
program=$1
folder=$2
mkdir -p "$folder"
"$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\)  *\(.*\)/\1 \2/p' | while read -r command title; do
	"$program" help "$command" | awk -v command="$command" -v title="$title" -v version="$("$program" version | awk 'NR == 1 { print $NF }')" '
		function text(s) {
			gsub(/\\/, "\\e", s)
			gsub(/-/, "\\-", s)
			if (s ~ /^[.'\'']/) s = "\\&" s
			return s
		}
		# Lines as they stand: the help is laid out in columns.
		function plain(on) { if (on != verbatim) { print on ? ".nf" : ".fi"; verbatim = on } }
		BEGIN {
			name = "pxb-fed-" command
			printf ".TH %s 1 \"\" \"pxb-fed %s\" \"User Commands\"\n.SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", toupper(name), version, text(name), text(title)
			verbatim = 0
			part = "title"
		}
		# What the command is for stands in NAME.
		part == "title" && !/^Usage: / { next }
		part == "title" { part = "usage" }
		part == "usage" && /^$/ { plain(0); print ".SH DESCRIPTION"; part = "text"; next }
		part == "usage" { plain(1); sub(/^Usage: */, ""); sub(/^       /, ""); print text($0); next }
		/^Options:$/ { plain(0); print ".SH OPTIONS"; part = "options"; next }
		part == "options" && /^ +-/ {
			option = $0
			sub(/^ +/, "", option)
			what = ""
			if (match(option, /   *[^ ]/)) {
				what = substr(option, RSTART)
				option = substr(option, 1, RSTART - 1)
				sub(/^ +/, "", what)
			}
			printf ".TP\n.B %s\n", text(option)
			if (what != "") print text(what)
			next
		}
		part == "options" && /^          / { sub(/^ +/, ""); print text($0); next }
		part == "options" && /^$/ { part = "more"; print ".PP"; next }
		part == "options" { part = "more"; print ".PP" }
		{ plain(1); print text($0) }
		END {
			plain(0)
			print ".SH SEE ALSO\n.BR pxb\\-fed (1):\nexit codes, files and environment."
		}' >"$folder/pxb-fed-$command.1.tmp"
	mv "$folder/pxb-fed-$command.1.tmp" "$folder/pxb-fed-$command.1"
done
