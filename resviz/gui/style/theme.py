"""Colours, fonts and line styles: every view takes them from here, light or dark.

Nets are told apart by colour and by line style (plain dashed, residual solid), so that neither alone has to carry it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from resviz.base import assets
from resviz.gui.style.restyling import Restyling, set_style

if TYPE_CHECKING:
    from collections.abc import Iterator

SPACING = 10
IMPORTED, WATCHED = "imported", "watched"
"""In the place of a net's unit: of a curve that is of no run, and of a model that has no depth table."""
RADIUS = 8


@dataclass(frozen=True)
class Theme:
    """One set of colours, as #rrggbb. `stages` are (fill, text) pairs, a pair a stage of the depth table.

    The colours of nets of one kind were searched to differ also for colour-blind eyes and in greyscale.
    """

    name: str
    ground: str
    panel: str
    line: str
    text: str
    dim: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    warn: str
    bad: str
    bad_soft: str
    plain: tuple[str, ...]
    residual: tuple[str, ...]
    imported_curves: tuple[str, ...]
    stages: tuple[tuple[str, str], ...]
    line_width: float = 1.0
    """How many times as wide curves are: more for a picture of many pixels."""

    def net_colour(self, unit: str, line_style: int = 0) -> str:
        """Return the colour of a net of this unit. Nets of the same unit differ by `line_style`."""
        colours = self.net_colours(unit)
        return colours[line_style % len(colours)]

    def net_colours(self, unit: str) -> tuple[str, ...]:
        """Return the colours that nets of this unit, or imported curves, can have."""
        return {"plain": self.plain, IMPORTED: self.imported_curves}.get(unit, self.residual)

    def net_pen(self, unit: str, line_style: int = 0, width: float = 2.0) -> QPen:
        """Return the pen for a net's curve. Nets of the same kind differ by `line_style`."""
        pen = QPen(QColor(self.net_colour(unit, line_style)), width * self.line_width)
        pen.setCosmetic(True)
        # Sixteen pairs of colour and dashes: the fifth net has the first one's colour and other dashes.
        pen.setDashPattern(_DASHES[unit == "plain"][(line_style + line_style // 4) % 4])
        return pen

    def stage_colours(self, index: int | None) -> tuple[str, str]:
        """Fill and text of a stage; None is the stem and the head, which have no colour."""
        return (self.ground, self.dim) if index is None else self.stages[index % len(self.stages)]


_DASHES = {  # of line and gap, in widths of the line; nothing is a solid line
    False: ([], [8.0, 2.0, 1.5, 2.0], [14.0, 2.5], [8.0, 2.0, 1.5, 2.0, 1.5, 2.0]),
    True: ([4.0, 2.0], [1.2, 2.0], [2.4, 2.0], [4.0, 2.0, 1.2, 2.0]),
}

LIGHT = Theme(
    name="light",
    ground="#F6F6F3",
    panel="#FFFFFF",
    line="#E2E1DB",
    text="#1D1D1B",
    dim="#6C6B66",
    accent="#2563C9",
    accent_soft="#E8F0FC",
    on_accent="#FFFFFF",
    good="#1B7F4B",
    warn="#9A6200",
    bad="#B3261E",
    bad_soft="#FBE9E7",
    plain=("#C2410C", "#353001", "#882E46", "#300302"),
    imported_curves=("#57575E", "#8A8A92"),
    residual=("#1D5FBF", "#073030", "#732367", "#160136"),
    stages=(
        ("#E9E2F8", "#4B2E83"),
        ("#DDF0E4", "#14532D"),
        ("#FAE3DC", "#7C2D12"),
        ("#DCE9FA", "#1E3A8A"),
        ("#F6EFC9", "#5C4A00"),
        ("#F5DFEE", "#7A1F56"),
    ),
)
DARK = Theme(
    name="dark",
    ground="#131417",
    panel="#1B1D21",
    line="#30333A",
    text="#ECECE8",
    dim="#9B9C9F",
    accent="#7FB0FF",
    accent_soft="#22304A",
    on_accent="#10131A",
    good="#62C998",
    warn="#F0B65A",
    bad="#FF8A80",
    bad_soft="#43201E",
    plain=("#FF9A5C", "#EAD93D", "#F64786", "#FEFBE7"),
    imported_curves=("#B9B9BF", "#85858C"),
    residual=("#74B3FF", "#32F0A7", "#D069B8", "#D3FFF7"),
    stages=(
        ("#3A2D5C", "#D3C4FF"),
        ("#1F4030", "#B4E8CB"),
        ("#572F27", "#FFC9B8"),
        ("#1E3A63", "#BBD8FF"),
        ("#4A4218", "#F2E3A0"),
        ("#4E2440", "#F6BFE1"),
    ),
)


class _Current(QObject):
    """Which theme is on, and how large text is."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        self.zoom = 1.0
        self.base_points = 0.0
        self.restyling = Restyling()


_current = _Current()


def current() -> Theme:
    """Return the theme of the window."""
    return _current.theme


def of(widget: QWidget) -> Theme:
    """Return the theme that a widget is painted in: its own, that of a widget around it, or the window's.

    A figure for a file is a widget with its own theme, see `set_painted_theme`.
    """
    around: QWidget | None = widget
    while around is not None:
        own: Theme | None = getattr(around, "painted_theme", None)
        if own is not None:
            return own
        around = around.parentWidget()
    return current()


def set_painted_theme(widget: QWidget, theme: Theme) -> None:
    """Paint a widget, and everything in it, in a theme of its own."""
    widget.painted_theme = theme  # type: ignore[attr-defined]


@contextmanager
def painted_in(widget: QWidget, theme: Theme) -> Iterator[None]:
    """Paint a widget, and everything in it, in a theme of its own while the context lasts."""
    set_painted_theme(widget, theme)
    try:
        yield
    finally:
        del widget.painted_theme  # type: ignore[attr-defined]


def changed() -> SignalInstance:
    """Return the signal that tells when the theme has changed.

    Connect to it what has the colours of a theme written into it. A widget that asks for colours while it paints does
    not need it, because a new style sheet repaints every widget.
    """
    return _current.changed


def system_theme() -> Theme:
    """Return the theme that the system asks for, dark or light."""
    return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def apply(theme: Theme, zoom: float | None = None) -> None:
    """Put the whole application into a theme. `zoom` is the size of text, 1 for normal; None leaves it as it is."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    wanted = theme, _current.zoom if zoom is None else zoom
    if _current.base_points and wanted == (_current.theme, _current.zoom):
        return  # a style sheet has every widget laid out anew
    only_colours = bool(_current.base_points) and wanted[1] == _current.zoom
    _current.theme, _current.zoom = wanted
    if not _current.base_points:
        _current.base_points = application.font().pointSizeF()
        application.setStyle("Fusion")  # once: another style object would ask every widget anew
    sheet = style_sheet(theme, _current.zoom)
    if only_colours:
        _current.restyling.change_colours(application, palette(theme), sheet)
    else:
        application.setStyleSheet("")
        font = application.font()
        if _current.base_points > 0:
            font.setPointSizeF(_current.base_points * _current.zoom)
            application.setFont(font)
        set_style(application, palette(theme), sheet)
    _current.changed.emit()


@contextmanager
def styled_at_the_end() -> Iterator[None]:
    """Make widgets without the style sheet, then give it to them all: each one added to another is styled again."""
    application = QApplication.instance()
    sheet = application.styleSheet() if isinstance(application, QApplication) else ""
    if not isinstance(application, QApplication) or not sheet:
        yield
        return
    application.setStyleSheet("")
    try:
        yield
    finally:
        application.setStyleSheet(sheet)


def zoom() -> float:
    """Return the size of text, 1 for normal."""
    return _current.zoom


def scaled(pixels: float) -> int:
    """Return a length that grows with the text: that of a field, a bar or a row."""
    return round(pixels * _current.zoom)


@lru_cache(maxsize=64)
def icon(name: str, colour: str) -> QIcon:
    """Return an icon of resources/icons in a colour."""
    text = (assets.asset_folder("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))
    pixmap = QPixmap(64, 64)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return QIcon(pixmap)


def palette(theme: Theme) -> QPalette:
    """Return Qt's palette for a theme."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.ground,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.panel,
        QPalette.ColorRole.AlternateBase: theme.ground,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.panel,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent_soft,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.ToolTipBase: theme.panel,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.dim,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Mid: theme.line,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.dim))
    return made


def _arrow() -> str:
    return (assets.asset_folder("resources") / "icons" / "down.svg").as_posix()


def style_sheet(theme: Theme, zoom: float = 1.0) -> str:
    """Return Qt's style sheet for a theme, with text of a size."""
    return f"""
    QMainWindow, QStatusBar {{ background: {theme.ground}; }}
    QStatusBar {{ color: {theme.dim}; }}
    QStatusBar::item {{ border: none; }}
    QFrame#panel {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: {RADIUS}px; }}
    QFrame#panel[active="true"] {{ border-color: {theme.accent}; }}
    QLabel#heading {{ font-weight: 600; }}
    QLabel#storyTitle {{ font-weight: 600; font-size: {13 * zoom:.2f}pt; }}
    QLabel#dim {{ color: {theme.dim}; }}
    QLabel#problem {{ color: {theme.bad}; background: {theme.bad_soft}; border-radius: 4px; padding: 4px 8px; }}
    QPushButton {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 5px; padding: 4px 12px; }}
    QPushButton:hover {{ border-color: {theme.accent}; }}
    QPushButton:focus {{ border: 2px solid {theme.text}; padding: 3px 11px; }}
    QPushButton:checked {{ background: {theme.accent_soft}; border-color: {theme.accent}; }}
    QPushButton:disabled {{ color: {theme.dim}; background: {theme.ground}; }}
    QPushButton#primary {{ background: {theme.accent}; color: {theme.on_accent}; border: none; font-weight: 600;
        padding: 5px 16px; }}
    QPushButton#primary:focus {{ border: 2px solid {theme.text}; padding: 3px 14px; }}
    QPushButton#primary:disabled {{ background: {theme.line}; color: {theme.dim}; }}
    QPushButton#chip {{ padding: 2px 9px; }}
    QPushButton#chip:focus {{ padding: 1px 8px; }}
    QComboBox {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 5px; padding: 2px 8px; }}
    QComboBox:hover, QComboBox:focus {{ border-color: {theme.accent}; }}
    QComboBox#tight {{ padding: 2px 2px 2px 6px; }}
    QComboBox#heading {{ font-weight: 600; border-color: transparent; padding-left: 2px; }}
    QComboBox#heading:hover {{ border-color: {theme.line}; }}
    QComboBox#heading:focus {{ border-color: {theme.accent}; }}
    QComboBox::drop-down {{ border: none; width: 20px; }}
    QComboBox::down-arrow {{ image: url({_arrow()}); width: 12px; height: 12px; }}
    QComboBox QAbstractItemView {{ background: {theme.panel}; border: 1px solid {theme.line}; padding: 2px; }}
    QToolButton#rail {{ font-size: {8.5 * zoom:.2f}pt; border: none; border-radius: {RADIUS}px; color: {theme.dim};
        padding: 6px 2px; }}
    QToolButton#rail:hover {{ background: {theme.line}; }}
    QToolButton#rail:focus {{ border: 1px solid {theme.accent}; }}
    QToolButton#rail:checked {{ background: {theme.accent_soft}; color: {theme.accent}; }}
    QToolButton#tool, QToolButton#texttool {{ border: 1px solid transparent; border-radius: 5px; padding: 2px; }}
    QToolButton#texttool {{ padding: 2px 8px; }}
    QToolButton#tool:hover, QToolButton#texttool:hover {{ background: {theme.ground}; border-color: {theme.line}; }}
    QToolButton#tool:focus, QToolButton#texttool:focus {{ border-color: {theme.accent}; }}
    QToolButton::menu-indicator, QPushButton::menu-indicator {{ image: none; width: 0; }}
    QListView#completions {{ background: {theme.panel}; border: 1px solid {theme.line}; outline: none; }}
    QListView#completions::item {{ padding: 3px 6px; }}
    QListView#completions::item:selected {{ background: {theme.accent_soft}; color: {theme.text}; }}
    QMenu {{ background: {theme.panel}; border: 1px solid {theme.line}; padding: 4px; }}
    QMenu::item {{ padding: 4px 22px 4px 14px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {theme.accent_soft}; }}
    QMenu::item:disabled {{ color: {theme.dim}; }}
    QMenu::indicator {{ left: 4px; }}
    QMenu::separator {{ height: 1px; background: {theme.line}; margin: 4px 6px; }}
    QScrollArea, QWidget#bare, QTextBrowser {{ background: transparent; border: none; }}
    QTableView {{ font-size: {9 * zoom:.2f}pt; color: {theme.text}; border: none; background: {theme.panel};
        outline: none; gridline-color: {theme.line}; selection-background-color: {theme.accent_soft};
        selection-color: {theme.text}; }}
    QHeaderView::section {{ background: {theme.panel}; color: {theme.dim}; border: none;
        border-bottom: 1px solid {theme.line}; padding: 3px 5px; font-weight: 600; font-size: {9 * zoom:.2f}pt; }}
    QTableCornerButton::section {{ background: {theme.panel}; border: none; }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QGraphicsView {{ border: none; background: {theme.panel}; }}
    QLineEdit, QAbstractSpinBox {{ background: {theme.ground}; border: 1px solid {theme.line}; border-radius: 5px;
        padding: 3px 7px; selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
    QLineEdit:focus, QAbstractSpinBox:focus {{ border-color: {theme.accent}; }}
    QLineEdit[wrong="true"] {{ border-color: {theme.bad}; background: {theme.bad_soft}; color: {theme.bad}; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
    QToolTip {{ background: {theme.panel}; color: {theme.text}; border: 1px solid {theme.line}; padding: 4px; }}
    QScrollBar:vertical {{ background: transparent; width: 9px; }}
    QScrollBar:horizontal {{ background: transparent; height: 9px; }}
    QScrollBar::handle {{ background: {theme.line}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
    QScrollBar::handle:hover {{ background: {theme.dim}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QSlider {{ min-height: 20px; }}
    QSlider::groove:horizontal {{ background: {theme.line}; height: 4px; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {theme.accent}; border-radius: 2px; }}
    QSlider::handle:horizontal {{
        background: {theme.accent}; width: 14px; margin: -5px 0; border-radius: 7px; }}
    QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ background: {theme.text}; }}
    QSplitter::handle {{ background: transparent; }}
    """
