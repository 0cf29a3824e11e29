"""A BERT of two thin layers with random weights, in the form in which real backbones come."""

from __future__ import annotations

from pathlib import Path

from seg_ml.domain.digest import file_sha256


def tiny_backbone(folder: Path, texts: list[str], seed: int = 7) -> str:
    """Write `model.safetensors`, `config.json` and `tokenizer.json`; returns the weights' SHA-256."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from tokenizers.processors import BertProcessing
    from transformers import BertConfig, BertModel

    tokenizer = BertWordPieceTokenizer(lowercase=True)
    tokenizer.train_from_iterator(texts, vocab_size=600, show_progress=False)
    tokenizer.post_processor = BertProcessing(*(((name, tokenizer.token_to_id(name))) for name in ("[SEP]", "[CLS]")))
    torch.manual_seed(seed)
    size = tokenizer.get_vocab_size()
    config = BertConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=128,
    )  # fmt: skip
    folder.mkdir(parents=True)
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return file_sha256(folder / "model.safetensors")
