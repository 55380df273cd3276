"""What a person writes for a model: a name in a library, a callable in a file, a file."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.base.errors import UsageError
from resviz.capturing.model_source import InputShape, ModelSource, parse_arguments, parse_input, parse_source


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("torchvision:resnet50", ModelSource("torchvision", "resnet50")),
        ("timm:vit_base_patch16_224.augreg_in21k", ModelSource("timm", "vit_base_patch16_224.augreg_in21k")),
        ("hf:configs/bert", ModelSource("hf", "configs/bert")),
        ("mymodel.py:Net", ModelSource("python", "Net", "mymodel.py")),
        ("a/b c/mymodel.py:make.deep", ModelSource("python", "make.deep", "a/b c/mymodel.py")),
        ("package.module:Net", ModelSource("python", "Net", "package.module")),
        ("nets/model.onnx", ModelSource("onnx", "nets/model.onnx")),
        ("nets/MODEL.PT2", ModelSource("pt2", "nets/MODEL.PT2")),
        ("weights.safetensors", ModelSource("tensors", "weights.safetensors")),
        ("resnet50", None),
        ("mynet.toml", None),
        ("nets/mynet.toml", None),
    ],
)
def test_a_text_names_a_model_or_none(text: str, source: ModelSource | None) -> None:
    assert parse_source(text) == source
    if source is not None:
        assert source.text == text


@pytest.mark.parametrize("text", ["torchvision:", "timm:", "mymodel.py"])
def test_half_a_name_is_said(text: str) -> None:
    with pytest.raises(UsageError):
        parse_source(text)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("3x224x224", InputShape((3, 224, 224))),
        ("16:int64", InputShape((16,), "int64")),
        ("1×28×28", InputShape((1, 28, 28))),
    ],
)
def test_an_input_is_a_shape_and_a_type(text: str, shape: InputShape) -> None:
    assert parse_input(text) == shape


@given(st.text())
def test_any_input_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        parse_input(text)
    except UsageError as error:
        assert "\n" not in str(error).replace(text[:80], "")


@pytest.mark.parametrize(
    ("text", "value"),
    [("", ()), ("(10, 3)", (10, 3)), ("10", (10,)), ("{'depth': 3}", {"depth": 3}), ("[1, 2]", ([1, 2],))],
)
def test_arguments_are_a_python_literal(text: str, value: object) -> None:
    assert parse_arguments(text) == value


@given(st.text())
def test_any_argument_is_read_or_refused(text: str) -> None:
    with suppress(UsageError):
        parse_arguments(text)


def test_code_is_no_argument() -> None:
    with pytest.raises(UsageError, match="not a Python literal"):
        parse_arguments("__import__('os').system('true')")


def test_only_a_callable_runs_code_of_a_file_and_that_is_said() -> None:
    source = parse_source("mymodel.py:Net")
    assert source is not None
    assert source.warning == "This runs the code in mymodel.py."
    other = parse_source("model.onnx")
    assert other is not None
    assert other.warning == ""
