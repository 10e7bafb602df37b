"""The sweep itself: it must notice what it is there for. Comes last: it looks at all scenarios."""

import pathlib
import re

import pytest

from tests.e2e.conftest import ROOT


def film(house):
    """A film that both have."""
    house.film(45, "Harbour Lights", title="Harbour Lights")
    house.index()


def test_a_kill_beyond_the_last_step_fails(sweep):
    def act(house):
        house.save(45, details="By the sea.")

    count = len(sweep.play(film, act, {}, None).steps)
    with pytest.raises(AssertionError, match="nothing died"):
        sweep.play(film, act, {}, None, count + 1)


def test_an_edit_that_is_lost_is_noticed(sweep):
    def act(house):
        if house.kill:
            house.operation("clear-failed")
        else:
            house.save(45, details="By the sea.")

    whole = sweep.play(film, act, {}, None)
    complaint = sweep.compare(whole, lambda kill: sweep.play(film, act, {}, None, kill), 1)
    assert "picture: -" in complaint


def points():
    """The names of all fault points in the sources."""
    names = {f"{store}.{when}" for store in ("queue", "cache") for when in ("commit", "committed")}
    for path in pathlib.Path(ROOT / "src").rglob("*.c"):
        for call in re.findall(r"\bFAULT\(.*?;", path.read_text(), re.DOTALL):
            names.update(re.findall(r'"([a-z]+\.[a-z]+)"', call))
    return names


def test_every_fault_point_was_reached(tally, request):
    swept = {item.path for item in request.session.items}
    if request.config.option.keyword or swept < set(pathlib.Path(__file__).parent.glob("test_*.py")):
        pytest.skip("only a part of the scenarios ran")
    reached = set().union(*(names for _, names in tally.values()))
    assert points() == reached
