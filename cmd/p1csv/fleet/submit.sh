#!/bin/bash
# submit.sh FLEET OUT: submits the work on all meters to Slurm. FLEET holds a folder of logs for each meter.
# Each stage is a job array with a task for each meter; the tables of a meter wait only for its own repair.
# FLEET, OUT and this folder must have the same names on all nodes, and p1's commands be in PATH there.
#
# Which meters these are is kept in OUT/log/meters.NAME, a list of its own for each time, since the tasks read it
# when they begin.
set -euo pipefail
shopt -s extglob nullglob

# wrong TEXT: nothing is submitted.
wrong() {
	echo "submit.sh: $1" >&2
	exit 2
}

[ $# = 2 ] || wrong 'usage: submit.sh FLEET OUT'
[ -d "$1" ] || wrong "$1: there is no such folder"
fleet=$(realpath -- "$1")
out=$(realpath -m -- "$2")
P1_FLEET=$(dirname "$(realpath "$0")")
export P1_FLEET

meters=()
for folder in "$fleet"/*/; do
	meter=${folder%/}
	meter=${meter##*/}
	logs=("$folder"*.log?(.gz|.zst))
	if [[ $meter == *$'\n'* ]]; then
		wrong "$fleet: the name of a folder has more than one line: $(printf %q "$meter")"
	elif [ ${#logs[@]} = 0 ]; then
		echo "submit.sh: left out: $meter, in which there is no .log, .log.gz or .log.zst" >&2
	else
		meters+=("$meter")
	fi
done
[ ${#meters[@]} -gt 0 ] || wrong "$fleet: there is no folder with logs in it, one for each meter"

mkdir -p "$out/log"
list=$(mktemp "$out/log/meters.XXXXXXXX")
chmod 644 "$list"
printf '%s\n' "${meters[@]}" >"$list"
array=0-$((${#meters[@]} - 1))

repair=$(sbatch --parsable --array="$array" --output="$out/log/repair.%A.%a" --open-mode=append "$P1_FLEET/task.sh" repair "$fleet" "$out" "$list")
tables=$(sbatch --parsable --array="$array" --output="$out/log/tables.%A.%a" --open-mode=append --dependency="aftercorr:$repair" "$P1_FLEET/task.sh" tables "$fleet" "$out" "$list")
echo "submitted jobs $repair (repair) and $tables (tables), tasks $array of $list"
