"""MLflow behind one door. Nothing else in the project imports `mlflow`."""

import os

# MLflow reads these when it is imported, so they stand before any import of it.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
# A model is a quarter of a gigabyte at most; a progress bar for that only clutters a log.
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
# Seven tries with growing pauses would keep a person waiting four minutes for "the server is down".
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
