#!/bin/bash
# cluster.sh ROOT FLEET OUT: starts a Slurm cluster of two nodes on this machine, submits the work on
# FLEET to it, does harm to it meanwhile, and waits until all tasks have ended. Run it as root in
# namespaces of its own:
#
#	unshare --mount --pid --uts --fork --mount-proc cluster.sh ROOT FLEET OUT
#
# ROOT is an empty folder for what the cluster keeps. The node one has a full disk at first; its slurmd
# is killed after some seconds and begins again later; one step of the node two is killed.
set -euo pipefail

root=$1
fleet=$2
out=$3
here=$(dirname "$(realpath "$0")")

mount --make-rprivate /
mount -t tmpfs -o size=64m tmpfs "$root"
hostname p1head
echo '127.0.0.1 localhost p1head' >"$root/hosts"
mount --bind "$root/hosts" /etc/hosts

mkdir -p "$root"/{munge,ctl,one,two,log,scratch/one,scratch/two}
mount -t tmpfs -o size=20m tmpfs "$root/scratch/one"
head -c 20M /dev/zero >"$root/scratch/one/full" || true # the disk is full now
chmod 0700 "$root/munge"
head -c 1024 /dev/urandom >"$root/munge/key"
chmod 0400 "$root/munge/key"
munged --force --key-file="$root/munge/key" --socket="$root/munge/socket" --pid-file="$root/munge/pid" --log-file="$root/munge/log" --seed-file="$root/munge/seed"

cat >"$root/prolog" <<END
#!/bin/sh
echo export TMPDIR=$root/scratch/\$SLURMD_NODENAME
END
chmod +x "$root/prolog"
cat >"$root/slurm.conf" <<END
ClusterName=p1
SlurmctldHost=p1head
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$root/munge/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
TaskProlog=$root/prolog
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
StateSaveLocation=$root/ctl
SlurmdSpoolDir=$root/%n
SlurmctldPidFile=$root/ctl.pid
SlurmdPidFile=$root/%n.pid
SlurmctldLogFile=$root/log/ctl
SlurmdLogFile=$root/log/%n
SlurmctldPort=26817
SlurmdTimeout=10
ReturnToService=2
MailProg=/bin/true
SchedulerParameters=batch_sched_delay=1,sched_interval=2
NodeName=one NodeHostname=p1head NodeAddr=127.0.0.1 Port=26818 CPUs=2 State=UNKNOWN
NodeName=two NodeHostname=p1head NodeAddr=127.0.0.1 Port=26819 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=one,two Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$root/slurm.conf
slurmctld -c
slurmd -N one
slurmd -N two

until sinfo --noheader --states=idle --format=%D | grep -q 2; do sleep 0.5; done
"$here/../submit.sh" "$fleet" "$out"

sleep 6
rm "$root/scratch/one/full"
sleep 4
kill -9 "$(cat "$root/one.pid")" # its tasks run on
sleep 2
pkill -9 --full 'slurmstepd.*batch' --newest || true
sleep 15
slurmd -N one
while [ -n "$(squeue --noheader)" ]; do
	squeue --noheader --states=pending --format='%i %r' | grep -v -e Priority -e Resources -e Dependency -e BeginTime -e None || true
	! squeue --noheader --format=%r | grep DependencyNeverSatisfied || exit 1
	sleep 1
done
cp -r "$root/log" "$out/log/slurm"
