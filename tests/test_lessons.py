"""The course as a whole: every lesson has what a lesson needs, and what prose names exists."""

import re
from functools import cache
from statistics import median

import nbformat
import pytest
from lesson_time import FURTHER, WHERE_NEXT, core_of, estimate
from test_notebooks import FOLDER, committed

from cqrs_demo.lab.course import TITLES
from cqrs_demo.lab.exercises import all_exercises, summary_of
from cqrs_demo.lab.quiz import bank
from cqrs_demo.lab.scenarios import SCENARIOS

ROOT = FOLDER.parent
FILES = {path.name[:2]: path.name for path in sorted(FOLDER.glob("*.ipynb"))}
TEACHING = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
MOST_NEW_TERMS = 7
MOST_MINUTES = 20  # of a core, by the estimate
MOST_MINUTES_OF_A_SITTING = 14  # lesson 05 has two, with an exercise in each
THE_PAUSE = "the-pause"  # the cell between them

each_lesson = pytest.mark.parametrize("lesson", TITLES)


@cache
def cells(lesson: str) -> list[nbformat.NotebookNode]:
    return nbformat.reads(committed(FILES[lesson]), as_version=4).cells  # type: ignore[no-any-return]


def code_of(lesson: str) -> list[str]:
    return [cell.source for cell in cells(lesson) if cell.cell_type == "code"]


def prose_of(lesson: str) -> list[str]:
    return [cell.source for cell in cells(lesson) if cell.cell_type == "markdown"]


def without_code(text: str) -> str:
    return re.sub(r"`[^`]*`", "", text)


@cache
def words_of_the_program() -> set[str]:
    """Return every word that stands in the package or beside it, as code or as a file's name."""
    files = [*(ROOT / "cqrs_demo").rglob("*.py"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    found = set(re.findall(r"\w+", " ".join(path.read_text(encoding="utf-8") for path in files)))
    return found | {path.name for path in ROOT.rglob("*.py")}


def test_there_are_seven_lessons_and_each_has_a_title():
    assert list(FILES) == list(TITLES)


@each_lesson
def test_prose_is_nearly_half_and_cells_are_small(lesson: str):
    code, prose = code_of(lesson), prose_of(lesson)
    assert 0.38 <= len(prose) / (len(code) + len(prose)) <= 0.6
    assert median(len(source.splitlines()) for source in code) <= 3


@each_lesson
def test_a_lesson_bets_watches_and_ends_with_words_exercises_and_the_board(lesson: str):
    code = "\n".join(code_of(lesson))
    bets = set(re.findall(r'predict\("([\w-]+)"\)', code))
    bets |= set(re.findall(r'\{\d+: "([\w-]+)"', code))
    assert len(bets) >= 3  # two before a reveal, and one about a system that is not a shop
    assert all(bank().question(name) for name in bets)
    assert re.search(r"\bwatch\(|\bbeside\(", code)
    assert code.index(f'summary("{lesson}")') < code.index("board()")
    assert summary_of(lesson)
    assert any(text.startswith("## Where next") for text in prose_of(lesson)[-2:])


# what a learner may leave out


@each_lesson
def test_the_core_is_short_and_comes_first(lesson: str):
    core = core_of(FILES[lesson])
    pauses = [n for n, cell in enumerate(core) if cell.id == THE_PAUSE]
    if pauses:
        for sitting in core[: pauses[0]], core[pauses[0] :]:
            assert estimate(sitting).minutes <= MOST_MINUTES_OF_A_SITTING
    else:
        assert round(estimate(core).minutes) <= MOST_MINUTES
    assert len(pauses) == (lesson == "05")
    ids = [cell.id for cell in cells(lesson)]
    assert ids.index("exercises" if not pauses else THE_PAUSE) < ids.index(FURTHER)
    assert ids.index(FURTHER) < ids.index(WHERE_NEXT)
    assert cells(lesson)[ids.index(FURTHER)].source.startswith("## Further, if you like")


def test_the_core_of_the_course_takes_about_two_hours():
    assert sum(estimate(core_of(name)).minutes for name in FILES.values()) <= 145


@each_lesson
def test_the_core_has_what_a_lesson_needs(lesson: str):
    code = "\n".join(cell.source for cell in core_of(FILES[lesson]) if cell.cell_type == "code")
    names = set(re.findall(r'exercise\("([\w-]+)"\)', code))
    ours = {name: each for name, each in all_exercises().items() if each.lesson == lesson}
    assert names == {name for name, each in ours.items() if each.core}
    assert len(names) == 2
    bets = re.findall(r'predict\("|\{\d+: "', code)
    assert len(bets) >= 3  # two before a reveal, and one about a system that is not a shop
    assert re.search(r"\bwatch\(|\bbeside\(", code)
    assert f'summary("{lesson}")' in code


def terms_in(prose: list[str]) -> set[str]:
    """Return what is set in bold, apart from what tells the reader to do something."""
    text = without_code("\n".join(prose))
    bold = {" ".join(found.split()) for found in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)}
    terms = {each for each in bold if each[0].islower() or each.isupper()}
    return {each for each in terms if not each.startswith("choose")}


@each_lesson
def test_something_runs_before_anything_is_defined(lesson: str):
    """A lesson opens with a surprise: no new word before the third cell of code."""
    opening = []
    for cell in cells(lesson):
        opening.append(cell)
        if sum(each.cell_type == "code" for each in opening) == 3:
            break
    assert terms_in([cell.source for cell in opening if cell.cell_type == "markdown"]) == set()


@each_lesson
def test_a_lesson_brings_few_new_terms(lesson: str):
    assert 1 <= len(terms_in(prose_of(lesson))) <= MOST_NEW_TERMS, terms_in(prose_of(lesson))


@each_lesson
def test_every_exercise_is_there_with_the_starter_that_is_checked(lesson: str):
    ours = {name: each for name, each in all_exercises().items() if each.lesson == lesson}
    code = code_of(lesson)
    for name, exercise in ours.items():
        assert any(f'exercise("{name}")' in source for source in code), name
        begins = exercise.starter_text.strip()
        assert any(source.startswith(begins) for source in code), name
    assert set(re.findall(r'exercise\("([\w-]+)"\)', "\n".join(code))) == set(ours)


@each_lesson
def test_pictures_and_links_lead_somewhere_and_pictures_have_words(lesson: str):
    links = re.findall(r"(!?)\[([^\]]*)\]\(([^)#]+)\)", "\n".join(prose_of(lesson)))
    assert any(picture for picture, _, _ in links)
    for picture, words, target in links:
        assert (FOLDER / target).exists(), target
        assert not picture or len(words) > 40, target


@each_lesson
def test_what_prose_names_exists(lesson: str):
    known = set(re.findall(r"\w+", "\n".join(code_of(lesson)))) | words_of_the_program()
    names = re.findall(r"`([A-Za-z_][\w.]*)(?:\(.*?\))?`", "\n".join(prose_of(lesson)))
    unknown = {name for name in names if not {*name.split(".")} <= known and name not in known}
    assert unknown == set()


@each_lesson
def test_the_cells_make_slides(lesson: str):
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type", "-") for cell in cells(lesson)]
    assert kinds[0] == "slide"
    assert kinds.count("slide") >= 8
    assert set(kinds) <= {"slide", "subslide", "fragment", "skip", "notes", "-"}


def test_no_question_is_asked_twice_in_the_course():
    asked = [name for lesson in TITLES for name in set(re.findall(
        r'predict\("([\w-]+)"\)', "\n".join(code_of(lesson))))]  # fmt: skip
    assert len(asked) == len(set(asked))


# the teacher's guide


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEACHING))))
def test_a_link_of_the_guide_leads_somewhere(link: str):
    assert (ROOT / link).exists()


def test_runs_and_questions_that_the_guide_names_exist():
    questions = {question.name for lesson in TITLES for question in bank().of(lesson)}
    files = {path.name for path in ROOT.iterdir()}
    known = questions | set(SCENARIOS) | words_of_the_program() | files | {"one-database"}
    names = set(re.findall(r"`([a-z][\w-]*)`", TEACHING))
    assert names - known == set()


def test_the_guide_names_every_belief_and_the_run_that_dispels_it():
    text = " ".join(TEACHING.split())
    for misconception in bank().misconceptions.values():
        belief = re.split(r"[.:,]", misconception.belief)[0]
        assert belief in text, belief
        assert f"`{misconception.scenario}`" in text, misconception.scenario


def test_the_guide_has_every_lesson():
    assert re.findall(r"\]\(notebooks/(.*?)\)", TEACHING) == list(FILES.values())


@each_lesson
def test_the_guide_gives_the_estimated_minutes(lesson: str):
    told = re.search(rf"\(notebooks/{FILES[lesson]}\) \(.*[,;] ([\d and]+)\)", TEACHING)
    assert told
    minutes = sum(map(int, re.findall(r"\d+", told[1])))
    assert abs(minutes - estimate(core_of(FILES[lesson])).minutes) <= 1
