"""The small lessons show sums that are worked out, beside what autograd finds."""

import math
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from resviz.gui.lessons.batch_norm_graph import EQUATION_NODES
from resviz.gui.lessons.batch_norm_page import BatchNormSums
from resviz.gui.lessons.deep_chain_page import DeepChainPage
from resviz.gui.lessons.fc_conv_page import FcAgainstConv
from resviz.gui.lessons.gradient_chain_page import GradientChain
from resviz.gui.lessons.inception_page import InceptionSums
from resviz.gui.lessons.initial_weights_page import InitialWeightsPage
from resviz.gui.lessons.lessons_view import LessonsView
from resviz.gui.main_window import MainWindow


@pytest.fixture
def lessons(window: MainWindow) -> LessonsView:
    window._rail["lessons"].click()
    return window.open_lessons()


def test_a_fully_connected_layer_takes_9_437_184_weights_and_a_convolution_81(lessons: LessonsView) -> None:
    lessons.chips.button("fc").click()
    page = lessons.pages["fc"]
    assert isinstance(page, FcAgainstConv)
    assert page.weights() == (9_437_184, 81)
    page.side.setValue(64)
    assert page.weights() == (16 * 9_437_184, 81), "a larger image costs the convolution nothing"
    page.kernel.setValue(5)
    assert page.weights()[1] == 225


def test_the_inception_sums_are_those_of_the_modules_drawn(lessons: LessonsView) -> None:
    lessons.chips.button("inception").click()
    page = lessons.pages["inception"]
    assert isinstance(page, InceptionSums)
    assert page.totals["naive"].text().endswith("854 196 224 multiply-adds")
    assert page.totals["reduced"].text().endswith("271 351 808 multiply-adds")


def test_the_chains_product_is_autograds_gradient(qtbot: QtBot, lessons: LessonsView) -> None:
    lessons.chips.button("chain").click()
    page = lessons.pages["chain"]
    assert isinstance(page, GradientChain)
    qtbot.waitUntil(lambda: "difference" in page.result.text(), timeout=60_000)
    assert page.picture.products()[-1] == pytest.approx(page.chain.gradient)
    page.activation.button("tanh").click()
    page.weights[2].setValue(-3)
    assert "computing" in page.result.text(), "the value of before is not shown beside another chain"
    qtbot.waitUntil(lambda: "difference" in page.result.text(), timeout=60_000)
    assert float(page.result.text().rsplit(" ", 1)[1]) < 1e-15


def test_batch_normalisations_written_out_gradient_is_autograds(qtbot: QtBot, lessons: LessonsView) -> None:
    lessons.chips.button("norm").click()
    page = lessons.pages["norm"]
    assert isinstance(page, BatchNormSums)
    page.shift.setValue(50)
    page.gamma.setValue(-2)
    qtbot.waitUntil(lambda: "autograd" in page.result.text(), timeout=60_000)
    assert all(float(page.table.item(row, 9).text()) < 1e-12 for row in range(page.table.rowCount()))  # type: ignore[union-attr]


def test_closing_the_program_ends_the_process_that_was_asked(qtbot: QtBot, window: MainWindow) -> None:
    window._rail["lessons"].click()
    found = window.open_lessons()
    found.chips.button("chain").click()
    window.close()
    assert found.autograd._process is None


def test_a_deep_chain_is_drawn_with_and_without_shortcuts_beside_autograd(qtbot: QtBot, lessons: LessonsView) -> None:
    lessons.chips.button("depth").click()
    page = lessons.pages["depth"]
    assert isinstance(page, DeepChainPage)
    qtbot.waitUntil(lambda: page.result.text().count("as autograd finds") == 2, timeout=60_000)
    plain, residual = page.plot.curves
    assert plain.y[0] == pytest.approx(math.log10(page.chain(False).gradients[0]))
    assert plain.y[0] < -12
    assert abs(residual.y[0]) < 0.5
    page.layers.setValue(50)
    page.weight.setValue(2)
    page.activation.button("tanh").click()
    assert "computing" in page.result.text(), "the value of before is not shown beside another chain"
    assert len(page.plot.curves[0].x) == 51
    qtbot.waitUntil(lambda: page.result.text().count("as autograd finds") == 2, timeout=60_000)
    page.activation.button("relu").click()
    page.weight.setValue(-1)
    assert "exactly 0" in page.plot.note_text


def test_each_equation_of_batch_normalization_has_its_number_for_the_chosen_sample(
    qtbot: QtBot, lessons: LessonsView
) -> None:
    lessons.chips.button("norm").click()
    page = lessons.pages["norm"]
    assert isinstance(page, BatchNormSums)
    qtbot.waitUntil(lambda: "autograd" in page.result.text(), timeout=60_000)

    def shown() -> dict[str, float]:
        return {left.text().partition(" =")[0]: float(right.text()) for left, right in page.equations.lines}

    assert list(shown()) == ["μ", "σ²", "xhat_1", "y_1", "∂l/∂xhat_1", "∂l/∂σ²", "∂l/∂μ", "∂l/∂x_1", "∂l/∂γ", "∂l/∂β"]
    assert shown()["μ"] == pytest.approx(page.norm.mean, abs=1e-4)
    page.gamma.setValue(2)
    page.table.setCurrentCell(3, 0)
    numbers = shown()
    cells = [float(page.table.item(3, column).text()) for column in range(8)]  # type: ignore[union-attr]
    assert numbers["xhat_4"] == pytest.approx(cells[1], abs=1e-4)
    assert numbers["y_4"] == pytest.approx(cells[2], abs=1e-4)
    assert numbers["∂l/∂xhat_4"] == pytest.approx(2 * cells[3], abs=1e-4)
    assert numbers["∂l/∂x_4"] == pytest.approx(cells[7], abs=1e-4)


def test_gamma_and_beta_can_undo_the_normalization(lessons: LessonsView) -> None:
    lessons.chips.button("norm").click()
    page = lessons.pages["norm"]
    assert isinstance(page, BatchNormSums)
    page.shift.setValue(40)
    page.scale.setValue(3)
    assert "undone" not in page.result.text()
    page.undo.click()
    assert page.norm.y == pytest.approx(page.norm.x, abs=1e-3)
    assert "y is x: the normalization is undone" in page.result.text()


def test_formulas_of_initial_weights_are_lines_through_what_is_measured(qtbot: QtBot, lessons: LessonsView) -> None:
    lessons.chips.button("init").click()
    page = lessons.pages["init"]
    assert isinstance(page, InitialWeightsPage)
    assert len(page.plot.curves) == 3, "the formulas are there at once"
    qtbot.waitUntil(lambda: len(page.plot.curves) == 6, timeout=60_000)
    he, formula = next((a, b) for a, b in pairwise(page.plot.curves) if a.name == b.name == "He")
    assert he.dots
    assert formula.thin
    assert abs(he.y - formula.y).max() < 0.6
    xavier = next(curve for curve in page.plot.curves if curve.name == "Xavier")
    assert xavier.y[0] - xavier.y[-1] > 6
    page.activation.button("identity").click()
    page.layers.setValue(12)
    assert "measuring" in page.result.text()
    qtbot.waitUntil(lambda: len(page.plot.curves) == 6, timeout=60_000)
    assert len(page.plot.curves[0].x) == 12
    assert "after 12 layers" in page.result.text()


def test_each_line_of_batch_normalization_lights_the_node_that_it_computes(lessons: LessonsView) -> None:
    lessons.chips.button("norm").click()
    page = lessons.pages["norm"]
    assert isinstance(page, BatchNormSums)
    assert page.graph.lit is None
    written = [left.text() for left, _right in page.equations.lines]
    for text, expected in zip(written, EQUATION_NODES, strict=True):
        page.line.click()
        assert page.graph.lit == expected
        computed = text.partition(" = ")[0]
        assert expected.node in computed
        assert ("∂l/∂" in computed) == expected.backward
        lit = [left.text() for left, _right in page.equations.lines if left.objectName() == "heading"]
        assert lit == [text]
        page.graph.grab()
    page.line.click()
    assert page.graph.lit is None


def test_the_arrows_of_the_graph_are_what_autograd_finds() -> None:
    """A node's gradient comes from every node that was computed from it, and from no other."""
    backward = {one.node: set(one.reads) for one in EQUATION_NODES if one.backward}
    assert backward == {
        "xhat": {"y"},
        "σ²": {"xhat"},
        "μ": {"xhat", "σ²"},
        "x": {"xhat", "σ²", "μ"},
        "γ": {"y"},
        "β": {"y"},
    }
