"""The text of a page of the story: a question to answer first, then the claim and what was measured."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.lessons.story_controls import story_control
from resviz.gui.style.theme import SPACING
from resviz.gui.style.widgets import dim, labelled, plain, primary

if TYPE_CHECKING:
    from resviz.experiments.lessons import Lesson
    from resviz.gui.lessons.story_controls import Control


class AnswerButton(QPushButton):
    """An answer to choose, in as many lines as it needs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.setObjectName("answer")
        self.setCheckable(True)
        self.setAccessibleName(text)
        self._label = QLabel(text)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(SPACING, 5, SPACING, 5)
        inside.addWidget(self._label)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def mark(self, *, is_measured: bool) -> None:
        """Show whether this is the answer that the measurement gives."""
        self._label.setText(f"✓ {self._text}" if is_measured else self._text)
        self.setAccessibleName(_("{answer}: measured").format(answer=self._text) if is_measured else self._text)

    @override
    def sizeHint(self) -> QSize:
        layout = self.layout()
        assert layout is not None
        return layout.sizeHint()

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        assert layout is not None
        return layout.heightForWidth(width)


class StoryText(QScrollArea):
    """Setters in, signals out."""

    answered = Signal(int)
    run_pressed = Signal()
    stop_pressed = Signal()
    train_pressed = Signal()
    """The reader wants to go on in TRAIN, with all settings."""
    back_pressed = Signal()
    """The lesson's own settings are wanted again."""
    setting_chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("text of the page"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setObjectName("bare")
        self.setWidget(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(8)
        self.title = _text("storyTitle")
        self.claim = _text()
        self.question = _text("heading")
        self.answers: list[AnswerButton] = []
        self._answers = QVBoxLayout()
        self._answers.setSpacing(4)
        self.run = primary(_("▶  Run"))
        self.run.setToolTip(plain(_("Train the nets of this page now. Answer the question first.")))
        self.run.clicked.connect(self.run_pressed)
        self.stop = QPushButton(_("Stop"))
        self.stop.setToolTip(plain(_("Stop the training. The measurements so far are saved.")))
        self.stop.clicked.connect(self.stop_pressed)
        self.progress = dim()
        self.progress.setWordWrap(True)
        self.verdict = _text("heading")
        self.measured = _text()
        self.diagnosis = _text()
        self.diagnosis.setTextFormat(Qt.TextFormat.RichText)
        self.look = _text()
        self.paper = _text("dim")
        self.note = _text("heading")
        self.back = QPushButton(_("Back to the lesson"))
        self.back.setToolTip(plain(_("Use the lesson's own settings again, and show its saved run if there is one.")))
        self.back.clicked.connect(self.back_pressed)
        self.train = QPushButton(_("Open in Train"))
        self.train.setToolTip(plain(_("See all views and settings of this training. This page stays as it is.")))
        self.train.clicked.connect(self.train_pressed)
        self.controls: dict[str, Control] = {}
        self._controls = QVBoxLayout()
        self._controls.setSpacing(4)
        for label in (self.title, self.question):
            column.addWidget(label)
        column.addLayout(self._answers)
        column.addLayout(self._controls)
        for widget in (self.run, self.stop, self.progress, self.note, self.back, self.verdict, self.claim):
            column.addWidget(widget)
        for widget in (self.measured, self.diagnosis, self.look, self.paper, self.train):
            column.addWidget(widget)
        column.addStretch(1)

    def set_lesson(self, lesson: Lesson) -> None:
        """Show the text of a page, with nothing answered yet."""
        self.title.setText(_(lesson.title))
        question = lesson.question
        _show(self.question, _(question.text) if question else "")
        _clear(self._answers)
        self.answers = []
        for number, answer in enumerate(question.answers if question else ()):
            button = AnswerButton(_(answer))
            button.setToolTip(plain(_("Choose this answer. Then run the lesson.")))
            button.clicked.connect(partial(self.answered.emit, number))
            self.answers.append(button)
            self._answers.addWidget(button)
        _clear(self._controls)
        self.controls = {}
        for field, values in lesson.controls.items():
            title, control = story_control(field, values)
            control.chosen.connect(partial(self.setting_chosen.emit, field))
            self.controls[field] = control
            self._controls.addWidget(labelled(title, control))
        self._order_for_tab()
        for label in (
            self.verdict,
            self.claim,
            self.measured,
            self.diagnosis,
            self.look,
            self.paper,
            self.note,
            self.progress,
        ):
            _show(label, "")
        self.verticalScrollBar().setValue(0)

    def _order_for_tab(self) -> None:
        """Let Tab go from the answers to the controls, and then to Run: the answers were made last."""
        parts = [
            part
            for control in self.controls.values()
            for part in control.findChildren(QWidget)
            if part.focusPolicy() != Qt.FocusPolicy.NoFocus
        ]
        order: list[QWidget] = [self, *self.answers, *parts, self.run, self.stop, self.back, self.train]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def set_answer(self, chosen: int | None, right: int | None) -> None:
        """Mark the reader's answer, and the answer that the measurement gives."""
        for number, button in enumerate(self.answers):
            button.setChecked(number == chosen)
            button.mark(is_measured=number == right)

    def set_training(self, *, trains: bool, running: bool, again: bool, progress: str) -> None:
        """Show what can be started or stopped, and how far the training is."""
        self.run.setVisible(trains)
        self.stop.setVisible(trains and running)
        if running and self.run.hasFocus():
            self.stop.setFocus()  # else Qt would give the focus to what comes next, and scroll there
        self.run.setEnabled(not running)
        self.run.setText(_("▶  Run again") if again else _("▶  Run"))
        self.train.setVisible(trains)
        _show(self.progress, progress)

    def set_findings(self, verdict: str, measured: str, diagnosis: str) -> None:
        """Show whether the answer holds, the measured sentence, and each net's diagnosis as HTML."""
        _show(self.verdict, verdict)
        _show(self.measured, measured)
        _show(self.diagnosis, diagnosis)

    def set_claim(self, claim: str) -> None:
        """Show what the page claims; "" before the question is answered, so that it does not give the answer."""
        _show(self.claim, claim)

    def set_explanation(self, look: str, paper: str) -> None:
        """Show what to look at and what the paper says; "" before the question is answered."""
        _show(self.look, look)
        _show(self.paper, paper)

    def set_note(self, text: str) -> None:
        """Show what is not as the lesson has it, with the way back; "" if nothing is."""
        _show(self.note, text)
        self.back.setVisible(bool(text))


def _text(name: str = "") -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.MarkdownText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    if name:
        label.setObjectName(name)
    return label


def _show(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
    label.setVisible(bool(text))


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
