set -u
: "${SLURM_ARRAY_TASK_ID:?is not set: submit this script with sbatch}"
cd -- "$folder" || exit 3
shard=$SLURM_ARRAY_TASK_ID/$shards
round=''
if [ -n "$rounds" ]; then
  round=${1:?the number of a round is missing: sbatch array.sh ROUND, from 0 on, each after the one before}
  arguments+=(--round "$round")
fi
element=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
journal=$results/journal/shard-$SLURM_ARRAY_TASK_ID-of-$shards.journal

say() { echo "shard $shard${round:+ of round $round}: $*" >&2; }
recorded() { stat -c %s -- "$journal" 2>/dev/null || echo "$empty_journal"; }
preempted() {
  local job
  job=$(scontrol show job "$element" 2>/dev/null)
  [[ $job == *JobState=RUNNING* && $job =~ PreemptTime=[0-9] ]]
}

# Slurm sends USR1 to this shell alone, before the time limit, and TERM when it ends the job. Both reach burstnet as
# TERM: it finishes the trials that are running, records them, and ends with 143.
warned='' signalled='' sweeping=''
end_sweep() {
  signalled=yes
  [ -z "$sweeping" ] || kill -TERM "$sweeping" 2>/dev/null
}
trap 'warned=yes; say "the time limit is near: ends after the trials that are running"; end_sweep' USR1
trap end_sweep TERM

# Failed trials are retried once, not after every requeue.
if [ "$retry_failed" = yes ] && [ "${SLURM_RESTART_COUNT:-0}" -eq 0 ]; then arguments+=(--retry-failed); fi
before=$(recorded)
"$burstnet" sweep "${arguments[@]}" --shard "$shard" --threads "$SLURM_CPUS_PER_TASK" &
sweeping=$!
[ -z "$signalled" ] || kill -TERM "$sweeping"
last_call=''
while :; do
  if [ -n "$warned" ] && [ -z "$last_call" ]; then
    # Trials that take longer than this are given up, so that there is time left to queue the shard again.
    last_call=$((SECONDS + patience))
    while kill -0 "$sweeping" 2>/dev/null && [ "$SECONDS" -lt "$last_call" ]; do sleep 1; done
    kill -TERM "$sweeping" 2>/dev/null
  fi
  signalled=''
  wait "$sweeping"
  code=$?
  [ -n "$signalled" ] || break # burstnet ended, and not the wait for it by a signal
done

# Done, or stopped by an error that the next run would meet again.
[ "$code" -eq 143 ] || exit "$code"
if ! preempted; then
  [ -n "$warned" ] || exit 143 # cancelled, or Slurm itself queues it again
  if [ "$(recorded)" -le "$before" ]; then
    say "not one trial ended within the time limit, so it is not queued again; give it more time"
    exit 143
  fi
fi
if scontrol requeue "$element"; then
  say "queued again, to go on where it stopped"
else
  say "cannot be queued again; go on with: sbatch --array=$SLURM_ARRAY_TASK_ID $(printf '%q' "$scripts/array.sh")${round:+ $round}"
fi
exit 143
