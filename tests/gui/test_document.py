"""The table under edit: whatever is done to it, it can be undone, and nothing that is typed is lost."""

import gc
from weakref import ref

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from resviz.base.errors import NetError
from resviz.gui.builder.document import MAX_COLUMNS, MAX_SIDE_BY_SIDE, Document, UndoHistory, open_family
from resviz.gui.builder.family_menu import FAMILIES
from resviz.gui.builder.open_net import OpenNet, aligned, resolve
from resviz.gui.builder.table_rows import CellRow, Part, StageRow
from resviz.nets import catalogue

cells = st.sampled_from(
    ["", "3x3,8", "[3x3,64; 3x3,64] x2", "[1x1,64; 3×3,64; 1x1,256] ×3", "[3x3,", "prose, pasted", "3x3,0", "fc 9", "7"]
)
parts = st.sampled_from(
    [*map(StageRow, range(6)), *CellRow, "input", "classes", "shortcut", "unit", "bias", "stem", "name"]
)
values = cells | st.sampled_from(["3x64x64", "3x7x7", "10", "A", "B", "C", "plain", "residual", "highway", "yes", "no"])
NAMES = ["resnet18", "vgg11", "cifar-resnet20", "plain34", "mlp3"]


class Editing(RuleBasedStateMachine):
    @initialize(family=st.sampled_from(sorted(FAMILIES)))
    def open(self, family: str) -> None:
        self.history = UndoHistory(open_family(family))
        self.start = self.history.present
        self.marks = 0

    @property
    def document(self) -> Document:
        return self.history.present

    @rule(part=parts, text=values)
    def edit(self, part: Part, text: str) -> None:
        self.marks += 1
        edited = self.document.edited(part, text)
        rows: dict[Part, Part] = {"stem": CellRow.STEM, "head": CellRow.HEAD}
        refused = edited.net.drafts.get(rows.get(part, part))
        assert refused is None or refused.text == text, "what is typed is kept as it was typed"
        assert refused is None or refused.reason
        self.history.do(edited, str(self.marks))

    @rule(name=st.sampled_from(NAMES))
    def add(self, name: str) -> None:
        full = len(self.document.nets) >= MAX_COLUMNS
        try:
            self.history.do(self.document.added(catalogue.find(name)))
        except NetError:
            assert full
        else:
            assert not full
            assert self.document.net.open_net.spec.name == name

    @rule()
    def duplicate(self) -> None:
        if len(self.document.nets) < MAX_COLUMNS:
            before = self.document.net.open_net.spec
            self.history.do(self.document.duplicated())
            assert self.document.net.open_net.spec == before

    @rule()
    def remove(self) -> None:
        alone = len(self.document.nets) == 1
        try:
            self.history.do(self.document.removed())
        except NetError:
            assert alone

    @rule(index=st.integers(0, 7), to=st.integers(-1, 9))
    def move(self, index: int, to: int) -> None:
        if index < len(self.document.nets):
            moved = self.document.nets[index].open_net.spec
            chosen = self.document.net.open_net.spec
            self.history.do(self.document.moved(index, to))
            place = min(max(to, 0), len(self.document.nets) - 1)
            assert self.document.nets[place].open_net.spec == moved
            assert self.document.net.open_net.spec == chosen

    @rule(index=st.integers(0, 7))
    def choose(self, index: int) -> None:
        if index < len(self.document.nets):
            self.history.look(self.document.choosing(index))
            assert self.document.selected_index == index

    @rule(index=st.integers(0, 7), shown=st.booleans())
    def stand_beside(self, index: int, shown: bool) -> None:
        if index < len(self.document.nets):
            self.history.look(self.document.with_side_by_side(index, shown))
            assert (index in self.document.drawn_indices) == (shown or index == self.document.selected_index)

    @rule()
    def reset(self) -> None:
        self.history.do(self.document.reset())
        assert not self.document.net.is_changed

    @rule()
    def undo_and_redo(self) -> None:
        now = self.document
        if self.history.undo():
            assert self.history.redo()
            assert self.document.nets == now.nets

    @invariant()
    def what_is_drawn_is_in_the_table(self) -> None:
        if hasattr(self, "history"):
            assert 0 <= self.document.selected_index < len(self.document.nets)
            assert self.document.selected_index in self.document.drawn_indices
            assert len(self.document.drawn_indices) <= MAX_SIDE_BY_SIDE
            assert all(0 <= index < len(self.document.nets) for index in self.document.drawn_indices)
            rows = [column.first_row for column in self.document.open_nets]
            assert min(rows) == 0
            most = max(column.first_row + len(column.spec.stages) for column in self.document.open_nets)
            for net in self.document.nets:
                stages = [part.index for part in net.drafts if isinstance(part, StageRow)]
                assert all(0 <= stage <= max(most, 5) for stage in stages), "every draft is seen in a row"

    def teardown(self) -> None:
        if hasattr(self, "history"):
            while self.history.undo():
                pass
            assert self.document.nets == self.start.nets, "every step can be taken back"


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def columns(*names: str) -> list[OpenNet]:
    return [resolve(catalogue.find(name)) for name in names]


def test_columns_are_aligned_only_where_their_sizes_fit() -> None:
    assert [c.first_row for c in aligned(columns("vgg19", "resnet34"))] == [0, 2]
    assert [c.first_row for c in aligned(columns("resnet18", "resnet34"))] == [0, 0]
    assert [c.first_row for c in aligned(columns("cifar-resnet20", "resnet34"))] == [0, 0]


def test_a_draft_stays_in_sight_when_its_net_goes_down() -> None:
    document = open_family("blank").added(catalogue.find("resnet18")).edited(StageRow(5), "prose")
    resnet = document.selected_index
    document = document.added(catalogue.find("vgg11"))
    net = document.nets[resnet]
    last = max(column.first_row + len(column.spec.stages) for column in document.open_nets)
    assert net.open_net.first_row == 2, "beside VGG's third stage"
    assert {part: draft.text for part, draft in net.drafts.items()} == {StageRow(last): "prose"}


def test_of_earlier_steps_the_specs_are_kept_and_everything_else_is_computed_again() -> None:
    history = UndoHistory(open_family("resnet"))
    paper = history.present.net.open_net
    printed = ref(paper.graph)
    history.do(history.present.edited(StageRow(2), "[3x3,256; 3x3,256] x9"))
    first = history.present.net.open_net
    depth, name = first.counts.depth, first.layers.rows[-1].name
    gone = ref(first.graph)
    others = [net.open_net.graph for net in history.present.nets if net.open_net is not first]
    history.do(history.present.edited(StageRow(2), "[3x3,256; 3x3,256] x11"))
    gc.collect()
    assert gone() is None, "hundreds of steps of deep nets would take gigabytes"
    assert printed() is not None, "a net as it is printed stands in every table of its family"
    assert all(any(net.open_net.graph is one for net in history.present.nets) for one in others), "they stay"
    assert history.present.net.open_net.counts.depth != depth
    assert history.undo()
    assert history.present.net.open_net is first
    assert (first.counts.depth, first.layers.rows[-1].name) == (depth, name)
