"""Weights that others trained: read from a file once, checked and kept, and then what a training begins with.

Files of torch are read by torch's restricted unpickler (`weights_only`), which runs no code. What is kept is a
safetensors file, and only this is read when a net is trained.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from resviz.base.atomic_files import write_whole
from resviz.base.errors import DataError, user_message
from resviz.base.translation import N_, _
from resviz.training.data.published_weights import SUFFIX, weights_folder

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.nets.graph import Graph

_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})$")
"""What torch.hub puts at the end of a file's name: the beginning of its SHA-256."""
_NOT_IN_A_NAME = re.compile(r"[^\w.+-]", re.ASCII)
_LONGEST_NAME = 80
_LARGEST = 8 << 30
_NESTED = ("state_dict", "model")
"""Where training programs put the weights in their checkpoints."""
_PREFIXES = ("net.", "module.")
"""Before each name in our own checkpoints, and in those of DistributedDataParallel."""
_COUNTER = "num_batches_tracked"
"""A number that changes nothing of what a net computes; older files have none."""


_OTHER_NET = N_("Train the net that they belong to, or clear the setting “trained weights”.")


def import_weights(path: Path, folder: Path | None = None) -> str:
    """Check a file of weights and keep it as safetensors. Return the name under which a recipe finds it.

    The name ends with the beginning of the file's SHA-256. Raise DataError if the file can't be read, is no set of
    named tensors, or is not what the hash in its own name says.
    """
    if not path.is_file():
        raise DataError(
            _("{path} is not a file. Choose weights (.pth, .pt or .safetensors), or a net of `resviz weights`.").format(
                path=path
            )
        )
    try:
        digest = _sha256(path)
        stated = _HASH_IN_NAME.search(path.stem)
        if stated and not digest.startswith(stated[1]):
            raise DataError(
                _("{path}: its SHA-256 is {found}…, but its name says {stated}. Fetch the file again.").format(
                    path=path, found=digest[:12], stated=stated[1]
                )
            )
        tensors = _checked(_read(path), path)
        stem = _NOT_IN_A_NAME.sub("_", _HASH_IN_NAME.sub("", path.stem)).strip(".")[:_LONGEST_NAME]
        name = f"{stem or 'weights'}-{digest[:8]}"
        folder = folder or weights_folder()
        folder.mkdir(parents=True, exist_ok=True)
        about = {"source": path.name, "sha256": digest}
        about["content"] = _content(tensors, about)
        write_whole(folder / f"{name}{SUFFIX}", save(tensors, about))
    except OSError as error:
        raise DataError(user_message(error)) from None
    return name


def load_weights(module: nn.Module, graph: Graph, name: str, folder: Path | None = None) -> None:
    """Copy kept weights into a graph's module.

    Every parameter and statistic must be there in its shape. The last layer alone may differ, because the data may
    have other classes: then it keeps the weights that it has.

    Raise DataError if there are none of this name, or they belong to another net.
    """
    path = (folder or weights_folder()) / f"{name}{SUFFIX}"
    if not path.is_file():
        raise DataError(
            _("There are no weights {name} in {folder}. Import the file with `resviz weights FILE`.").format(
                name=name, folder=path.parent
            )
        )
    tensors = _kept(path)
    own = module.state_dict()
    heads = tuple(f"{layer.name}." for layer in graph.outputs)
    for key in [*own, *tensors]:
        if key.startswith(heads) or key.endswith(_COUNTER):
            continue
        if key not in own or key not in tensors or own[key].shape != tensors[key].shape:
            raise DataError(_misfit(name, graph, key, own.get(key), tensors.get(key)))
    with torch.no_grad():
        for key, value in own.items():
            if key in tensors and value.shape == tensors[key].shape:
                value.copy_(tensors[key])


def _misfit(name: str, graph: Graph, key: str, own: Tensor | None, theirs: Tensor | None) -> str:
    net = graph.name
    if own is None:
        hint = _("Build the net with shortcut B.") if ".downsample." in key else _(_OTHER_NET)
        return _("The weights {name} have {key}, and {net} has not.").format(name=name, key=key, net=net) + " " + hint
    if theirs is None:
        text = _("{net} has {key}, and the weights {name} have not.").format(name=name, key=key, net=net)
        return f"{text} {_(_OTHER_NET)}"
    shapes = ["×".join(map(str, one.shape)) for one in (own, theirs)]
    text = _("{key} is {own} in {net}, and {theirs} in the weights {name}.").format(
        key=key, own=shapes[0], net=net, theirs=shapes[1], name=name
    )
    if own.ndim == 4 and own.shape[0] == theirs.shape[0] and own.shape[2:] == theirs.shape[2:]:
        text += " " + _("Use data of {channels} channels.").format(channels=theirs.shape[1])
    return text


def _sha256(path: Path) -> str:
    size = path.stat().st_size
    if size > _LARGEST:
        raise DataError(
            _("{path} has {size} bytes. Files of weights may have up to {most}.").format(
                path=path, size=size, most=_LARGEST
            )
        )
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> Any:
    """Return what the file holds. Whatever is wrong with a stranger's file, it is one line."""
    try:
        if path.suffix == SUFFIX:
            return load_file(path)
        if zipfile.is_zipfile(path):
            _check_size(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, DataError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:120]
        details = f" ({reason})" if " " in reason else ""  # a number alone tells nobody anything
        raise DataError(
            _(
                "{path}: no weights could be read{details}. Files of torch.save, with tensors alone, and safetensors "
                "are read."
            ).format(path=path, details=details)
        ) from None


def _check_size(path: Path) -> None:
    """Refuse an archive that is compressed: torch writes none, and a small one may need any amount of memory."""
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > path.stat().st_size:
        raise DataError(
            _("{path} is a compressed archive, which torch does not write. Save the weights again.").format(path=path)
        )


def _checked(found: Any, path: Path) -> dict[str, Tensor]:
    """Return the named tensors of a file, all finite, without what training programs put around them."""
    for key in _NESTED:
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    if not isinstance(found, dict) or not found or not all(isinstance(key, str) for key in found):
        raise DataError(_("{path} holds no named tensors. Save a module's state_dict().").format(path=path))
    for prefix in _PREFIXES:
        if any(key.startswith(prefix) for key in found):
            found = {key.removeprefix(prefix): value for key, value in found.items() if key.startswith(prefix)}
    tensors: dict[str, Tensor] = {}
    for key, value in found.items():
        if not isinstance(value, Tensor) or value.layout != torch.strided:
            raise DataError(_("{path}: {key} is no tensor. Save a module's state_dict().").format(path=path, key=key))
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise DataError(_("{path}: {key} has numbers that are not finite.").format(path=path, key=key))
        tensors[key] = value.detach().clone(
            memory_format=torch.contiguous_format
        )  # some share memory, which safetensors does not write
    return tensors


def _kept(path: Path) -> dict[str, Tensor]:
    """Read weights that were kept. Raise DataError if they are not what was kept."""
    about: dict[str, str] = {}
    tensors: dict[str, Tensor] = {}
    with suppress(SafetensorError, OSError):
        with safe_open(path, "pt") as file:
            about = file.metadata() or {}
        tensors = load_file(path)
    if not tensors or _content(tensors, about) != about.get("content"):
        raise DataError(_("{path} is damaged. Import the weights again.").format(path=path))
    return tensors


def _content(tensors: dict[str, Tensor], about: dict[str, str]) -> str:
    """Return the SHA-256 of names and numbers, in the order of the names, and of where they are from."""
    digest = hashlib.sha256(f"{about.get('source')} {about.get('sha256')}\n".encode())
    for key in sorted(tensors):
        digest.update(f"{key} {tensors[key].dtype} {tuple(tensors[key].shape)}\n".encode())
        digest.update(tensors[key].reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
