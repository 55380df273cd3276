"""Models as other people write them, for the tests of capturing: control flow, recurrence, dicts, and errors."""

import dataclasses
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class LooksAtValues(nn.Module):
    """Goes on or not by what a sum of values is, and as often as a value says."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(3))
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        for number in range(int((x * 0).max()) + 2):
            x = torch.relu(self.body[number](x))
        if x.sum() < -1:
            x = -x
        return self.head(x.mean((2, 3)))


class SharesAndRepeats(nn.Module):
    """Calls a module twice, has two modules with one weight, and a module that is never called."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(20, 6)
        self.twice = nn.Linear(6, 6)
        self.out = nn.Linear(6, 20, bias=False)
        self.out.weight = self.words.weight
        self.never = nn.Linear(3, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.out(self.twice(torch.tanh(self.twice(self.words(tokens)))))


@dataclasses.dataclass
class Answer:
    scores: Tensor
    hidden: Tensor


class GivesADataclass(nn.Module):
    """Reads a dict and a keyword argument, and gives a dataclass."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(5, 8), nn.Linear(8, 3)

    def forward(self, given: dict[str, Tensor], *, scale: Tensor) -> Answer:
        hidden = functional.gelu(self.first(given["x"])) * scale
        return Answer(self.last(hidden), hidden)


class WritesInPlace(nn.Module):
    """Writes into a slice of a buffer and reads the whole."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 1)
        self.fc = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        whole = torch.zeros(x.shape[0], 4, device=x.device)
        whole[:, :3] = self.conv(x).mean((2, 3))
        return self.fc(whole)


class Recurrent(nn.Module):
    """An LSTM of two layers over a sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 10, num_layers=2, batch_first=True)
        self.fc = nn.Linear(10, 3)

    def forward(self, x: Tensor) -> Tensor:
        out, _state = self.lstm(x)
        return self.fc(out[:, -1])


class Attends(nn.Module):
    """Attention written by hand with einsum, beside torch's own."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.own = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = self.qkv(x).chunk(3, -1)
        weights = torch.einsum("bqc,bkc->bqk", query, key).softmax(-1)
        return self.own(weights @ value, x, x)[0]


class Raises(nn.Module):
    """Its second layer does not fit the first."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(4, 5), nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(torch.relu(self.a(x)))


class KeepsACache(nn.Module):
    """Keeps tensors of the pass, counts its calls, draws random numbers and normalizes."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(4)
        self.cache: Any = None
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.cache = x * 2
        return self.norm(x + torch.rand_like(x)) + self.cache


class NeverEnds(nn.Module):
    """Goes on for ever."""

    def forward(self, x: Tensor) -> Tensor:
        while True:
            x = x + 1
