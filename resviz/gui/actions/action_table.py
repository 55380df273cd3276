"""Everything that the window can do, declared once.

Menus, shortcuts, tooltips, the palette and the sheet of keys are made of this table. Add an action here, and connect it
in the page that does it.
"""

from __future__ import annotations

from dataclasses import dataclass

from resviz.base.translation import _

BUILD, TRAIN, COMPARE, LESSONS, CLAIMS = "build", "train", "compare", "lessons", "claims"
PAGES = (
    (BUILD, _("Build")),
    (TRAIN, _("Train")),
    (COMPARE, _("Compare")),
    (LESSONS, _("Lessons")),
    (CLAIMS, _("Claims")),
)
MENUS = (("file", _("&File")), ("edit", _("&Edit")), ("view", _("&View")), ("run", _("&Run")), ("help", _("&Help")))


@dataclass(frozen=True)
class ActionInfo:
    """An action: its menu, its text, what it does as a sentence, its keys, and the pages on which it can be done."""

    name: str
    menu: str
    title: str
    tip: str
    keys: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    """None at all: on every page."""
    icon: str = ""
    begins_group: bool = False
    """Whether a line is drawn above it in its menu."""


def _page_action(number: int, name: str, title: str) -> ActionInfo:
    return ActionInfo(f"page_{name}", "view", title, _("Show the page {page}.").format(page=title), (f"Ctrl+{number}",))


ACTIONS = (
    ActionInfo("new", "file", _("New net"), _("Add a blank net to the depth table."), ("Ctrl+N",), (BUILD,), "add"),
    ActionInfo(
        "open",
        "file",
        _("Open…"),
        _("Open nets (TOML), run folders, or curves from CSV files and logs."),
        ("Ctrl+O",),
        icon="open",
    ),
    ActionInfo(
        "open_model",
        "file",
        _("Open model…"),
        _("Open a model of another program: torchvision, timm, Hugging Face, your own code, ONNX."),
        ("Ctrl+Shift+O",),
    ),
    ActionInfo("open_run", "file", _("Open run folder…"), _("Open the folder of a saved run in Compare.")),
    ActionInfo("save", "file", _("Save spec…"), _("Save the net as a TOML file."), ("Ctrl+S",), (BUILD,), "save", True),
    ActionInfo(
        "picture",
        "file",
        _("Save figure…"),
        _("Save the picture of the net, or the plot that has the keyboard."),
        ("Ctrl+P",),
        (BUILD, TRAIN, COMPARE, LESSONS, CLAIMS),
    ),
    ActionInfo(
        "export",
        "file",
        _("Export…"),
        _("Export the net as PyTorch code, ONNX, a picture or a table."),
        ("Ctrl+E",),
        (BUILD,),
    ),
    ActionInfo(
        "import",
        "file",
        _("Import curves…"),
        _("Overlay curves on the plots: CSV files, or logs of TensorBoard, W&B or Trackio."),
        ("Ctrl+I",),
        (COMPARE,),
        begins_group=True,
    ),
    ActionInfo(
        "report",
        "file",
        _("Save report…"),
        _("Save the comparison as one HTML file that opens offline."),
        ("Ctrl+Shift+S",),
        (COMPARE,),
    ),
    ActionInfo("close", "file", _("Close window"), _("Close this window."), ("Ctrl+W",), begins_group=True),
    ActionInfo("quit", "file", _("Quit"), _("Close the program. You are asked about unsaved work."), ("Ctrl+Q",)),
    ActionInfo(
        "undo",
        "edit",
        _("Undo"),
        _("Take back the last change on this page."),
        ("Ctrl+Z",),
        (BUILD, TRAIN, COMPARE),
        "undo",
    ),
    ActionInfo(
        "redo",
        "edit",
        _("Redo"),
        _("Repeat the change that was taken back."),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        (BUILD, TRAIN, COMPARE),
        "redo",
    ),
    ActionInfo(
        "duplicate",
        "edit",
        _("Duplicate net"),
        _("Add a copy of the selected net."),
        ("Ctrl+D",),
        (BUILD,),
        "duplicate",
        True,
    ),
    ActionInfo("rename", "edit", _("Rename net"), _("Rename the selected net."), ("Ctrl+R",), (BUILD,), "rename"),
    ActionInfo(
        "remove",
        "edit",
        _("Close net"),
        _("Take the selected net out of the table."),
        ("Ctrl+Del",),
        (BUILD,),
        "remove",
    ),
    ActionInfo(
        "left",
        "edit",
        _("Move net left"),
        _("Move the selected net one column to the left."),
        ("Ctrl+Shift+Left",),
        (BUILD,),
        "left",
    ),
    ActionInfo(
        "right",
        "edit",
        _("Move net right"),
        _("Move the selected net one column to the right."),
        ("Ctrl+Shift+Right",),
        (BUILD,),
        "right",
    ),
    ActionInfo(
        "find",
        "edit",
        _("Find layer"),
        _("Find a layer in the picture by its name."),
        ("Ctrl+F",),
        (BUILD,),
        begins_group=True,
    ),
    ActionInfo(
        "settings",
        "edit",
        _("Settings…"),
        _("Change theme, zoom, language and what is kept."),
        ("Ctrl+,",),
        begins_group=True,
    ),
    *(_page_action(number, name, title) for number, (name, title) in enumerate(PAGES, 1)),
    ActionInfo(
        "palette",
        "view",
        _("Command palette…"),
        _("Type the name of an action, a net, a run, a claim or a lesson."),
        ("Ctrl+K",),
        begins_group=True,
    ),
    ActionInfo(
        "present",
        "view",
        _("Presentation mode"),
        _("Show one view on the whole screen. Arrows move, Space acts, B blanks, Escape leaves."),
        ("F11",),
    ),
    ActionInfo("theme", "view", _("Light or dark"), _("Switch between the light and the dark theme."), ("Ctrl+T",)),
    ActionInfo("zoom_in", "view", _("Zoom in"), _("Make all text larger."), ("Ctrl++", "Ctrl+="), begins_group=True),
    ActionInfo("zoom_out", "view", _("Zoom out"), _("Make all text smaller."), ("Ctrl+-",)),
    ActionInfo("zoom_reset", "view", _("Normal size"), _("Show all text at its normal size."), ("Ctrl+0",)),
    ActionInfo(
        "next_area",
        "view",
        _("Next area"),
        _("Move the keyboard to the next part of the page."),
        ("F6",),
        begins_group=True,
    ),
    ActionInfo(
        "previous_area",
        "view",
        _("Previous area"),
        _("Move the keyboard to the previous part of the page."),
        ("Shift+F6",),
    ),
    ActionInfo(
        "train_nets",
        "run",
        _("Train the selected nets"),
        _("Train the nets that are drawn, with the data set that fits them."),
        ("Ctrl+Return",),
        (BUILD,),
    ),
    ActionInfo(
        "train_with",
        "run",
        _("Train with…"),
        _("Choose the nets, the data set and the number of steps, then train."),
        ("Ctrl+Shift+Return",),
        (BUILD,),
    ),
    ActionInfo(
        "start",
        "run",
        _("Start or pause"),
        _("Start the training, pause it, or continue it."),
        ("F5",),
        (TRAIN,),
        begins_group=True,
    ),
    ActionInfo("step", "run", _("One step"), _("Train one step of every net."), ("F10",), (TRAIN,)),
    ActionInfo("stop", "run", _("Stop"), _("Stop the training. The measurements are saved."), ("Shift+F5",), (TRAIN,)),
    ActionInfo(
        "previous_run",
        "run",
        _("Back to the previous run"),
        _("Show the run before this one, with its settings."),
        ("Alt+Left",),
        (TRAIN,),
    ),
    ActionInfo(
        "follow",
        "run",
        _("Follow a run…"),
        _("Show in Train, live, what another program measures: a watched training, or one in a terminal."),
        ("Ctrl+Shift+L",),
    ),
    ActionInfo("recipe", "run", _("Recipe"), _("Show every setting of the training."), ("Ctrl+Shift+R",), (TRAIN,)),
    ActionInfo(
        "load_weights",
        "run",
        _("Load weights…"),
        _("Begin the next training with weights from a file: torchvision's, or your own."),
        pages=(TRAIN,),
    ),
    ActionInfo(
        "first_lesson",
        "run",
        _("Train plain-20 against ResNet-20"),
        _("Start the first lesson: gradients vanish in one net and flow in the other."),
        begins_group=True,
    ),
    ActionInfo(
        "open_in_build",
        "run",
        _("Open nets in Build"),
        _("Open the nets of this run in the depth table."),
        ("Ctrl+B",),
        (TRAIN, COMPARE),
    ),
    ActionInfo("explain", "help", _("Explain this"), _("Explain what has the keyboard."), ("F1",)),
    ActionInfo("shortcuts", "help", _("Keyboard shortcuts"), _("List every action with its keys."), ("Ctrl+/",)),
    ActionInfo("glossary", "help", _("Glossary"), _("Look up a technical word.")),
    ActionInfo(
        "system",
        "help",
        _("Copy system information"),
        _("Copy versions, device, display and folders, for a bug report."),
        begins_group=True,
    ),
    ActionInfo("about", "help", _("About Resviz"), _("Show version, licence and how to cite Resviz.")),
)
