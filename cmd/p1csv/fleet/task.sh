#!/bin/bash
# task.sh STAGE FLEET OUT LIST: what one task of a Slurm job array does; submit.sh submits it. The
# number of the task is the meter's line in LIST, from 0.
#
# A task whose node dies is begun again by Slurm. One that fails, as on a node whose disk is full,
# asks for that itself, on another node, up to three times; but not where meter.sh says that it would fail
# anywhere (2).
#SBATCH --requeue
set -euo pipefail

stage=$1
id=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
restarts=${SLURM_RESTART_COUNT:-0}
export P1_TASK=$SLURM_ARRAY_JOB_ID.$SLURM_ARRAY_TASK_ID.$restarts

meter=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" "$4")
if [ -z "$meter" ]; then
	echo "task.sh: $4 has no line for task $SLURM_ARRAY_TASK_ID" >&2
	exit 2
fi
status=0
"$P1_FLEET/meter.sh" "$stage" "$2/$meter" "$3" || status=$?
[ "$status" != 0 ] || exit 0

echo "task.sh: $stage of meter $meter failed with $status on $SLURMD_NODENAME, restart $restarts" >&2
if [ "$status" != 2 ] && [ "$restarts" -lt 3 ]; then
	trap '' TERM # by which Slurm ends this task
	scontrol requeuehold "$id"
	until scontrol update "JobId=$id" "ExcNodeList=$SLURMD_NODENAME" 2>/dev/null; do sleep 0.1; done
	scontrol release "$id"
fi
exit "$status"
