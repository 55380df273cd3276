"""A small BERT in Hugging Face's trainer, watched: two lines are Resviz's."""

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

from resviz.integrations.transformers import Watch

config = BertConfig(hidden_size=32, num_hidden_layers=3, num_attention_heads=2, intermediate_size=64, vocab_size=100)
model = BertForSequenceClassification(config)
examples = [{"input_ids": torch.randint(100, (16,)), "labels": number % 2} for number in range(128)]
arguments = TrainingArguments(
    "out", num_train_epochs=1, use_cpu=True, report_to=[], logging_steps=1, save_strategy="no"
)
Trainer(model=model, args=arguments, train_dataset=examples, callbacks=[Watch(title="bert")]).train()
