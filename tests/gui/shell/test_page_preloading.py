"""The code of the pages is loaded beside the window."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
from PySide6.QtCore import QThread
from resviz.gui.app import make_application
from resviz.gui.main_window import MainWindow

application = make_application()
window = MainWindow(Path(sys.argv[1]))
assert "pyqtgraph" not in sys.modules, "the window must not wait for it"
window.preloader.start()
window.preloader.wait()
assert "torch" not in sys.modules
before = set(sys.modules)
for page in ("train", "compare", "lessons", "claims"):
    window.open(page)
for widget in application.allWidgets():
    assert widget.thread() is QThread.currentThread()
print(*sorted(name for name in set(sys.modules) - before if name.startswith(("resviz", "pyqtgraph", "pyarrow"))))
window.close()
"""


def test_a_page_that_is_opened_after_the_loading_imports_nothing_of_weight(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
