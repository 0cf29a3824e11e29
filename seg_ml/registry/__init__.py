"""MLflow behind one door. Nothing else in the project imports `mlflow`."""

import os

# MLflow reads these when it is imported, so they stand before any import of it.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
