"""Other people's counters find what we find, each difference by name."""

import importlib.metadata
import json
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from resviz.analysis.counts import count
from resviz.analysis.crosscheck import COUNTERS, Reason, crosscheck
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from resviz.training.modules import to_module
from tests.helpers.command_line import resviz
from tests.helpers.net_strategies import buildable, net_specs

pytestmark = pytest.mark.filterwarnings("ignore")  # the counters' own
BRANCHING = (
    "googlenet-aux",
    "torchvision-googlenet",
    "cifar-fractalnet20",
    "resnet50-d",
    pytest.param("fcn8s-resnet101", marks=pytest.mark.slow),
)


@pytest.mark.parametrize("name", ["resnet50", "vgg16", "cifar-resnet56", "cifar-highway20", "mlp5", *BRANCHING])
def test_three_counters_agree_and_every_difference_has_a_name(name: str) -> None:
    graph = build(catalogue.find(name))
    counts = count(graph)
    checks = list(crosscheck(graph, counts, to_module(graph).eval()))
    assert [check.counter for check in checks] == list(COUNTERS)
    for check in checks:
        assert check.problem == ""
        assert check.parameters == counts.parameters
        assert check.unexplained == 0
        assert check.agrees


def test_what_the_counters_add_is_what_they_say_they_add() -> None:
    graph = build(catalogue.find("resnet50"))
    counts = count(graph)
    by_name = {check.counter: check for check in crosscheck(graph, counts, to_module(graph).eval())}
    norms = [row for row in counts.rows if row.layer.op.kind == "batch norm"]
    assert by_name["torch"].factor == 2
    assert by_name["torchinfo"].reasons == (
        Reason("biases of fully connected layers", 1000),
        Reason("scale and shift of normalization, once", sum(row.parameters for row in norms)),
    )
    assert (
        Reason("normalization, two per value", 2 * sum(row.activations for row in norms)) in by_name["fvcore"].reasons
    )


@given(net_specs())
@settings(max_examples=15, deadline=None)
def test_any_net_is_cross_checked_without_a_rest(spec: NetSpec) -> None:
    assume(buildable(spec))
    graph = build(spec)
    for check in crosscheck(graph, count(graph), to_module(graph).eval()):
        assert check.agrees, (check.counter, check.problem, check.unexplained, check.reasons)


def test_a_figure_that_nothing_explains_is_said_to_be_unexplained() -> None:
    graph = build(catalogue.find("cifar-resnet20"))
    check = next(iter(crosscheck(graph, count(graph), to_module(graph).eval())))
    assert check.flops is not None
    wrong = replace(check, flops=check.flops + 7)
    assert (wrong.unexplained, wrong.agrees) == (7, False)


def test_a_counter_that_fails_is_said_and_the_others_are_asked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import torchinfo

    def broken(*given: object, **options: object) -> None:
        raise RuntimeError("no such layer")

    monkeypatch.setattr(torchinfo, "summary", broken)
    graph = build(catalogue.find("cifar-resnet20"))
    checks = {check.counter: check for check in crosscheck(graph, count(graph), to_module(graph).eval())}
    assert checks["torchinfo"].problem == "RuntimeError: no such layer"
    assert not checks["torchinfo"].agrees
    assert checks["fvcore"].agrees


def test_the_command_line_prints_them_as_json() -> None:
    done = resviz("show", "cifar-resnet20", "--cross-check", "--json", check=True)
    checks = json.loads(done.stdout)["cross_check"]
    assert [check["counter"] for check in checks] == list(COUNTERS)
    assert all(check["agrees"] for check in checks)
    assert done.stderr.count("counted with") == 3


def test_a_counter_that_is_not_installed_is_said_and_the_others_count(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.metadata.version

    def version(name: str) -> str:
        if name == "fvcore":
            raise importlib.metadata.PackageNotFoundError(name)
        return find(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    graph = build(catalogue.find("lenet5"))
    module = to_module(graph).eval()
    found = {one.counter: one for one in crosscheck(graph, count(graph), module)}
    assert "resviz[counters]" in found["fvcore"].problem
    assert found["torch"].agrees
