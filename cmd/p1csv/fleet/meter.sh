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
# METER is the name of FOLDER. What is there already is not made again, so a stage that
# was interrupted goes on where it was.
#
# Several copies of a stage may run at once (a cluster starts one again that it has lost,
# and the lost one may live): each writes under a name of its own ($P1_TASK, or the
# process) on a disk of its own ($TMPDIR), and renames at the end. All of them write the same records and rows.
set -euo pipefail
shopt -s extglob

stage=$1
folder=$(realpath "$2")
out=$(realpath -m "$3")
meter=${folder##*/}
task=${P1_TASK:-$$}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/p1.$task.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# keep FILE NAME: FILE, which is finished, is NAME from now on, whole or not at all.
keep() {
	mkdir -p "${2%/*}"
	cp "$1" "$2.$task.tmp" && sync "$2.$task.tmp" && mv "$2.$task.tmp" "$2" && return
	rm -f "$2.$task.tmp"
	return 1
}

# repair makes the days that are missing. The state is kept first: where a day is there, its state is too.
repair() {
	local log day before='' days=$out/days/$meter
	cd "$folder" # the records name the log without its folders, wherever they are made
	for log in *.log?(.gz|.zst); do
		if [ ! -e "$log" ]; then
			echo "meter.sh: $folder: there is no .log, .log.gz or .log.zst in it" >&2
			return 1
		fi
		day=${log%.log*}
		if [ ! -e "$days/$day.jsonl.zst" ]; then
			rm -f "$scratch/state.json"
			[ -z "$before" ] || cp "$before" "$scratch/state.json"
			p1cat "$log" | p1frame | p1fix --quiet --state "$scratch/state.json" -o "$scratch/day.jsonl.zst"
			keep "$scratch/state.json" "$days/$day.state.json"
			keep "$scratch/day.jsonl.zst" "$days/$day.jsonl.zst"
		fi
		before=$days/$day.state.json
	done
}

# tables makes the tables of the days that have none.
tables() {
	local day part days=$out/days/$meter
	for day in "$days"/*.jsonl.zst; do
		day=${day%.jsonl.zst}
		[ ! -e "$day.tables" ] || continue
		rm -rf "$scratch/tables"
		mkdir "$scratch/tables" # p1csv makes it only for a row
		# shellcheck disable=SC2086 # several flags
		p1csv --quiet ${P1_TABLE_FLAGS:-} --partition "$scratch/tables" "$day.jsonl.zst"
		(cd "$scratch/tables" && find . -type f | sort) >"$scratch/list"
		while read -r part; do
			keep "$scratch/tables/$part" "$out/tables/$part"
		done <"$scratch/list"
		keep "$scratch/list" "$day.tables"
	done
}

case $stage in
repair | tables) "$stage" ;;
*)
	echo "meter.sh: unknown stage $stage: repair, tables" >&2
	exit 2
	;;
esac
