"""Where the stages of the pipeline leave their outputs, below the repository's root."""

from pathlib import Path

RAW = Path("data/raw")
MESSAGES = Path("data/prepared/messages.parquet")
SPLITS = Path("data/prepared/splits.parquet")
FEATURES = Path("data/features")
HIDDEN = Path("data/hidden")
TRIMMED = Path("data/hidden/backbone")
LINEAR = Path("data/models/linear")
TRANSFORMER = Path("data/models/transformer")
ARTIFACT = Path("data/artifact")
FUSED_OOF = Path("data/models/fused-oof.npy")
EVALUATION = Path("data/evaluation")
