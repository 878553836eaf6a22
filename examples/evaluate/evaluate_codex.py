"""Scores the traces of Codex turns with code of one's own, and keeps the scores in MLflow.

    pip install mlflow          # 3.10 or later; run with 3.17.2 and 3.18.0
    export MLFLOW_TRACKING_URI=http://localhost:5000
    python evaluate_codex.py --experiment-id 0 --filter "tag.row = '7'"

Prints one line of JSON: how many turns were scored, and the mean of each score.
"""

import argparse
import json

import mlflow
from mlflow.entities import Feedback, SpanType
from mlflow.genai.scorers import scorer


def tools_of(trace):
    """The tools that did something: a script of code mode only calls others."""
    spans = trace.search_spans(span_type=SpanType.TOOL)
    parents = {span.parent_id for span in spans}
    return [span for span in spans if not (span.name == "exec" and span.span_id in parents)]


def root_of(trace):
    return next(span for span in trace.data.spans if span.parent_id is None)


@scorer
def failed_tools(trace):
    """How many tool calls failed, and which: a failure is a span's `exception` event."""
    failed = [
        f"{span.name}: {event.attributes['exception.message']}"
        for span in tools_of(trace)
        for event in span.events
        if event.name == "exception"
    ]
    return Feedback(value=len(failed), rationale="; ".join(failed) or "none failed")


@scorer
def touched_files(trace):
    """How many files the turn's patches changed."""
    paths = root_of(trace).attributes.get("codex.files.changed") or []
    return Feedback(value=len(paths), rationale=", ".join(paths) or "none")


@scorer
def total_tokens(trace):
    """All tokens of the turn, its sub-agents' included."""
    return (trace.info.token_usage or {}).get("total_tokens", 0)


@scorer
def cost_usd(trace):
    """What the turn cost; 0 where MLflow knows no price of the model."""
    cost = json.loads(trace.info.trace_metadata.get("mlflow.trace.cost", "{}"))
    return cost.get("total_cost", 0.0)


SCORERS = [failed_tools, touched_files, total_tokens, cost_usd]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiment-id", default="0")
    parser.add_argument("--filter", help="MLflow's search language, e.g. tag.`codex.model` = 'gpt-5.5'")
    arguments = parser.parse_args()
    mlflow.set_experiment(experiment_id=arguments.experiment_id)
    traces = mlflow.search_traces(
        locations=[arguments.experiment_id], filter_string=arguments.filter, return_type="list"
    )
    if not traces:
        raise SystemExit("no trace is found: run a turn in codex first, or search for less")
    result = mlflow.genai.evaluate(data=traces, scorers=SCORERS)
    print(json.dumps({"turns": len(traces), "run": result.run_id, **result.metrics}))


if __name__ == "__main__":
    main()
