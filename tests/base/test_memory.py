"""What was freed goes back to the system."""

import sys

import psutil
import pytest

from resviz.base.memory import return_freed_memory


@pytest.mark.skipif(sys.platform != "linux", reason="Only the C library of Linux keeps what was freed")
def test_freed_memory_is_given_back() -> None:
    process = psutil.Process()
    blocks = [bytes(20_000) for _block in range(5_000)]
    above = bytes(20_000)  # what is still in use above them keeps the C library from giving them back by itself
    held = process.memory_info().rss
    del blocks
    return_freed_memory()
    assert held - process.memory_info().rss > 50_000_000
    assert above
