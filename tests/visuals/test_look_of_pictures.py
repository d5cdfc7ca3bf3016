"""One look: every colour comes from look.py, and all text can be read."""

import re
from pathlib import Path

import pytest

from cqrs_demo.lab.frames import STYLE
from cqrs_demo.visuals.look import CODE_FONT, FONT, NEUTRALS, ROLES, THEMES

PACKAGE = Path(__file__).parent.parent.parent / "cqrs_demo"
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\b")
PALETTE = {c for role in ROLES.values() for tones in role for c in tones}
PALETTE |= {c for pair in NEUTRALS.values() for c in pair}


def contrast(one, other):
    def luminance(colour):
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(f * p for f, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_text_has_a_contrast_of_at_least_4_5(theme):
    ink, muted, surface = (theme.neutrals[n] for n in ("ink", "muted", "surface"))
    grounds = [surface, theme.neutrals["page"], *(theme.wash(role) for role in ROLES)]
    for role in (*ROLES, "neutral"):
        tones = theme.tones(role)
        assert contrast(ink, tones.fill) >= 4.5, role
        assert contrast(muted, tones.fill) >= 4.5, role
        assert contrast(tones.on, tones.solid) >= 4.5, role
        assert contrast(tones.line, surface) >= 4.5, role
        assert contrast(tones.line, theme.wash(role)) >= 4.5, role  # captions of regions
    for ground in grounds:
        assert contrast(ink, ground) >= 4.5
        assert contrast(muted, ground) >= 4.5


def test_print_has_no_colour():
    theme = THEMES["print"]
    for role in ROLES:
        for colour in (*theme.tones(role), theme.wash(role)):
            red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
            assert max(red, green, blue) - min(red, green, blue) <= 16


def test_the_stylesheet_of_tables_holds_the_palette_and_the_fonts():
    assert PALETTE - set(COLOUR.findall(STYLE)) == set()
    assert FONT in STYLE
    assert CODE_FONT in STYLE


@pytest.mark.parametrize("ending", ["py", "css", "js"])
def test_no_other_file_has_colours_of_its_own(ending):
    for path in PACKAGE.rglob(f"*.{ending}"):
        if path.name != "look.py":
            used = {c.upper() for c in COLOUR.findall(path.read_text(encoding="utf-8"))}
            assert used <= PALETTE, path
