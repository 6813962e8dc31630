"""full: writes two models of the size of ModernBERT-base (22 layers of 768, 50,368 tokens) with random weights, one for each kind of heads (tiny.py), and what
transformers makes of real texts with them, for bench_kompress.

    python bench/kompress/full.py DIR FILE...
    build/release/bench/bench_kompress DIR/plain
    build/release/bench/bench_kompress DIR/dual

Needs torch, transformers, tokenizers and safetensors. The tokenizer is trained on the files, and each of the first of them gives a text. The weights
are drawn so that the shares to keep lie anywhere between 0 and 1. 600 MB are written, 300 for each; everything comes from one seed.
"""
import os
import sys

import tiny
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import ModernBertConfig, ModernBertForTokenClassification

VOCAB = 50368
TEXTS = 8
TEXT_CHARS = 4000
TEXT_TOKENS = 500  # more than what a local layer sees, less than a window


def tokenizer(files):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(files, trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=tiny.SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    t.post_processor = processors.TemplateProcessing(single='[CLS] $A [SEP]', special_tokens=[(s, t.token_to_id(s)) for s in ('[CLS]', '[SEP]')])
    return t


def beginning(t, text):
    return text[:t.encode(text[:TEXT_CHARS]).offsets[TEXT_TOKENS][0]]


def config(t):
    ids = {f'{name}_token_id': t.token_to_id(token) for name, token in (('pad', '[PAD]'), ('cls', '[CLS]'), ('sep', '[SEP]'), ('bos', '[CLS]'), ('eos', '[SEP]'))}
    return ModernBertConfig(vocab_size=VOCAB, hidden_size=768, num_hidden_layers=22, num_attention_heads=12, intermediate_size=1152, local_attention=128,
                            global_attn_every_n_layers=3, num_labels=2, **ids)


def write(directory, t, model, keep_of):
    for name, p in model.named_parameters():
        with torch.no_grad():
            p.copy_(1 + 0.2 * torch.randn_like(p) if 'norm' in name else 2 * p)
    state, exact = tiny.rounded(model.state_dict())
    model.load_state_dict(exact)
    print(f'{directory}: {sum(p.numel() for p in model.parameters()):,} parameters, {t.get_vocab_size():,} tokens')
    tiny.write(directory, t, config(t), state, keep_of)


def main():
    torch.manual_seed(20261129)
    files = []
    for path in sys.argv[2:]:
        with open(path, encoding='utf-8', errors='replace') as f:
            files.append(f.read())
    t = tokenizer(files)
    tiny.TEXTS = [beginning(t, text[len(text) // 3:]) for text in files if len(text) > 3 * TEXT_CHARS][:TEXTS]
    plain = ModernBertForTokenClassification(config(t)).eval()
    write(os.path.join(sys.argv[1], 'plain'), t, plain, lambda ids, mask: torch.softmax(plain(ids, attention_mask=mask).logits, -1)[..., 1])
    dual = tiny.Dual(config(t)).eval()
    write(os.path.join(sys.argv[1], 'dual'), t, dual, dual)


main()
