"""The gates of a highway net stand alone, without the nonlinearities between them."""

from pytestqt.qtbot import QtBot

from resviz.gui.train.train_controller import TrainController
from tests.helpers.played_worker import FALLING, LEVEL, Played, click, controller_of


def highway(controller: TrainController) -> None:
    controller.choose_lesson("highway")


def test_only_gates_are_drawn_and_only_of_nets_that_have_them(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller = controller_of(view)
    highway(controller)
    assert view.panels["second"].view.name == "gates"
    click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL, LEVEL])
    curves = view.panels["second"].curves
    qtbot.waitUntil(lambda: len(curves.curves) == 2)
    names = [place.name for place in runner.layers[1].along("activation")]
    gates = tuple(name for name in names if ".gate" in name)
    assert len(names) > len(gates) == 16, "layers that change the dimensions have none"
    for curve in curves.curves:
        assert "highway" in curve.name
        assert curve.places == gates
        assert curve.y.tolist() == [0.5] * 16
    runner.end("finished")


def test_nets_without_gates_say_so(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller_of(view).display.choose_view("second", "gates")
    click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    qtbot.waitUntil(lambda: "no gates" in view.panels["second"].curves.note_text)
    runner.end("finished")
