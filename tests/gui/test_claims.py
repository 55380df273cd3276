"""The window of claims recomputes every figure beside the program, and says of each what it comes from."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from resviz.analysis.claims.accuracy import accuracy_points
from resviz.gui.claims.accuracy_scatter import Scatter
from resviz.gui.claims.claims_page import ClaimsPage, net_of_claim
from resviz.gui.main_window import MainWindow


def opened(qtbot: QtBot, window: MainWindow) -> ClaimsPage:
    button = window._rail["claims"]
    button.click()
    found = window.open_claims()
    qtbot.waitUntil(lambda: bool(found.shown()), timeout=20_000)
    return found


def test_every_figure_is_recomputed_and_can_be_filtered_by_verdict_and_words(qtbot: QtBot, window: MainWindow) -> None:
    claims = opened(qtbot, window)
    everything = len(claims.shown())
    assert everything > 150
    claims.verdicts.button("differs").click()
    assert claims.shown()
    assert all(claim["verdict"] == "differs" and claim["why"] for claim in claims.shown())
    claims.verdicts.button("").click()
    qtbot.keyClicks(claims.words, "lecture googlenet parameters")
    (slip,) = claims.shown()
    assert (slip["printed"], slip["computed"]) == ("5 000 000", "6 998 552")
    claims.table.selectRow(0)
    assert "AlexNet's printed 60 M, divided by the 12" in claims.verdict_label.text()
    claims.words.clear()
    assert len(claims.shown()) == everything


def test_the_area_of_a_mark_is_its_parameters_and_its_place_what_it_costs(qtbot: QtBot) -> None:
    scatter = Scatter()
    qtbot.addWidget(scatter)
    scatter.resize(900, 500)
    scatter.set_points(accuracy_points())
    by_name = {point.name: point for point in accuracy_points()}
    vgg, resnet = by_name["VGG-16"], by_name["ResNet-152"]
    assert scatter.place(vgg).x() > scatter.place(resnet).x(), "VGG-16 costs more"
    places = sorted(scatter.place(by_name[name]).x() for name in ("ResNet-18", "ResNet-50", "ResNet-101", "ResNet-152"))
    assert min(b - a for a, b in pairwise(places)) > 60, "no net that costs much squeezes the others"
    assert scatter.place(vgg).y() > scatter.place(resnet).y(), "and is less often right"
    areas = scatter.radius(vgg.parameters) ** 2 / scatter.radius(resnet.parameters) ** 2
    assert abs(areas - vgg.parameters / resnet.parameters) < 1e-9
    assert not scatter.grab().isNull()


def test_operations_of_the_scatter_are_counted_for_the_net_that_was_measured() -> None:
    found = {point.name: point for point in accuracy_points()}
    projections = 3 * 64 * 128 * 28 * 28  # three of them, each of as many products; option A has none
    assert found["ResNet-34 B"].flops == 3_644_493_824 + projections
    assert found["ResNet-152"].accuracy == 100 - 21.43


def test_a_claim_leads_to_its_net_and_to_the_sum_of_its_number(qtbot: QtBot, window: MainWindow) -> None:
    found = opened(qtbot, window)
    found.words.setText("ResNet-152 parameters")
    row = next(i for i, claim in enumerate(found.shown()) if net_of_claim(claim) == "resnet152")
    found.table.selectRow(row)
    assert found.open_net.isEnabled()
    found.open_net.click()
    assert window.page == "build"
    assert window.build.state.open_net.spec.label == "ResNet-152"
    assert "ResNet-152" in window.build.view.explain.explanation.title  # type: ignore[union-attr]


def test_the_history_shows_the_error_fall_as_depth_grows(qtbot: QtBot, window: MainWindow) -> None:
    window._rail["claims"].click()
    window.show()
    claims = window.open_claims()
    claims.pages.button("history").click()
    chart = claims.history
    rows = chart.numbers()[1:]
    assert [row[0] for row in rows] == [2010, 2011, 2012, 2013, 2014, 2014, 2015]
    assert [row[2] for row in rows] == [28.2, 25.8, 16.4, 11.7, 7.3, 6.7, 3.57]
    assert [row[3] for row in rows] == ["", "", 8, 8, 19, 22, 152], "counted on the nets, where there are any"
    chart.grab()
    said = [chart.reading(QPointF(x, 200)) for x in range(0, chart.width(), 10)]
    assert "ResNet, 2015: top-5 error 3.57%\n152 layers" in said
    assert "Lin et al., 2010: top-5 error 28.2%" in said
    assert len(chart.content("svg")) > 1000


def test_vgg16_stands_in_the_lectures_form_with_its_totals(window: MainWindow) -> None:
    window._rail["claims"].click()
    window.show()
    claims = window.open_claims()
    claims.pages.button("vgg").click()
    page = claims.vgg

    def cells(row: int) -> list[str]:
        items = (page.table.item(row, column) for column in range(page.table.columnCount()))
        return [item.text() for item in items if item is not None]

    assert cells(1) == ["CONV3-64", "64×224×224", "3.2M", "3 211 264", "1 728", "1 728"]
    last = page.table.rowCount() - 1
    assert cells(last)[3:] == ["15 237 608", "", "138 344 128"]
    page.biases.button("with").click()
    assert cells(1)[4:] == ["1 728", "1 792"]
    assert cells(last)[5] == "138 357 544", "as torchvision has it"
    page.copy()
    assert "138357544" in QGuiApplication.clipboard().text()


def test_the_nets_that_torchvision_trained_are_drawn_too_and_net_by_net(qtbot: QtBot, window: MainWindow) -> None:
    import torchvision

    claims = opened(qtbot, window)
    claims.pages.button("scatter").click()
    page = claims.accuracy
    page.source.button("torchvision").click()
    rows = {row[0]: row for row in page.scatter.numbers()[1:]}
    for name, weights in (("AlexNet", "AlexNet"), ("VGG-19 (E)", "VGG19"), ("ResNet-50", "ResNet50")):
        meta = getattr(torchvision.models, f"{weights}_Weights").IMAGENET1K_V1.meta
        assert float(str(rows[name][1])) == pytest.approx(meta["_metrics"]["ImageNet-1K"]["acc@1"], abs=0.005)
        assert rows[name][3] == meta["num_params"]
    assert "VGG-16 (D) with batch norm" not in rows
    page.view.button("bars").click()
    bars = [float(str(row[1])) for row in page.bars.numbers()[1:]]
    assert bars == sorted(bars, reverse=True)
    assert len(bars) == len(rows)
    page.bars.grab()
    page.source.button("paper").click()
    assert len(page.bars.numbers()) - 1 == len(accuracy_points())
