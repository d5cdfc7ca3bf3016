"""The quiz bank is sound, covers what learners get wrong, and asks in a terminal."""

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cqrs_demo import ShopError
from cqrs_demo.__main__ import main
from cqrs_demo.lab.exercises import LESSONS
from cqrs_demo.lab.progress import progress
from cqrs_demo.lab.quiz import FILE, LETTERS, bank, read
from cqrs_demo.lab.quiz.command import as_bet
from cqrs_demo.lab.scenarios import run as run_scenario

BANK = bank()
QUESTIONS = list(BANK.questions.values())
CHOOSING = [question for question in QUESTIONS if not question.is_number]
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
each_belief = pytest.mark.parametrize("name", BANK.misconceptions)
BELITTLING = re.compile(r"\b(simply|just|obviously|of course)\b", re.IGNORECASE)


# the bank


@each_question
def test_a_question_is_sound(question):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", question.name)
    assert question.text.endswith("?") or "?" in question.text
    assert question.taught in LESSONS
    assert question.lesson in BANK.lessons == LESSONS
    texts = [question.text, question.why, *(c.text for c in question.choices)]
    assert not any(BELITTLING.search(text) for text in texts)
    if question.is_number:
        assert question.why and type(question.right) in (int, float)
        return
    assert 2 <= len(question.choices) <= len(LETTERS)
    assert type(question.right) is int and 0 <= question.right < len(question.choices)
    assert len({choice.text for choice in question.choices}) == len(question.choices)
    for n, choice in enumerate(question.choices):
        assert 0 < len(choice.text) <= 120
        assert choice.why, "every choice says why it is right or wrong"
        if n == question.right:
            assert choice.misconception is None
        elif choice.misconception:
            assert choice.misconception in BANK.misconceptions


def test_the_file_holds_nothing_but_questions_and_what_dispels_beliefs():
    data = json.loads(FILE.read_text(encoding="utf-8"))
    assert set(data) == {"misconceptions", "lessons"}
    for questions in data["lessons"].values():
        for each in questions:
            fields = {"name", "text", "right", "taught"}
            fields |= {"number", "why"} if "number" in each else {"choices"}
            assert set(each) == fields, each["name"]


def test_the_right_answer_is_not_known_by_its_letter_or_its_length():
    letters = Counter(LETTERS[int(question.right)] for question in CHOOSING)
    assert set(letters) == set(LETTERS)
    assert max(letters.values()) <= 0.5 * len(CHOOSING), letters
    longest = sum(
        max(question.choices, key=lambda choice: len(choice.text))
        is question.choices[int(question.right)]
        for question in CHOOSING
    )
    assert longest <= 0.55 * len(CHOOSING), f"{longest} of {len(CHOOSING)}"


@each_belief
def test_what_many_people_believe_has_a_question(name):
    revealing = [q for q in CHOOSING if any(c.misconception == name for c in q.choices)]
    assert revealing, f"no wrong choice reveals {name}"


@each_belief
def test_what_many_people_believe_is_dispelled_by_a_run(name):
    belief = BANK.misconceptions[name]
    recording = run_scenario(belief.scenario, belief.shop)
    assert recording.steps
    assert belief.belief.endswith(".") and len(belief.belief) <= 120


def test_there_are_thirteen_beliefs_and_every_lesson_asks():
    assert len(BANK.misconceptions) == 13
    for lesson in LESSONS:
        assert len(BANK.of(lesson)) >= 3, lesson


def test_what_does_not_exist_is_said():
    name = CHOOSING[0].name
    with pytest.raises(ShopError, match=f"did you mean {name}"):
        BANK.question(f"{name}x")
    with pytest.raises(ShopError, match="no lesson '9'"):
        BANK.of("9")
    twice = json.loads(FILE.read_text(encoding="utf-8"))
    twice["lessons"]["00"] *= 2
    with pytest.raises(ShopError, match="two questions are called"):
        read(json.dumps(twice))


@given(bet=st.one_of(st.integers(-9, 9), st.none(), st.text(max_size=2), st.floats()))
def test_only_a_wrong_choice_reveals_anything(bet):
    for question in QUESTIONS:
        revealed = question.misconception(bet)
        assert revealed is None or (type(bet) is int and bet != question.right)


# in the terminal


@pytest.fixture
def quiz(monkeypatch, capsys):
    def ask(typed, *arguments):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            code = main(["quiz", *arguments])
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return ask


def letter_of(question, right):
    wrong = [n for n in range(len(question.choices)) if n != question.right]
    return LETTERS[int(question.right) if right else wrong[0]]


def answers(questions, right):
    return "".join(
        f"{question.right if right else question.right + 1}\n"
        if question.is_number
        else f"{letter_of(question, right)}\n"
        for question in questions
    )


def test_all_answers_right_and_all_answers_wrong(quiz):
    code, out, err = quiz(answers(QUESTIONS, True))
    assert (code, err) == (0, "")
    assert out.count("Right. ") == len(QUESTIONS)
    assert f"{len(QUESTIONS)} of {len(QUESTIONS)} answered right." in out
    code, out, _ = quiz(answers(QUESTIONS, False).lower())
    assert (code, "Right." in out) == (0, False)
    assert f"0 of {len(QUESTIONS)} answered right." in out
    bets = progress().bets()
    assert set(bets) == set(BANK.questions)
    assert not any(bet["right"] for bet in bets.values())


def test_a_wrong_answer_is_told_why_what_is_behind_it_and_where_it_is_taught(quiz):
    question = next(q for q in CHOOSING if any(c.misconception for c in q.choices))
    n = next(n for n, choice in enumerate(question.choices) if choice.misconception)
    skipped = "\n" * BANK.of(question.lesson).index(question)
    _, out, _ = quiz(f"{skipped}{LETTERS[n]}\n", "--lesson", question.lesson)
    words = " ".join(out.split())
    belief = BANK.misconceptions[question.choices[n].misconception]
    right = LETTERS[int(question.right)]
    assert f"You said {LETTERS[n]}. {question.choices[n].why}" in words
    assert f"It is {right}: {question.choices[int(question.right)].text}" in words
    assert question.choices[int(question.right)].why in words
    assert f'Many people believe this: "{belief.belief}"' in words
    assert f"explain {belief.scenario} --shop {belief.shop} --out run.html\n" in out
    assert f"It is taught in lesson {question.taught}." in words


def test_nothing_is_given_away_before_the_answer(quiz):
    for question in CHOOSING:
        before = BANK.of(question.lesson).index(question)
        _, out, _ = quiz("\n" * before, "--lesson", question.lesson)
        words = " ".join(out.split())
        assert not any(choice.why in words for choice in question.choices), question.name


def test_the_end_of_the_input_and_q_end_kindly(quiz):
    for typed in ("", "Q\n", "quit\n", "exit"):
        code, out, err = quiz(typed)
        assert (code, err) == (0, "")
        assert out.endswith("0 of 0 answered right. Come back whenever you like.\n")
    assert progress().bets() == {}


def test_an_interrupt_ends_with_the_score(monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    lines = iter([lambda: answers(QUESTIONS[:1], True), interrupt])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(readline=lambda: next(lines)(), isatty=bool))
    assert main(["quiz"]) == 0
    assert "1 of 1 answered right." in capsys.readouterr().out


def test_what_is_no_answer_is_asked_again(quiz):
    question = next(q for q in CHOOSING if len(q.choices) == 3)
    skipped = "\n" * BANK.of(question.lesson).index(question)
    typed = f"{skipped}x\nD\nAB\n1\n{letter_of(question, True)}.\n"
    _, out, _ = quiz(typed, "--lesson", question.lesson)
    assert out.count("That is not a letter from A to C.") == 4
    assert "1 of 1 answered right" in out


@given(typed=st.text(max_size=6))
def test_whatever_is_typed_becomes_a_possible_answer_or_none(typed):
    for question in QUESTIONS[:12]:
        bet = as_bet(question, typed)
        assert bet is None or question.is_number or 0 <= bet < len(question.choices)


def test_a_seed_shuffles_and_the_same_seed_alike(quiz):
    first, second, other = (quiz("", "--seed", n)[1] for n in ("3", "3", "4"))
    listed = [quiz("", "--list", "--seed", n)[1] for n in ("3", "3", "4")]
    assert first == second and listed[0] == listed[1] != listed[2]
    assert sorted(re.findall(r"^\d\d \S+", listed[0], re.M)) == sorted(
        re.findall(r"^\d\d \S+", listed[2], re.M)
    )
    assert other


def test_the_list_names_every_question_and_asks_none(quiz):
    code, out, _ = quiz("", "--list")
    assert code == 0
    assert re.findall(r"^(\d\d) (\S+):", out, re.M) == [(q.lesson, q.name) for q in QUESTIONS]
    assert "Your answer" not in out
    _, out, _ = quiz("", "--list", "--questions", "2")
    assert len(re.findall(r"^\d\d ", out, re.M)) == 2


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--lesson", "9"], "there is no lesson '9'; there are 00, 01"),
        (["--lesson"], "expected one argument"),
        (["--seed", "x"], "'x' is not a whole number"),
        (["--seed", "-1"], "'-1' is not a whole number"),
        (["--questions", "0"], "there are no questions to ask"),
        (["extra"], "unrecognized arguments: extra"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(quiz, arguments, problem):
    code, out, err = quiz("", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert problem in err


def test_lines_are_short_plain_and_in_reading_order(quiz, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    _, out, _ = quiz(answers(QUESTIONS, False))
    long = [line for line in out.splitlines() if len(line) > 60]
    assert all(line.startswith("See it happen: python") for line in long), long
    assert "\x1b" not in out and "\t" not in out and "\r" not in out
    text = " ".join(out.split())
    places = [text.index(" ".join(question.text.split())) for question in QUESTIONS]
    assert places == sorted(places)


def test_it_works_in_a_pipe_and_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "file").write_text("in the way")
    question = BANK.of("00")[0]
    done = subprocess.run(
        [sys.executable, "-m", "cqrs_demo", "quiz", "--lesson", "00", "--questions", "1"],
        input=answers([question], True),
        env={**os.environ, "CQRS_DEMO_PROGRESS": str(tmp_path / "file" / "p.json")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert "1 of 1 answered right." in done.stdout
    assert "is kept only until this program ends" in " ".join(done.stdout.split())
