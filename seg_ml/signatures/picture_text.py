"""Text that stands in pictures, recognised by RapidOCR with the models of its package; nothing is fetched.

Half a second to two a picture on one core: off unless the settings ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from seg_ml.domain.errors import ConfigError
from seg_ml.domain.message import Message
from seg_ml.signatures.pictures import may_hold_pictures, pages_of, pictures_of
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PICTURES = 3
MIN_WIDTH, MIN_HEIGHT = 120, 40
MAX_SHOWN = 200
"""Characters of text up to which a mail with pictures counts as image-only."""

MAX_TEXT = 10_000


def is_image_only(message: Message) -> bool:
    """Whether pictures say what the message says."""
    return may_hold_pictures(message) and len(" ".join(message.text.split())) <= MAX_SHOWN


@lru_cache(maxsize=1)
def text_of_pictures(message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> str:
    """What the first pictures say, a line each as recognised, empty where they say nothing."""
    if not may_hold_pictures(message):
        return ""
    lines: list[str] = []
    read = 0
    for picture in _pictures(message, limits):
        if read >= MAX_PICTURES:
            break
        if picture.width >= MIN_WIDTH and picture.height >= MIN_HEIGHT:
            read += 1
            lines.extend(reader()(picture))
    return "\n".join(lines)[:MAX_TEXT]


def _pictures(message: Message, limits: ArchiveLimits) -> Iterator[Image]:
    """Pictures, then pages whose letters are paths: nothing else would read those."""
    yield from (picture for _, picture in pictures_of(message, limits))
    yield from (page.picture for _, page in pages_of(message, limits) if not page.written)


@lru_cache(maxsize=1)
def reader() -> Callable[[Image], tuple[str, ...]]:
    """The recogniser, loaded once.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise ConfigError("text in pictures: pip install 'seg-ml[ocr]', or set `ocr` to never") from error
    engine: Any = RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def recognise(picture: Image) -> tuple[str, ...]:
        found = engine(picture.convert("RGB"), use_cls=False)
        return tuple(found.txts or ())

    return recognise
