#!/bin/bash
# meter.sh repair|tables FOLDER OUT: one stage of the work on one meter. FOLDER holds the logs of
# its days, named so that they sort in their order. The stages are
#
#	repair  FOLDER/DAY.log, .log.gz or .log.zst to OUT/days/METER/DAY.jsonl.zst, and to DAY.state.json, which is what
#	        was learned of the meter until then, and with which the next day begins
#	tables  each of these days to Parquet files in OUT/tables/meter=NUMBER/day=DAY, and to
#	        OUT/days/METER/DAY.tables, the list of these files, which is empty where the day has
#	        no telegram; $P1_TABLE_FLAGS are flags of p1csv that choose the table
#
# METER is the name of FOLDER. What is made has the time of what it was made of, as that was before it was read:
# of a log, or of the state before it if that is newer. So a stage that was interrupted goes on where it was, what is
# there is not made again, and what has changed since is, with all the days after it.
#
# Several copies of a stage may run at once (a cluster starts one again that it has lost,
# and the lost one may live): each writes under a name of its own ($P1_TASK, or the
# process) on a disk of its own ($TMPDIR), and renames at the end. All of them write the same records and rows.
#
# It exits with 2 where it would fail in the same way anywhere.
set -euo pipefail
shopt -s extglob nullglob
export LC_ALL=C # one order of names on all nodes

# wrong TEXT: ends it where trying again does not help.
wrong() {
	echo "meter.sh: $1" >&2
	exit 2
}

[ $# = 3 ] || wrong 'usage: meter.sh repair|tables FOLDER OUT'
stage=$1
[ -d "$2" ] || wrong "$2: there is no such folder"
folder=$(realpath -- "$2")
out=$(realpath -m -- "$3")
meter=${folder##*/}
task=${P1_TASK:-$$}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/p1.$task.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# dated FILE...: what is kept from now on has the time of the newest of these.
dated() {
	local file
	touch -r "$1" "$scratch/time"
	for file; do
		[ ! "$file" -nt "$scratch/time" ] || touch -r "$file" "$scratch/time"
	done
}

# keep FILE NAME: FILE, which is finished, is NAME from now on, whole or not at all.
keep() {
	mkdir -p "${2%/*}"
	cp "$1" "$2.$task.tmp" && touch -r "$scratch/time" "$2.$task.tmp" && sync "$2.$task.tmp" && mv "$2.$task.tmp" "$2" && return
	rm -f "$2.$task.tmp"
	return 1
}

# repair makes the days that are missing, or whose state is, or that are older than their log or the state before it.
repair() {
	local logs log day twice before='' days=$out/days/$meter
	cd "$folder" # the records name the log without its folders, wherever they are made
	logs=(*.log?(.gz|.zst))
	[ ${#logs[@]} -gt 0 ] || wrong "$folder: there is no .log, .log.gz or .log.zst in it"
	twice=$(printf '%s\n' "${logs[@]%.log*}" | sort | uniq -d)
	[ -z "$twice" ] || wrong "$folder: there are several logs of ${twice//$'\n'/, }: move all but one elsewhere"
	for log in "${logs[@]}"; do
		day=${log%.log*}
		if [ "$log" -nt "$days/$day.jsonl.zst" ] || [ "$before" -nt "$days/$day.jsonl.zst" ] || [ ! -e "$days/$day.state.json" ]; then
			rm -f "$scratch/state.json"
			[ -z "$before" ] || cp -p "$before" "$scratch/state.json"
			dated "$log" ${before:+"$scratch/state.json"}
			p1cat -- "$log" | p1frame | p1fix --quiet --state "$scratch/state.json" -o "$scratch/day.jsonl.zst"
			keep "$scratch/state.json" "$days/$day.state.json"
			keep "$scratch/day.jsonl.zst" "$days/$day.jsonl.zst"
		fi
		before=$days/$day.state.json
	done
}

# tables makes the tables of the days that have none, or older ones. Until all of a day are there, its list is older
# than it, and names those that it had and those that it gets: of none is forgotten that it is there.
tables() {
	local made day part flags days=$out/days/$meter
	read -ra flags <<<"${P1_TABLE_FLAGS:-}"
	made=("$days"/*.jsonl.zst)
	[ ${#made[@]} -gt 0 ] || wrong "$days: there is no repaired day in it: the stage repair comes first"
	for day in "${made[@]}"; do
		day=${day%.jsonl.zst}
		[ "$day.jsonl.zst" -nt "$day.tables" ] || continue
		rm -rf "$scratch/tables"
		mkdir "$scratch/tables" # p1csv makes it only for a row
		touch -r "$day.jsonl.zst" "$scratch/read"
		p1csv --quiet "${flags[@]}" --partition "$scratch/tables" "$day.jsonl.zst"
		(cd "$scratch/tables" && find . -type f | sort) >"$scratch/list"
		{ cat "$day.tables" 2>/dev/null || true; } | sort -u - "$scratch/list" >"$scratch/all"
		touch -d @0 "$scratch/time"
		keep "$scratch/all" "$day.tables"
		dated "$scratch/read"
		while read -r part; do
			keep "$scratch/tables/$part" "$out/tables/$part"
		done <"$scratch/list"
		mkdir -p "$out/tables"
		{ grep -vxFf "$scratch/list" "$scratch/all" || true; } | (cd "$out/tables" && xargs -r -d '\n' rm -f --)
		keep "$scratch/list" "$day.tables"
	done
}

case $stage in
repair | tables) "$stage" ;;
*) wrong "unknown stage $stage: repair, tables" ;;
esac
