"""Encoders of two thin layers with random weights, in the forms in which real backbones come."""

from __future__ import annotations

import re
from collections import Counter
from math import log
from pathlib import Path
from typing import Any

from seg_ml.domain.digest import file_sha256

_SHAPE: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
_BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_XLM = ["<s>", "<pad>", "</s>", "<unk>"]
_WORDS = 400


def tiny_backbone(folder: Path, texts: list[str], seed: int = 7) -> str:
    """Write a BERT: `model.safetensors`, `config.json` and `tokenizer.json`; returns the weights' SHA-256."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from tokenizers.processors import BertProcessing
    from transformers import BertConfig, BertModel

    words, letters = _frequent([text.casefold() for text in texts])
    pieces = [*_BERT, *letters, *(f"##{letter}" for letter in letters), *words]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = BertWordPieceTokenizer(vocabulary, lowercase=True)
    tokenizer.add_special_tokens(_BERT)
    tokenizer.post_processor = BertProcessing(*(((name, tokenizer.token_to_id(name))) for name in ("[SEP]", "[CLS]")))
    torch.manual_seed(seed)
    folder.mkdir(parents=True)
    config = BertConfig(vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=128, **_SHAPE)
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return file_sha256(folder / "model.safetensors")


def tiny_multilingual(folder: Path, texts: list[str], seed: int = 7) -> str:
    """The same as an XLM-RoBERTa: its positions begin after the padding's number, its subwords are SentencePiece's."""
    import torch
    from tokenizers import SentencePieceUnigramTokenizer
    from tokenizers.models import Unigram
    from tokenizers.processors import TemplateProcessing
    from transformers import XLMRobertaConfig, XLMRobertaModel

    words, letters = _frequent(texts)
    total = sum(words.values())
    pieces = {f"▁{word}": log(count / total) for word, count in words.items()} | dict.fromkeys(("▁", *letters), -20.0)
    tokenizer = SentencePieceUnigramTokenizer()
    tokenizer.model = Unigram(list(({**dict.fromkeys(_XLM, 0.0), **pieces}).items()), unk_id=3)
    tokenizer.add_special_tokens(_XLM)
    ends = [(name, tokenizer.token_to_id(name)) for name in ("<s>", "</s>")]
    tokenizer.post_processor = TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>", ends)
    torch.manual_seed(seed)
    folder.mkdir(parents=True)
    config = XLMRobertaConfig(
        vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=130, type_vocab_size=1, pad_token_id=1, **_SHAPE
    )
    XLMRobertaModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return file_sha256(folder / "model.safetensors")


def _frequent(texts: list[str]) -> tuple[dict[str, int], list[str]]:
    """The most frequent words with their counts, and every letter. (A trainer learns something else in every run.)"""
    counts = Counter(word for text in texts for word in re.findall(r"[^\W_]+", text))
    frequent = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_WORDS]
    return dict(frequent), sorted({letter for text in texts for letter in text if not letter.isspace()})
