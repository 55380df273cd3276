"""BUILD says what its nets take in memory, training and inference apart, at a batch, a precision and an optimizer."""

from pytestqt.qtbot import QtBot

from resviz.analysis.memory import inference, training
from resviz.gui.builder.memory_panel import memory_text
from resviz.gui.main_window import MainWindow


def test_the_memory_of_every_net_in_the_table_is_shown_at_the_batch_chosen(qtbot: QtBot, window: MainWindow) -> None:
    build = window.build
    build.view.tabs.button("memory").click()
    panel = build.view.memory
    assert [row.net for row in panel.bars.rows] == [column.spec.label for column in build.state.open_nets]
    panel.batch.setValue(32)
    panel.precision.setCurrentIndex(panel.precision.findData("bfloat16"))
    panel.optimizer.setCurrentIndex(panel.optimizer.findData("adam"))
    graph = build.state.open_nets[0].graph
    assert panel.bars.rows[0].training == training(graph, 32, "bfloat16", "adam")
    assert panel.bars.rows[0].inference == inference(graph, 32, "bfloat16")
    assert "optimizer" in memory_text(panel.bars.rows[0])
    assert not panel.grab().isNull()


def test_an_edit_changes_the_memory_that_is_looked_at(window: MainWindow) -> None:
    build = window.build
    build.view.show_tab("memory")
    before = build.view.memory.bars.rows[0].training.total
    build.state.show_family("vgg")
    assert build.view.memory.bars.rows[0].training.total != before
