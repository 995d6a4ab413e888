#!/bin/sh
# Runs a make and shows one growing line instead of a line for each file. Errors go to standard error as always.
#   progress.sh MAKE ARGUMENT...
set -u

total=$("$@" -n 2>/dev/null | grep -c "echo '  CC ")
[ "$total" != 0 ] || exec "$@" -s

progress() {
	printf 'compiling %d files:' "$total"
	done=0 shown=0
	while read -r what _; do
		[ "$what" = CC ] || continue
		done=$((done + 1))
		tenths=$((done * 10 / total))
		[ "$tenths" -le "$shown" ] || printf ' %d%%' "$((tenths * 10))"
		shown=$tenths
	done
	echo
}

# make's exit code comes through descriptor 3, its lines through the pipe.
rc=$({ { "$@" 3>&-; echo $? >&3; } | progress >&2 3>&-; } 3>&1)
exit "${rc:-1}"
