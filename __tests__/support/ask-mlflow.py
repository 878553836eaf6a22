"""Asks a real MLflow through its Python client what its judges and searches see of traces.

    python ask-mlflow.py EXPERIMENT_ID FILTER…

Prints JSON: each trace in the order of its start, the sessions' conversations, and how many traces each
filter finds.
"""

import json
import sys

import mlflow
from mlflow.genai.utils.trace_utils import (
    extract_available_tools_from_trace,
    extract_tools_called_from_trace,
    resolve_conversation_from_session,
)

experiment, *filters = sys.argv[1:]


def search(filter_string=None):
    return mlflow.search_traces(
        locations=[experiment], filter_string=filter_string, return_type="list", max_results=500
    )


def told(trace):
    has_tools = any(span.get_attribute("mlflow.chat.tools") for span in trace.data.spans)
    return {
        "trace_id": trace.info.trace_id,
        "state": str(trace.info.state.value),
        "preview": [trace.info.request_preview, trace.info.response_preview],
        "tags": {k: v for k, v in trace.info.tags.items() if k.startswith(("codex.", "git.", "row", "caller."))},
        "session": trace.info.trace_metadata.get("mlflow.trace.session"),
        "tools": [call.model_dump(exclude_none=True) for call in extract_tools_called_from_trace(trace)],
        # Where there are none MLflow would ask a model.
        "available": [tool.function.name for tool in extract_available_tools_from_trace(trace)] if has_tools else [],
        "tokens": trace.info.token_usage,
        "cost": json.loads(trace.info.trace_metadata.get("mlflow.trace.cost", "null")),
        "links": [
            {"trace_id": link.trace_id, "span_id": link.span_id}
            for span in trace.data.spans
            for link in (getattr(span, "links", None) or [])
        ],
    }


traces = sorted(search(), key=lambda trace: trace.info.timestamp_ms)
sessions = {}
for trace in traces:
    sessions.setdefault(trace.info.trace_metadata.get("mlflow.trace.session"), []).append(trace)
print(
    json.dumps(
        {
            "version": mlflow.__version__,
            "traces": [told(trace) for trace in traces],
            "conversations": {key: resolve_conversation_from_session(each) for key, each in sessions.items()},
            "found": {filter_string: len(search(filter_string)) for filter_string in filters},
        }
    )
)
