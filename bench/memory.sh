#!/usr/bin/env bash
# Peak memory of backing up and restoring an instance of 400 MB, as /usr/bin/time sees it: the whole process, threads included.
#
# usage: bench/memory.sh [SIZE]    sizes: see bench/gen.mjs; needs a built dist/
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
size=${1:-year}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

node bench/gen.mjs create --size "$size" --out "$work/octoprint"
du -sm "$work/octoprint" | sed 's/\t.*/ MB on disk/'

measure() {
	local what=$1
	shift
	HOME="$work/home" PRINTKEEP_CONFIG_DIR="$work/settings" /usr/bin/time -v -o "$work/time" \
		node dist/cli.js "$@" --basedir "$work/octoprint" --store "$work/store" --plain > "$work/output" 2>&1 || {
		cat "$work/output"
		exit 1
	}
	awk -v what="$what" '
		/Maximum resident set size/ { memory = $NF / 1024 }
		/Elapsed/ { elapsed = $NF }
		/User time/ { user = $NF }
		END { printf "%-8s peak %.0f MB, %s elapsed, %.1f s user\n", what, memory, elapsed, user }' "$work/time"
}

measure backup backup
key=$(basename "$(ls "$work"/store/*.zip)")
measure verify verify "$key"
measure restore restore "$key" --to "$work/restored" --yes
