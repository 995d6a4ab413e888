#!/bin/sh
# clang-tidy over the files, but for those that passed before with the same bytes: the file, every header that it includes, the
# configuration, the options and clang-tidy itself.
#   tidy.sh OPTIONS FILE...
# shellcheck disable=SC2086  # lists of options and of paths without blanks
set -u
options=$1
shift
passed=${XDG_CACHE_HOME:-$HOME/.cache}/pxb-fed/tidy
mkdir -p "$passed"
version=$(clang-tidy --version | tr -d '\n') || exit 1
rc=0
for file; do
	if ! rule=$(clang -M $options -DPXB_VERSION='"0"' "$file"); then
		rc=1
		continue
	fi
	inputs=$(printf '%s\n' "${rule#*:}" | sed 's/\\$//')
	sum=$({ echo "$version $options" && cat .clang-tidy tests/tidy.sh $inputs; } | sha256sum) || exit 1
	mark=$passed/${sum%% *}
	if [ -e "$mark" ]; then
		touch "$mark"
	elif clang-tidy --quiet "$file" -- $options -DPXB_VERSION='"0"'; then
		: >"$mark"
	else
		rc=1
	fi
done
find "$passed" -type f -mtime +60 -delete
exit $rc
