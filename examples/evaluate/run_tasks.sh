#!/bin/sh
# Runs each line of a file as a task of `codex exec`, once a model, and tags the traces.
#
#     sh run_tasks.sh tasks.txt gpt-5.5 gpt-6.1-sol
#
# Prints the tag by which this run's traces are found.
set -eu
tasks=$1
shift
run=$(date +%Y%m%d-%H%M%S)
for model in "$@"; do
  row=0
  while IFS= read -r task; do
    row=$((row + 1))
    MLFLOW_CODEX_TAGS="run=$run,row=$row,candidate=$model" \
      codex exec --model "$model" --skip-git-repo-check "$task" </dev/null >&2 || true
  done <"$tasks"
done
# Failed turns are announced to nobody: this sends them, and what a busy server has not taken yet.
MLFLOW_CODEX_TAGS="run=$run" mlflow-codex sync >&2
echo "run=$run"
