"""Encoders of two thin layers with random weights, in the forms in which real backbones come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seg_ml.domain.digest import file_sha256

_SHAPE: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def tiny_backbone(folder: Path, texts: list[str], seed: int = 7) -> str:
    """Write a BERT: `model.safetensors`, `config.json` and `tokenizer.json`; returns the weights' SHA-256."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from tokenizers.processors import BertProcessing
    from transformers import BertConfig, BertModel

    tokenizer = BertWordPieceTokenizer(lowercase=True)
    tokenizer.train_from_iterator(texts, vocab_size=600, show_progress=False)
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
    from tokenizers.processors import TemplateProcessing
    from transformers import XLMRobertaConfig, XLMRobertaModel

    tokenizer = SentencePieceUnigramTokenizer()
    tokenizer.train_from_iterator(
        texts,
        vocab_size=600,
        show_progress=False,
        special_tokens=_SPECIAL,
        unk_token="<unk>",  # noqa: S106 - no secret
    )
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
