"""Tables and pictures of the notebooks: what is looked at while a model is thought about."""

import warnings

# A kernel without widgets shows no progress bar of tqdm, which says so on import.
warnings.filterwarnings("ignore", message="IProgress not found")
