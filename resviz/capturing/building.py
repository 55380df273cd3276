"""Builds a model from its source, without memory for its weights where that works, and makes an example that fits."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._device import _device_constructors
from typing_extensions import override

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.capturing.model_source import LIBRARIES, InputShape
from resviz.capturing.passes import Example, capture_model
from resviz.capturing.revisions import at_revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.capturing.captured_net import CapturedNet
    from resviz.capturing.model_source import ModelSource

_IMAGE = (3, 224, 224)
_TOKENS = 16
_FRAMES = 16
_MAX_NAMES = 6


class _NoWeights(TorchFunctionMode):
    """New tensors are on the meta device, but for tables that constructors look into, such as `torch.linspace`."""

    def __init__(self) -> None:
        super().__init__()
        self._made = _device_constructors() - {
            torch.arange,
            torch.as_tensor,
            torch.from_file,
            torch.linspace,
            torch.logspace,
            torch.range,
            torch.tensor,
        }

    @override
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in self._made and kwargs.get("device") is None:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def capture_source(source: ModelSource) -> CapturedNet:
    """Return the graph of a model. Raise NetError, in one line, if it can't be built or called."""
    build = _builder(source)
    if build is not None:
        return _capture_built(source, build)
    from resviz.capturing.model_files import capture_file

    return capture_file(source)


def build_with_values(source: ModelSource) -> tuple[nn.Module, Example]:
    """Return a model with its first weights in eval mode, and what it is called with. Raise NetError for a file."""
    with tempfile.TemporaryDirectory(prefix="resviz-") as folder:
        build = _builder(at_revision(source, Path(folder)))
    if build is None:
        raise NetError(_("{model} can't be counted by other programs: it is no module.").format(model=source.text))
    model = build().eval()
    return model, make_example(source, model)


def _builder(source: ModelSource) -> Callable[[], nn.Module] | None:
    """Return what builds a model of a library or of a Python file, None for files that no code builds."""
    if source.kind in LIBRARIES:
        return _library_builder(source)
    return _callable_builder(source) if source.kind == "python" else None


def _capture_built(source: ModelSource, build: Callable[[], nn.Module]) -> CapturedNet:
    try:
        with _NoWeights():
            model = build()
    except NetError:
        raise
    except Exception:  # a constructor that looks at values
        model = build()
    example = make_example(source, model)

    def make_real() -> tuple[nn.Module, tuple[Any, ...], dict[str, Any]]:
        return build(), example.args, dict(example.kwargs)

    return capture_model(model, example, source.name.rpartition("/")[2], source.text, make_real)


def _library_builder(source: ModelSource) -> Callable[[], nn.Module]:
    package = LIBRARIES[source.kind]
    try:
        library = importlib.import_module(package)
    except ImportError:
        raise NetError(
            _("{package} is not installed. Install it with: pip install {package}").format(package=package)
        ) from None
    options = source.args if isinstance(source.args, dict) else {}
    if source.kind == "torchvision":
        return _torchvision(library, source.name, options)
    if source.kind == "timm":
        if source.name not in library.list_models():
            raise NetError(_unknown(source, library.list_models()))
        return lambda: library.create_model(source.name, pretrained=False, **options)
    return _transformer(library, source.name, options)


def _torchvision(library: Any, name: str, options: dict[str, Any]) -> Callable[[], nn.Module]:
    known = library.models.list_models()
    if name not in known:
        raise NetError(_("torchvision has no model {name}.{guess}").format(name=name[:80], guess=_guess(name, known)))
    builder = library.models.get_model_builder(name)
    without: dict[str, Any] = {
        key: None for key in ("weights", "weights_backbone") if key in inspect.signature(builder).parameters
    }
    if "init_weights" in inspect.signature(builder).parameters or name in ("googlenet", "inception_v3"):
        without["init_weights"] = False  # drawing them takes a minute, and no value is looked at
    return lambda: builder(**without | options)


def _unknown(source: ModelSource, known: list[str]) -> str:
    return _("{library} has no model {name}.{guess}").format(
        library=LIBRARIES[source.kind], name=source.name[:80], guess=_guess(source.name, known)
    )


def _guess(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(name, known, n=3)
    return _(" Did you mean {names}?").format(names=", ".join(found)) if found else ""


def _transformer(library: Any, name: str, options: dict[str, Any]) -> Callable[[], nn.Module]:
    """Return what builds a model of transformers: from a config file, a folder with one, or a type like "bert"."""
    path = Path(name)
    try:
        if path.exists():
            config = library.AutoConfig.from_pretrained(str(path), local_files_only=True)
        else:
            config = library.AutoConfig.for_model(name)
    except (ValueError, KeyError, OSError):
        known = sorted(library.models.auto.configuration_auto.CONFIG_MAPPING_NAMES)
        raise NetError(
            _("{name} is neither a config file nor a type of model that transformers knows.{guess}").format(
                name=name[:80], guess=_guess(name, known)
            )
        ) from None
    for key, value in options.items():
        setattr(config, key, value)
    if hasattr(config, "use_cache"):
        config.use_cache = False
    return lambda: library.AutoModel.from_config(config)


def _callable_builder(source: ModelSource) -> Callable[[], nn.Module]:
    """Return what calls a callable of somebody's module. Their module is imported now."""
    module = _module(source.path or source.module)
    made: Any = module
    for part in source.name.split("."):
        if not hasattr(made, part):
            raise NetError(
                _("{file} has no {name}. It has {known}.").format(
                    file=source.module, name=source.name[:80], known=", ".join(_builders(module)) or _("no model")
                )
            )
        made = getattr(made, part)
    if isinstance(made, nn.Module):
        return lambda: made
    if not callable(made):
        raise NetError(
            _("{name} in {file} is neither a model nor builds one.").format(name=source.name, file=source.module)
        )

    def build() -> nn.Module:
        model = made(**source.args) if isinstance(source.args, dict) else made(*source.args)
        if not isinstance(model, nn.Module):
            raise NetError(
                _("{name} in {file} gave {type}, not a torch.nn.Module.").format(
                    name=source.name, file=source.module, type=type(model).__name__
                )
            )
        return model

    return build


def _module(name: str) -> Any:
    if not name.endswith(".py"):
        sys.path.insert(0, "")
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name and (name == error.name or name.startswith(f"{error.name}.")):
                raise NetError(_("There is no module {name}.").format(name=name[:80])) from None
            raise
    path = Path(name)
    if not path.is_file():
        raise NetError(_("{path}: there is no such file.").format(path=name))
    sys.path.insert(0, str(path.resolve().parent))  # as if it were run: it may import its neighbours
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _builders(module: Any) -> list[str]:
    """Return the names in a module that may build a model: its own classes of models, then its functions."""
    own = {key: value for key, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    classes = [key for key, value in own.items() if inspect.isclass(value) and issubclass(value, nn.Module)]
    functions = [key for key, value in own.items() if inspect.isfunction(value) and not key.startswith("_")]
    return [*classes, *functions][:_MAX_NAMES]


def make_example(source: ModelSource, model: nn.Module) -> Example:
    """Return what a model is called with: the inputs that were given, or ones that its first layer can take."""
    if source.inputs:
        given = tuple(map(_tensor, source.inputs))
        if source.kind == "torchvision" and _is_detector(model):
            return Example(([given[0][0]],))
        return Example(given)
    if source.kind == "torchvision":
        return _torchvision_example(model)
    if source.kind == "timm":
        size = getattr(model, "default_cfg", {}).get("input_size") or _IMAGE
        return Example((torch.zeros(1, *size),))
    if source.kind == "hf":
        return _transformer_example(model)
    given_example = getattr(model, "example_input_array", None)
    if isinstance(given_example, Tensor):
        return Example((given_example,))
    return Example((_guessed(model),))


def _tensor(given: InputShape) -> Tensor:
    return torch.zeros(1, *given.shape, dtype=getattr(torch, given.type))


def _is_detector(model: nn.Module) -> bool:
    return type(model).__module__.startswith("torchvision.models.detection")


def _torchvision_example(model: nn.Module) -> Example:
    where = type(model).__module__
    if _is_detector(model):
        return Example(([torch.rand(3, 224, 224)],))
    if ".video" in where:
        return Example((torch.zeros(1, 3, _FRAMES, 224, 224),))
    if ".optical_flow" in where:
        return Example((torch.zeros(1, *_IMAGE), torch.zeros(1, *_IMAGE)))
    side = 299 if type(model).__name__ == "Inception3" else 224
    return Example((torch.zeros(1, 3, side, side),))


def _transformer_example(model: Any) -> Example:
    """Return tokens or an image, as the model's main input says; both halves where it has an encoder and a decoder."""
    config, main = model.config, model.main_input_name
    if main == "pixel_values":
        side = getattr(config, "image_size", 224)
        height, width = (side, side) if isinstance(side, int) else tuple(side)[-2:]
        return Example(kwargs={main: torch.zeros(1, getattr(config, "num_channels", 3), height, width)})
    if main in ("input_values", "input_features"):
        bins = getattr(config, "num_mel_bins", None)
        shape = (1, bins, 2 * getattr(config, "max_source_positions", 1500)) if bins else (1, 16_000)
        example = {main: torch.zeros(shape)}
    else:
        example = {main: torch.zeros(1, _TOKENS, dtype=torch.int64)}
    if getattr(config, "is_encoder_decoder", False):
        example["decoder_input_ids"] = torch.zeros(1, _TOKENS, dtype=torch.int64)
    return Example(kwargs=example)


def _guessed(model: nn.Module) -> Tensor:
    """Return an input that the model's first layer takes. Raise NetError if that says nothing."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            return torch.zeros(1, module.in_channels, 224, 224)
        if isinstance(module, nn.Conv1d):
            return torch.zeros(1, module.in_channels, 224)
        if isinstance(module, nn.Conv3d):
            return torch.zeros(1, module.in_channels, 16, 112, 112)
        if isinstance(module, nn.Linear):
            return torch.zeros(1, module.in_features)
        if isinstance(module, nn.Embedding):
            return torch.zeros(1, _TOKENS, dtype=torch.int64)
        if isinstance(module, nn.RNNBase):
            return torch.zeros(1, _TOKENS, module.input_size)
    raise NetError(_("Nothing says what this model reads. Give its input, like --input 3x224x224."))
