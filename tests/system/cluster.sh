#!/usr/bin/env bash
# A Slurm of one node on 127.0.0.1, without systemd: sourced by the tests that need one.

# Installs Debian's packages if they are missing; needs root for that.
install_slurm() {
  local tool
  for tool in slurmctld slurmd munged sbatch; do
    command -v "$tool" >/dev/null && continue
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm munge >/dev/null
    return
  done
}

# start_cluster FOLDER: starts the daemons with their own configuration, key, socket, ports, state and logs there.
start_cluster() {
  cluster=$1
  local host ports
  host=$(hostname -s)
  mkdir -p "$cluster/state" "$cluster/spool"
  dd if=/dev/urandom of="$cluster/munge.key" bs=64 count=1 status=none
  chmod 600 "$cluster/munge.key"
  read -ra ports < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))')
  # Eight processors, whatever the machine has, so that all shards of a test run at once. A requeued job waits as long as
  # a credential lasts (cred_expire), which is two minutes by default.
  cat >"$cluster/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/munge.socket,cred_expire=5
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.pid
SlurmctldLogFile=$cluster/slurmctld.log
SlurmdLogFile=$cluster/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,bf_interval=2
MinJobAge=3600
NodeName=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=500
PartitionName=main Nodes=$host Default=YES
CONF
  export SLURM_CONF=$cluster/slurm.conf
  munged --force --key-file="$cluster/munge.key" --socket="$cluster/munge.socket" --pid-file="$cluster/munged.pid" \
    --log-file="$cluster/munged.log" --seed-file="$cluster/munge.seed" 2>"$cluster/munged.err"
  slurmctld -c
  slurmd
  poll 60 "the node is idle" node_is_idle
}

node_is_idle() { [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }

# The processes that were started with this cluster's configuration: the daemons and whatever they run.
cluster_processes() {
  env -u SLURM_CONF grep -lzxF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}

# Ends them all.
stop_cluster() {
  local signal tries pids
  [ -n "${SLURM_CONF:-}" ] || return 0
  for signal in TERM KILL; do
    for tries in {1..50}; do
      mapfile -t pids < <(cluster_processes)
      [ "${#pids[@]}" -gt 0 ] || return 0
      [ "$tries" -gt 1 ] || kill -s "$signal" "${pids[@]}" 2>/dev/null || true
      sleep 0.1
    done
  done
}

# poll SECONDS WHAT COMMAND...: until the command succeeds.
poll() {
  local limit=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$limit" ] || fail "waited too long until $what"
    sleep 0.1
  done
}

# The state of a job or a task of an array, such as RUNNING, and its exit code.
state() { scontrol --oneliner show job "$1" 2>/dev/null | grep -m 1 -o 'JobState=[A-Z_]*' | cut -d= -f2; }
exit_code() { scontrol --oneliner show job "$1" | grep -m 1 -o ' ExitCode=[0-9]*' | cut -d= -f2; }
is() { [ "$(state "$1")" = "$2" ]; }
has_ended() { [[ $(state "$1") =~ ^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY)$ ]]; }
