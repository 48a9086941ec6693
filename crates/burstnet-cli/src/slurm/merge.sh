set -u
messages=$("$burstnet" merge "$results" 2>&1 >/dev/null)
code=$?
[ -z "$messages" ] || printf '%s\n' "$messages" >&2
case $code in
0 | 1) # 1: some trials failed; the tables say which
  "$burstnet" report "$results"
  exit
  ;;
4) # trials are missing or double
  if [ -n "$rounds" ] && grep -q ' missing of ' <<<"$messages"; then
    first=$(sed -n 's|^ *round \([0-9]*\) owes .*|\1|p' <<<"$messages")
    cat >&2 <<MESSAGE

To run what is missing, round by round, and merge after it:
  job=\$(sbatch --parsable $(printf '%q' "$scripts/array.sh") ${first:-0})
  for round in \$(seq $((${first:-0} + 1)) $((rounds - 1))); do
    job=\$(sbatch --parsable --dependency=afterany:\${job%%;*} $(printf '%q' "$scripts/array.sh") \$round)
  done
  sbatch --dependency=afterany:\${job%%;*} $(printf '%q' "$scripts/merge.sh")
The logs in $scripts/logs tell why the rounds ended.
MESSAGE
  elif grep -q ' missing of ' <<<"$messages"; then
    # If none of these shards began, or the last ones were others, none is named: then all; the done ones end at once.
    owing=$(sed -n "s|^ *shard \([0-9]*\)/$shards owes .*|\1|p" <<<"$messages" | paste -s -d ,)
    cat >&2 <<MESSAGE

To run what is missing, and merge after it:
  job=\$(sbatch --parsable ${owing:+--array=$owing }$(printf '%q' "$scripts/array.sh"))
  sbatch --dependency=afterany:\${job%%;*} $(printf '%q' "$scripts/merge.sh")
The logs in $scripts/logs tell why the shards ended.
MESSAGE
  fi
  ;;
esac
exit "$code"
