"""A file server on this machine whose first answer breaks off."""

import hashlib
import http.server
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from resviz.training.data.data_sets import DataInfo, RemoteFile

CONTENT = np.random.default_rng(0).integers(0, 256, 1_000_000, np.uint8).tobytes()


class FileServer(http.server.BaseHTTPRequestHandler):
    """Sends CONTENT, from where it is asked to; the first answer breaks off."""

    broke_off = False
    ranges: list[str | None]

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        type(self).ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        if not type(self).broke_off:
            type(self).broke_off = True
            self.wfile.write(CONTENT[start : start + 400_000])
            return
        self.wfile.write(CONTENT[start:])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    FileServer.broke_off, FileServer.ranges = False, []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), FileServer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/data.bin"
        server.shutdown()
        thread.join()


def data_info(url: str, content: bytes = CONTENT) -> DataInfo:
    return DataInfo("test", (1, 1, 1), 2, "cifar", "", 0, (RemoteFile(url, hashlib.sha256(content).hexdigest()),))
