"""Compares the candidates of `run_tasks.sh`: one line each, with the mean of every score.

    python compare_models.py --experiment-id 0 run=20261128-101500
"""

import argparse
import json
from collections import defaultdict

import mlflow
from evaluate_codex import SCORERS

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("tag", help="what run_tasks.sh printed")
parser.add_argument("--experiment-id", default="0")
arguments = parser.parse_args()
name, value = arguments.tag.split("=", 1)
mlflow.set_experiment(experiment_id=arguments.experiment_id)
by_candidate = defaultdict(list)
for trace in mlflow.search_traces(
    locations=[arguments.experiment_id], filter_string=f"tag.`{name}` = '{value}'", return_type="list"
):
    by_candidate[trace.info.tags.get("candidate", "unknown")].append(trace)
for candidate, traces in sorted(by_candidate.items()):
    result = mlflow.genai.evaluate(data=traces, scorers=SCORERS)
    completed = sum(trace.info.tags.get("codex.outcome") == "completed" for trace in traces)
    print(json.dumps({"candidate": candidate, "turns": len(traces), "completed": completed, **result.metrics}))
