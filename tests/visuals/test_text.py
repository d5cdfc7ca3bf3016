"""Text that must fit: no line is wider than its room, and nothing that breaks a format is left."""

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cqrs_demo.visuals.drawing.text import ELLIPSIS, clean, shortened, width, wrapped


@given(st.text(), st.floats(20, 400), st.integers(1, 5))
def test_no_line_is_wider_than_its_room_and_none_too_many(text, room, most):
    lines = wrapped(text, room, 12, "bold", most)
    assert len(lines) <= most
    assert all(width(line, 12, "bold") <= room or len(line) <= 2 for line in lines)


@given(st.text())
def test_clean_text_stays_on_one_line_and_cleaning_it_again_changes_nothing(text):
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert len(cleaned.splitlines()) <= 1
    cleaned.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\tc", "a b c"),
        ("\x00a\x1b[31m", "a[31m"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("turned \u202e round", "turned round"),
        ("no character \uffff", "no character"),
        ("👩\u200d💻 שלום", "👩\u200d💻 שלום"),
    ],
)
def test_what_no_format_can_hold_is_left_out(text, expected):
    assert clean(text) == expected


def test_names_break_where_they_are_joined():
    assert wrapped("ShippingAddressChanged", 150, 14, "bold") == ["ShippingAddress", "Changed"]
    assert wrapped("order_history", 60, 12, "bold") == ["order_", "history"]


def test_what_does_not_fit_ends_in_an_ellipsis():
    assert shortened("a very long name indeed", 60, 12).endswith(ELLIPSIS)
    assert shortened("short", 60, 12) == "short"


@given(
    st.text(max_size=300),
    st.floats(20, 400),
    st.sampled_from([12, 13, 18]),
    st.sampled_from(["regular", "bold"]),
)
@settings(deadline=None)
def test_lines_fit_and_nothing_is_lost_but_what_the_ellipsis_stands_for(text, room, size, font):
    text = clean(text)
    lines = wrapped(text, room, size, font, most_lines=4)
    assert 1 <= len(lines) <= 4
    assert all(width(line, size, font) <= max(room, 2.4 * size) for line in lines)
    if not lines[-1].endswith("…"):
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert width(shortened(text, room, size, font), size, font) <= max(room, 2.4 * size)


@given(st.text())
def test_clean_text_can_be_written_into_any_file(text):
    told = clean(text)
    told.encode("utf-8")
    ElementTree.fromstring(f"<a>{told.replace('&', '').replace('<', '')}</a>")
    assert clean(told) == told
    assert told == " ".join(told.split())


def test_no_letter_carries_so_many_marks_that_they_climb_into_the_line_above():
    assert clean("Z" + "\u0301" * 50 + "x\u0301") == "Z\u0301\u0301x\u0301"
