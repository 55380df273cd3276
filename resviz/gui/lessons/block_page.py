"""The building blocks side by side: every operation of two or three units, with what is padded or projected."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget
from typing_extensions import override

from resviz.analysis.block_layout import lay_out_block
from resviz.base.translation import _
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.block_painting import DrawnBlock
from resviz.gui.plots.block_picture import BlockPicture
from resviz.gui.style import theme
from resviz.gui.style.widgets import StillComboBox, dim
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.families.resnet_vgg import PLACEMENTS

if TYPE_CHECKING:
    from resviz.nets.graph import Graph
    from resviz.nets.spec import NetSpec

_KINDS = {  # how people say it, and a net that is made of it
    "plain": (_("plain"), "plain34"),
    "basic": (_("residual (basic)"), "resnet34"),
    "bottleneck": (_("bottleneck"), "resnet50"),
    "preactivation": (_("pre-activation"), "preresnet34"),
    **{key: (words, "resnet34") for key, (words, _options) in PLACEMENTS.items()},
    "highway": (_("highway"), "cifar-highway20"),
    "resnext": ("ResNeXt", "resnext50-32x4d"),
    "inception": ("Inception", "googlenet"),
    "fractal": (_("fractal"), "cifar-fractalnet20"),
}
_AT_FIRST = ("plain", "basic", "preactivation")
_NOTHING = ""


class BlockPage(LessonPage):
    """The page of the blocks."""

    title = _("Building block")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "Where does x go? A plain unit passes it through every operation. A residual unit also adds x itself "
                "to what the operations make of it, F(x)."
            ),
            _(
                '"Deep Residual Learning", figures 2 and 5; "Identity Mappings", figures 1 and 4; "Highway Networks", '
                'eq. 3; "Aggregated Residual Transformations", figure 3, b. TRAIN and COMPARE show the same picture '
                "with the gradients of a run: view Block."
            ),
            parent,
        )
        self.choices = [self._add_choice(number, kind) for number, kind in enumerate(_AT_FIRST, 1)]
        self.numbers.addWidget(dim(_("shortcut")))
        options = [(letter, letter) for letter in "ABC"]
        self.shortcut = self.add_chips(_("shortcut"), options, _("Options A, B and C of section 4.1"))
        self.numbers.addWidget(dim(_("dimensions")))
        self.place = self.add_chips(
            _("dimensions"),
            [("same", _("stay")), ("grow", _("grow"))],
            _("A block inside a stage, or the first of a stage: half the size and twice the channels."),
        )
        self.picture = BlockPicture(_("building blocks"))
        self.picture.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.body.addWidget(self.picture, 1)
        self.finish()

    @override
    def refresh(self) -> None:
        """Draw the chosen blocks."""
        chosen = [choice.currentData() for choice in self.choices]
        self.picture.set_blocks([self._drawn(kind) for kind in chosen if kind != _NOTHING])

    def _drawn(self, kind: str) -> DrawnBlock:
        spec = _spec(kind, self.shortcut.choice)
        graph = _graph(spec)
        layout = lay_out_block(graph, _block(graph, self.place.choice == "grow"))
        option = _(", option {letter}").format(letter=spec.shortcut) if spec.has_shortcuts else ""
        return DrawnBlock(_KINDS[kind][0] + option, theme.of(self.picture).net_colour(spec.unit), layout)

    def _add_choice(self, number: int, kind: str) -> QComboBox:
        box = StillComboBox()
        for key, (words, _net) in _KINDS.items():
            box.addItem(words, key)
        if number > 1:
            box.addItem(_("nothing"), _NOTHING)
        box.setCurrentIndex(box.findData(kind))
        box.setAccessibleName(_("block {number}").format(number=number))
        box.setToolTip(_("Which unit is drawn at this place."))
        box.currentIndexChanged.connect(self._again)
        self.numbers.addWidget(box)
        return box


def _spec(kind: str, shortcut: str) -> NetSpec:
    spec = catalogue.find(_KINDS[kind][1])
    if kind in PLACEMENTS:
        spec = spec.with_options(**PLACEMENTS[kind][1])
    return spec.with_options(shortcut=shortcut) if spec.has_shortcuts else spec


@cache
def _graph(spec: NetSpec) -> Graph:
    return build(spec)


def _block(graph: Graph, grows: bool) -> str:
    """Return the net's first block that keeps the dimensions of x, or that has others; never the net's first.

    That may lack operations that the stem has, and what it reads is no block's output.
    """
    names = graph.block_names
    for name in names[1:]:
        layers = [layer for layer in graph.layers if layer.block == name]
        (source,) = dict.fromkeys(x for layer in layers for x in layer.inputs if graph[x].block != name)
        if (graph[source].shape != layers[-1].shape) == grows:
            return name
    return names[1]
