"""A step of work as one CUDA graph: for small nets on a GPU, launching kernels takes longer than running them.

What is captured must read and write the same memory each time: the batch is copied into a buffer, the learning rate is
a tensor, and probes write one row in place (`recorder`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

WARM_UP = 3
"""Times that work runs as usual first: libraries choose their algorithms, the optimizer makes its buffers."""


class CudaGraphStep:
    """Runs work that comes in a few kinds, each captured when it has run a few times; without a GPU, as usual."""

    def __init__(self, work: Callable[[], None], device: torch.device) -> None:
        self._work, self._device = work, device
        self._runs: dict[Hashable, int] = {}
        self._graphs: dict[Hashable, torch.cuda.CUDAGraph] = {}
        self._own_stream: torch.cuda.Stream | None = None

    def __call__(self, kind: Hashable = None) -> None:
        """Do the work once. `kind` names what differs from one call to another: each kind is a graph of its own."""
        if self._device.type != "cuda":
            self._work()
            return
        graph = self._graphs.get(kind)
        if graph is None and self._runs.get(kind, 0) >= WARM_UP:
            graph = self._graphs[kind] = self._capture()
        if graph is None:
            self._runs[kind] = self._runs.get(kind, 0) + 1
            self._on_side_stream()
        else:
            graph.replay()

    def forget(self) -> None:
        """Forget the captured step. Call it when captured memory has been replaced."""
        self._graphs.clear()
        self._runs.clear()

    def _on_side_stream(self) -> None:
        """On a stream of its own, as capture wants the runs before it."""
        stream = self._stream()
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            self._work()
        torch.cuda.current_stream(self._device).wait_stream(stream)

    def _capture(self) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device), torch.cuda.graph(graph, stream=self._stream()):
            self._work()
        return graph

    def _stream(self) -> torch.cuda.Stream:
        """One stream on the net's own device, for the runs before capture and for capture."""
        if self._own_stream is None:
            self._own_stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        return self._own_stream
