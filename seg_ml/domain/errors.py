"""Errors that the project raises. Each names the file, key or message at fault and what to do next.

    SegError
    ├── ConfigError               a setting, id or file that a person has to correct
    │   └── CorpusError           a labelled source is missing, damaged or of another shape
    ├── ArtifactMismatch          a model artifact differs from its manifest
    │   └── SchemaMismatch        its features or findings are not those it was trained on
    ├── ScoringUnavailable        no verdict from the model service
    │   ├── ScoringTimeout        ... within its deadline
    │   └── ScoringOverloaded     ... because it has more work than it takes
    ├── DeliveryError             downstream did not take the message
    ├── StoreError                quarantine or trace could not be written durably
    └── PromotionRefused          the gate said no; the message names the figure

Malformed mail is data (`Message.defects`), never one of these.
"""


class SegError(Exception):
    """Root of every error that the project raises on purpose."""


class ConfigError(SegError):
    """A setting, an id or a file that a person has to correct."""


class CorpusError(ConfigError):
    """A labelled source is missing, damaged or of another shape than its card says."""


class ArtifactMismatch(SegError):
    """A model artifact differs from its manifest; it is not loaded."""


class SchemaMismatch(ArtifactMismatch):
    """Findings or features are not those that the artifact was trained on."""


class ScoringUnavailable(SegError):
    """The model service gave no usable verdict."""


class ScoringTimeout(ScoringUnavailable):
    """The model service gave no verdict before its deadline."""


class ScoringOverloaded(ScoringUnavailable):
    """The model service has more work than it takes."""


class DeliveryError(SegError):
    """Downstream did not take the message.

    `code` and `text` are the reply that the sender should be given.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


class StoreError(SegError):
    """Quarantine or message trace could not be written durably."""


class PromotionRefused(SegError):
    """The promotion gate refused a model version; the message names the figure and its bound."""
