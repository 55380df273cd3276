"""Two nets layer by layer: what is in one only, does something else, reads something else, or has another name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resviz.analysis.alignment import align
from resviz.nets import catalogue
from resviz.nets.build import build
from tests.helpers.net_strategies import buildable, net_specs


def differing(a: str, b: str, **options: object) -> dict[str, str]:
    first, second = build(catalogue.find(a)), build(catalogue.find(b).with_options(**options))
    return {(row.a or row.b).name: row.what for row in align(first, second) if row.what}  # type: ignore[union-attr]


def test_a_net_is_equal_to_itself() -> None:
    assert differing("resnet50", "resnet50") == {}


def test_the_stride_of_torchvisions_resnet_50_stands_in_another_convolution() -> None:
    found = differing("resnet50", "torchvision-resnet50")
    assert found["layer2.0.conv1"] == "1×1 conv, 128, /2 → 1×1 conv, 128"
    assert found["layer2.0.conv2"] == "3×3 conv, 128 → 3×3 conv, 128, /2"
    assert not any(name.startswith("layer1") for name in found)


def test_a_plain_net_lacks_the_sums_and_what_follows_reads_something_else() -> None:
    found = differing("resnet18", "plain18")
    assert found["layer1.0.add"].startswith("only in the first net")
    assert "reads" in found["layer1.0.relu2"]
    assert "conv1" not in found


def test_a_wider_net_differs_in_what_its_layers_do() -> None:
    assert all("only in" not in what for what in differing("wide-resnet50-2", "resnet50").values())


@pytest.mark.parametrize("shortcut", ["A", "C"])
def test_another_shortcut_is_another_layer(shortcut: str) -> None:
    found = differing("cifar-resnet20", "cifar-resnet20", shortcut=shortcut)
    assert bool(found) == (shortcut != "A")


@settings(max_examples=40, deadline=None)
@given(net_specs().filter(buildable), st.data())
def test_every_layer_of_both_nets_stands_in_one_row(spec: object, data: st.DataObject) -> None:
    first, second = build(spec), build(data.draw(net_specs().filter(buildable)))  # type: ignore[arg-type]
    rows = align(first, second)
    assert [row.a.name for row in rows if row.a is not None] == [layer.name for layer in first.layers]
    assert sorted(row.b.name for row in rows if row.b is not None) == sorted(layer.name for layer in second.layers)
    assert not any(row.what for row in align(first, first))
