/** MLflow's attribute names and values (`mlflow/tracing/constant.py`, 3.6 to 3.17). */
export const MLFLOW_SPAN_TYPE = 'mlflow.spanType';
export const MLFLOW_SPAN_INPUTS = 'mlflow.spanInputs';
export const MLFLOW_SPAN_OUTPUTS = 'mlflow.spanOutputs';
export const MLFLOW_LLM_MODEL = 'mlflow.llm.model';
export const MLFLOW_LLM_PROVIDER = 'mlflow.llm.provider';
/** In US dollars, where the server would work it out wrongly; the trace's cost is the sum. */
export const MLFLOW_LLM_COST = 'mlflow.llm.cost';
/** The tools a model is offered, in OpenAI's shape; MLflow collects them over a trace. */
export const MLFLOW_CHAT_TOOLS = 'mlflow.chat.tools';
/** Only on LLM spans: MLflow adds them up for the trace. */
export const MLFLOW_CHAT_TOKEN_USAGE = 'mlflow.chat.tokenUsage';
/** On the root: `mlflow.traceTag.<key>` becomes the trace's tag `<key>` (3.15 and later). */
export const MLFLOW_TRACE_TAG_PREFIX = 'mlflow.traceTag.';
export const MLFLOW_TRACE_NAME_TAG = 'mlflow.traceName';
