"""What was freed goes back to the system."""

import platform
import subprocess
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Only the C library of Linux can keep what was freed")
@pytest.mark.parametrize("kept", [True, False])
def test_a_step_of_training_finds_the_memory_of_the_step_before(kept: bool) -> None:
    """A block of 8 MB is asked for and freed again and again, in a thread as the window trains in one."""
    script = """
import ctypes, resource, sys, threading
from resviz.base.memory import keep_freed_memory, return_freed_memory
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
def step():
    blocks = [libc.malloc(8 << 20) for _ in range(20)]
    for block in blocks:
        ctypes.memset(block, 1, 8 << 20)
    for block in blocks:
        libc.free(block)
def train():
    step()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        step()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
(keep_freed_memory if sys.argv[1] == "True" else return_freed_memory)()
thread = threading.Thread(target=train)
thread.start()
thread.join()
"""
    faults = int(subprocess.run([sys.executable, "-c", script, str(kept)], capture_output=True, check=True).stdout)
    assert (faults < 100) == kept  # with huge pages there are few
