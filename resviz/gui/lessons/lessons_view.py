"""The LESSONS page: worked examples from lectures, one picture at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.lessons.ablation_page import AblationPage
from resviz.gui.lessons.autograd_process import AutogradProcess
from resviz.gui.lessons.batch_norm_page import BatchNormSums
from resviz.gui.lessons.block_page import BlockPage
from resviz.gui.lessons.deep_chain_page import DeepChainPage
from resviz.gui.lessons.ensemble_page import EnsemblePage
from resviz.gui.lessons.fc_conv_page import FcAgainstConv
from resviz.gui.lessons.gradient_chain_page import GradientChain
from resviz.gui.lessons.image_way_page import ImageWayPage
from resviz.gui.lessons.inception_page import InceptionSums
from resviz.gui.lessons.initial_weights_page import InitialWeightsPage
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.lessons.mixing_page import MixingPage
from resviz.gui.lessons.receptive_field_page import ReceptiveFieldPage
from resviz.gui.lessons.sliding_page import SlidingPage
from resviz.gui.lessons.story_page import StoryPage
from resviz.gui.lessons.winners_page import WinnersPage
from resviz.gui.style.widgets import Chips, Panel, dim

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QShowEvent

    from resviz.gui.train.train_controller import TrainController


KINDS: dict[str, type[LessonPage]] = {
    "winners": WinnersPage,
    "fc": FcAgainstConv,
    "sliding": SlidingPage,
    "mixing": MixingPage,
    "field": ReceptiveFieldPage,
    "block": BlockPage,
    "ablation": AblationPage,
    "image": ImageWayPage,
    "ensemble": EnsemblePage,
    "inception": InceptionSums,
    "chain": GradientChain,
    "depth": DeepChainPage,
    "init": InitialWeightsPage,
    "norm": BatchNormSums,
}
"""The pages, in the order in which they are offered."""


STORY = "story"


class LessonsView(QWidget):
    """The story, and a page for each illustration."""

    train_wanted = Signal()
    """A reader of the story wants to go on in TRAIN."""

    def __init__(
        self, open_train: Callable[[], TrainController], runs: Path | None = None, parent: QWidget | None = None
    ) -> None:
        """Make the pages.

        Args:
            open_train: Returns TRAIN's controller, which the story drives.
            runs: Folder of the saved runs; None takes the user's.
            parent: Parent of the page.
        """
        super().__init__(parent)
        self.autograd = AutogradProcess(self)
        self.autograd.failed.connect(self._failed)
        makers: dict[type[LessonPage], Callable[[], LessonPage]] = {
            AblationPage: lambda: AblationPage(runs),
            ImageWayPage: lambda: ImageWayPage(runs),
            EnsemblePage: lambda: EnsemblePage(runs),
            GradientChain: lambda: GradientChain(self.autograd),
            DeepChainPage: lambda: DeepChainPage(self.autograd),
            InitialWeightsPage: lambda: InitialWeightsPage(self.autograd),
            BatchNormSums: lambda: BatchNormSums(self.autograd),
        }
        self._makers = {key: makers.get(kind, kind) for key, kind in KINDS.items()}
        self.pages: dict[str, LessonPage] = {}
        """The pages that were shown, by their keys; a page is made when it is shown first."""
        self.story = StoryPage(open_train, self._make)
        self.story.train_wanted.connect(self.train_wanted)
        titles = [(STORY, _("The story")), *((key, kind.title) for key, kind in KINDS.items())]
        self.chips = Chips(titles, _("illustration"), tip=_("Show this illustration."), wraps=True)
        self.chips.chosen.connect(self.show_page)
        self._problem = dim()
        self._problem.hide()
        self._stack = QStackedWidget()
        panel = Panel("")
        panel.heading.hide()
        panel.header.insertWidget(0, self.chips, 100)  # all of the width: the heading is hidden
        panel.body.addWidget(self._stack, 1)
        panel.body.addWidget(self._problem)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(panel)
        self._stack.addWidget(self.story)
        self.show_page(STORY)

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Show the story, or an illustration by its key."""
        self.chips.set_choice(key)
        if key == STORY:
            self._stack.setCurrentWidget(self.story)
            return
        if key not in self.pages:
            self.pages[key] = self._makers[key]()
            self._stack.addWidget(self.pages[key])
        self._stack.setCurrentWidget(self.pages[key])
        self.pages[key].refresh()

    @property
    def shows_story(self) -> bool:
        """Whether the story is in sight, and no illustration."""
        return self._stack.currentWidget() is self.story

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        page = self._stack.currentWidget()
        if isinstance(page, LessonPage):
            page.refresh()

    def shut_down(self) -> None:
        """End the process that computes gradients, and stop measuring."""
        self.autograd.close()
        self.story.shut_down()
        for page in self.pages.values():
            page.shut_down()

    def _make(self, key: str) -> LessonPage | None:
        return self._makers[key]() if key in self._makers else None

    @Slot(str)
    def _failed(self, why: str) -> None:
        self._problem.setText(_("autograd could not compute the value: {reason}").format(reason=why))
        self._problem.show()
