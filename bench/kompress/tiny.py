"""tiny: writes the small random models of tests/kompress/ and what transformers makes of them.

    python bench/kompress/tiny.py tests/kompress

Needs torch, transformers, tokenizers and safetensors; neither build nor tests do. `plain` is a ModernBERT with the usual head for classes of
tokens, `dual` one with the two heads of the Kompress models. Everything comes from one seed. golden.json has for each text the ids, the byte where
each token ends, and the share to keep of each token.
"""
import json
import os
import sys

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import ModernBertConfig, ModernBertForTokenClassification, ModernBertModel

SPECIAL = ['[UNK]', '[CLS]', '[SEP]', '[PAD]', '[MASK]']
WORDS = 'the river of the morning and the people who walk slowly over the green house talk about the weather of their house. '
TEXTS = [
    'The people walk over the river.',
    "It isn't so: 3 of 17 houses, by the river  (with two blanks)\nand a line; don't walk!",
    'caf\u00e9 na\u00efve \u2014 \u65e5\u672c\u8a9e and \U0001f600 too',
    'the people talk about the green house by the river in the morning, and ' * 3,
    '',
    ' ',
    'x',
]


def tokenizer():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=320, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    t.train_from_iterator([WORDS * 20] + TEXTS, trainer)
    t.add_tokens(['  ', '   '])
    cls, sep = t.token_to_id('[CLS]'), t.token_to_id('[SEP]')
    t.post_processor = processors.TemplateProcessing(single='[CLS] $A [SEP]', special_tokens=[('[CLS]', cls), ('[SEP]', sep)])
    return t


def config(t, **more):
    return ModernBertConfig(vocab_size=t.get_vocab_size(), local_attention=16, global_attn_every_n_layers=3, pad_token_id=t.token_to_id('[PAD]'),
                            cls_token_id=t.token_to_id('[CLS]'), sep_token_id=t.token_to_id('[SEP]'), bos_token_id=t.token_to_id('[CLS]'),
                            eos_token_id=t.token_to_id('[SEP]'), num_labels=2, max_position_embeddings=512, initializer_range=0.3, **more)


def randomize(model):
    for name, p in model.named_parameters():
        with torch.no_grad():
            p.copy_(1 + 0.2 * torch.randn_like(p) if 'norm' in name else p + 0.1 * torch.randn_like(p))


# One type of number after the other, so that all are read; what was rounded is what is computed with.
def rounded(state):
    kinds = [torch.float16, torch.bfloat16, torch.float32]
    small = {name: t.to(torch.float32 if t.dim() == 1 else kinds[i % 2]).contiguous() for i, (name, t) in enumerate(sorted(state.items()))}
    return small, {name: t.float() for name, t in small.items()}


def write(directory, t, conf, state, keep_of):
    os.makedirs(directory, exist_ok=True)
    t.save(os.path.join(directory, 'tokenizer.json'), pretty=False)
    with open(os.path.join(directory, 'config.json'), 'w') as f:
        json.dump(conf.to_dict(), f, indent=1, sort_keys=True, default=str)
    save_file(state, os.path.join(directory, 'model.safetensors'))
    rows = []
    for text in TEXTS:
        e = t.encode(text)
        ends = [len(text[:end].encode()) for _, end in e.offsets]
        with torch.no_grad():
            keep = keep_of(torch.tensor([e.ids]), torch.ones(1, len(e.ids), dtype=torch.long))[0].tolist()
        rows.append({'text': text, 'ids': e.ids, 'ends': ends, 'keep': [round(k, 6) for k in keep]})
    with open(os.path.join(directory, 'golden.json'), 'w') as f:
        json.dump(rows, f, separators=(',', ':'))
        f.write('\n')


class Dual(torch.nn.Module):
    def __init__(self, conf):
        super().__init__()
        self.encoder = ModernBertModel(conf)
        self.token_head = torch.nn.Linear(conf.hidden_size, 2)
        self.span_conv = torch.nn.Sequential(torch.nn.Conv1d(conf.hidden_size, 8, 5, padding=2), torch.nn.GELU(), torch.nn.Conv1d(8, 1, 3, padding=1), torch.nn.Sigmoid())

    def forward(self, ids, mask):
        hidden = self.encoder(ids, attention_mask=mask).last_hidden_state
        span = self.span_conv(hidden.transpose(1, 2)).squeeze(1)
        return torch.softmax(self.token_head(hidden), -1)[..., 1] * (0.5 + 0.5 * span)


def main():
    torch.manual_seed(20261128)
    t = tokenizer()
    conf = config(t, hidden_size=32, num_hidden_layers=4, num_attention_heads=2, intermediate_size=48)
    plain = ModernBertForTokenClassification(conf).eval()
    randomize(plain)
    state, exact = rounded(plain.state_dict())
    plain.load_state_dict(exact)
    write(os.path.join(sys.argv[1], 'plain'), t, conf, state, lambda ids, mask: torch.softmax(plain(ids, attention_mask=mask).logits, -1)[..., 1])
    conf = config(t, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24)
    dual = Dual(conf).eval()
    randomize(dual)
    state, exact = rounded(dual.state_dict())
    dual.load_state_dict(exact)
    write(os.path.join(sys.argv[1], 'dual'), t, conf, state, dual)


if __name__ == '__main__':
    main()
