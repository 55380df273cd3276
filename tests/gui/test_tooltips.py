"""Every control says in its tooltip what it does, and technical words are explained where they stand."""

import pytest
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from resviz.base.glossary import find_term
from resviz.gui.main_window import MainWindow


def plain_text(html: str) -> str:
    """What a tooltip shows."""
    document = QTextDocument()
    document.setHtml(html)
    return document.toPlainText()


CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox)


def without_tooltip(root: QWidget) -> list[str]:
    controls = [widget for widget in root.findChildren(QWidget) if isinstance(widget, CONTROLS)]
    inner = [w for w in controls if isinstance(w.parent(), QComboBox | QAbstractSpinBox)]
    names = [w.accessibleName() or w.objectName() for w in controls if w not in inner and not w.toolTip()]
    return [name for name in names if name and not name.startswith("qt_")]  # Qt's own parts, like a table's corner


@pytest.mark.parametrize("page", ["build", "train", "compare"])
def test_every_control_has_a_tooltip(window: MainWindow, page: str) -> None:
    window.open(page)
    QApplication.processEvents()
    assert not without_tooltip(window)


@pytest.mark.parametrize("name", ["claims", "lessons"])
def test_every_control_of_the_other_pages_has_a_tooltip(window: MainWindow, name: str) -> None:
    window.open(name)
    assert not without_tooltip(window.page_widget())


def test_a_technical_word_is_explained_where_it_stands(window: MainWindow, qtbot: QtBot) -> None:
    window.open("train")
    labels = {label.text(): label for label in window.findChildren(QLabel)}
    assert find_term("depth").text in plain_text(labels["depth"].toolTip())
    panel = window.open_train().view.panels["main"]
    assert find_term("response gradient").text in plain_text(panel.chooser.toolTip())
