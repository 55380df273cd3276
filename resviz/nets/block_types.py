"""The registry of building blocks: what NetSpec's `unit` can be, and what each block is called and explained as.

A block registers itself with `@register_block` in a file of `nets/blocks`; validation, BUILD's options, sweeps and the
export to PyTorch read the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

AddBlock = Callable[..., str]
"""(builder, source, name, block, stride, spec) -> the name of the block's last layer."""


@dataclass(frozen=True)
class BlockType:
    """A kind of block.

    `add` adds its layers to a GraphBuilder. `title` and `explanation` are shown among BUILD's options, and `class_name`
    is its class in an exported PyTorch file. `options` are the fields of NetSpec that this block reads and others
    ignore.
    """

    name: str
    title: str
    explanation: str
    class_name: str
    add: AddBlock
    options: frozenset[str] = frozenset()


BLOCKS: dict[str, BlockType] = {}
"""By name, in the order of registration."""


def register_block(
    name: str, *, title: str, explanation: str, class_name: str, options: tuple[str, ...] = ()
) -> Callable[[Any], Any]:
    """Register the decorated function as the block of a name. Raises ValueError for a name that is taken."""

    def register(add: AddBlock) -> AddBlock:
        if name in BLOCKS:
            raise ValueError(f"block {name!r} is registered twice")
        BLOCKS[name] = BlockType(name, title, explanation, class_name, add, frozenset(options))
        return add

    return register
