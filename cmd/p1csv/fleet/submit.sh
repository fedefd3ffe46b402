#!/bin/bash
# submit.sh FLEET OUT: submits the work on all meters to Slurm. FLEET holds a folder of logs for each meter.
# Each stage is a job array with a task for each meter; the tables of a meter wait only for its own repair.
# FLEET, OUT and this folder must have the same names on all nodes, and p1's commands be in PATH there.
set -euo pipefail

fleet=$(realpath "$1")
out=$(realpath -m "$2")
P1_FLEET=$(dirname "$(realpath "$0")")
export P1_FLEET

mkdir -p "$out/log"
(cd "$fleet" && printf '%s\n' */) | sed 's:/$::' >"$out/meters.txt"
array=0-$(($(wc -l <"$out/meters.txt") - 1))

repair=$(sbatch --parsable --array="$array" --output="$out/log/repair.%a" --open-mode=append "$P1_FLEET/task.sh" repair "$fleet" "$out")
tables=$(sbatch --parsable --array="$array" --output="$out/log/tables.%a" --open-mode=append --dependency="aftercorr:$repair" "$P1_FLEET/task.sh" tables "$fleet" "$out")
echo "submitted jobs $repair (repair) and $tables (tables), tasks $array"
