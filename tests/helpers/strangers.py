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


class CifarResNet(nn.Module):
    """ResNet-20 as most repositories for CIFAR write it: option A with zeros before and behind, pools as functions."""

    def __init__(self, before: float = 0.5, blocks: int = 3) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        widths = [(16, 16, 1), (16, 32, 2), (32, 64, 2)]
        self.layers = nn.Sequential(
            *(
                nn.Sequential(
                    CifarBlock(given, width, stride, before),
                    *(CifarBlock(width, width, 1, before) for _ in range(blocks - 1)),
                )
                for given, width, stride in widths
            )
        )
        self.linear = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers(functional.relu(self.bn1(self.conv1(x))))
        x = functional.avg_pool2d(x, x.size()[3])
        return self.linear(x.view(x.size(0), -1))


class CifarBlock(nn.Module):
    """A basic block; `before` is the share of the new channels that come before the others."""

    def __init__(self, given: int, width: int, stride: int, before: float) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(given, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.shortcut: nn.Module = nn.Sequential()
        if stride != 1 or given != width:
            front = int((width - given) * before)
            self.shortcut = Lambda(
                lambda x: functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, front, width - given - front), "constant", 0)
            )

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        out += self.shortcut(x)
        return functional.relu(out)


class Lambda(nn.Module):
    """A function as a module."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class SpellsItOut(nn.Module):
    """Has parameters, and calls torch's functions with them."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel, self.bias = nn.Parameter(torch.rand(8, 2, 3, 3)), nn.Parameter(torch.rand(8))
        self.wide = nn.Parameter(torch.rand(4, 8, 1, 5))
        self.matrix = nn.Parameter(torch.rand(3, 4))

    def forward(self, x: Tensor) -> Tensor:
        x = functional.conv2d(x, self.kernel, self.bias, stride=2, padding=1, groups=2)
        x = functional.max_pool2d(x, 2)
        x = functional.conv2d(x, self.wide, padding=(0, 2))
        return functional.linear(functional.adaptive_avg_pool2d(x, 1).flatten(1), self.matrix)


class UNet(nn.Module):
    """Down and up again, with what was before beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.deep = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 8, 3, 2, 1)
        self.up, self.last = nn.ConvTranspose2d(8, 4, 2, 2), nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        first = torch.relu(self.down(x))
        return self.last(torch.cat([first, self.up(torch.relu(self.deep(first)))], dim=1))


class TwoTowers(nn.Module):
    """One tower for two images, and the likeness of what it makes of them; gives it with a list of both."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())

    def forward(self, left: Tensor, right: Tensor) -> dict[str, Any]:
        both = [self.tower(left), self.tower(right)]
        return {"likeness": functional.cosine_similarity(*both), "both": both}


class UntilItSettles(nn.Module):
    """Repeats one step until its answer changes no more."""

    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        state = torch.zeros_like(x)
        for _round in range(50):
            after = torch.tanh(0.1 * self.step(state) + x)
            if (after - state).abs().max() < 1e-3:
                break
            state = after
        return state


class OnAGraph(nn.Module):
    """Passes messages along edges: gathers, adds by index, and multiplies by an adjacency matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.message, self.update = nn.Linear(5, 7), nn.GRUCell(7, 5)

    def forward(self, nodes: Tensor, edges: Tensor) -> Tensor:
        sent = self.message(nodes[edges[0]])
        heard = torch.zeros(len(nodes), 7, device=nodes.device).index_add(0, edges[1], sent)
        return self.update(heard, nodes) @ nodes.T
