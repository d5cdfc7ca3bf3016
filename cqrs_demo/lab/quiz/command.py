"""What `python -m cqrs_demo quiz` does: ask the quiz bank's questions in a terminal.

Plain lines in reading order, nothing redrawn and no colour, so that a screen reader, a pipe and a
slow terminal all get the same. What is answered is kept with the learner's progress.
"""

import shutil
import sys
import textwrap
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import dataclass
from random import Random

from ...domain.errors import ShopError
from ..progress import progress
from . import LETTERS, Question, bank

WIDEST = 88
ENDINGS = {"q", "quit", "exit"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--lesson", metavar="NN", help="ask only what belongs to one, such as 02")
    parser.add_argument(
        "--seed", type=whole_number, metavar="N", help="ask in another order, the same for one N"
    )
    parser.add_argument(
        "--questions", type=whole_number, metavar="N", help="ask no more than so many"
    )
    parser.add_argument("--list", action="store_true", help="list the questions, and ask none")


def whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def run(arguments: Namespace) -> int:
    """Run the subcommand; return the exit code. Raises ShopError for what cannot be done."""
    questions = chosen(arguments)
    if arguments.list:
        for question in questions:
            say(f"{question.lesson} {question.name}: {question.text}", "", "   ")
        return 0
    ask_all(questions)
    return 0


def chosen(arguments: Namespace) -> list[Question]:
    """Return the questions to ask, in their order. Raises ShopError if there are none."""
    lesson = arguments.lesson
    questions = bank().of(lesson) if lesson is not None else list(bank().questions.values())
    if arguments.seed is not None:
        Random(arguments.seed).shuffle(questions)
    if arguments.questions is not None:
        questions = questions[: arguments.questions]
    if not questions:
        raise ShopError(f"there are no questions{f' in lesson {lesson}' if lesson else ''} to ask")
    return questions


@dataclass
class Score:
    right: int = 0
    answered: int = 0


def ask_all(questions: list[Question]) -> None:
    """Ask one question after the other, until the end or until somebody has had enough."""
    score = Score()
    several = f"{len(questions)} questions" if len(questions) > 1 else "One question"
    say(f"{several}. Type a letter or a number; Enter alone skips, Q ends.")
    for n, question in enumerate(questions, 1):
        print()
        say(f"Question {n} of {len(questions)}, lesson {question.lesson}.")
        say(question.text)
        for letter, choice in zip(LETTERS, question.choices, strict=False):
            say(f"{letter}: {choice.text}", "  ", "     ")
        try:
            bet = read_bet(question)
        except (EOFError, KeyboardInterrupt):  # the score is worth having all the same
            print()
            break
        if bet is None:
            say("Skipped.")
            continue
        tell(question, bet, score)
    print()
    say(f"{score.right} of {score.answered} answered right. {farewell(score)}")
    if progress().remark:
        say(progress().remark)


def read_bet(question: Question) -> float | None:
    """Return an answer that the question can have; None to skip. Raises EOFError at the end."""
    last = LETTERS[len(question.choices) - 1] if question.choices else ""
    prompt = "Your number: " if question.is_number else f"Your answer, A to {last}: "
    while True:
        print(prompt, end="", flush=True)
        line = sys.stdin.readline() if sys.stdin else ""  # there is none if it was closed
        if not (sys.stdin and sys.stdin.isatty()):
            print()  # nobody has pressed Enter here, so the line is not over yet
        typed = line.strip().rstrip(".):").strip()
        if not line or typed.lower() in ENDINGS:
            raise EOFError
        if not typed:
            return None
        bet = as_bet(question, typed)
        if bet is not None:
            return bet
        wanted = "a number" if question.is_number else f"a letter from A to {last}"
        say(f"That is not {wanted}.")


def as_bet(question: Question, typed: str) -> float | None:
    """Return what was typed as an answer, or None if it is none."""
    if question.is_number:
        try:
            number = float(typed.replace(",", "."))
        except ValueError:
            return None
        return number if abs(number) < float("inf") else None  # NaN is not below it either
    n = LETTERS.find(typed.upper()) if len(typed) == 1 else -1
    return n if 0 <= n < len(question.choices) else None


def tell(question: Question, bet: float, score: Score) -> None:
    """Say whether it was right, why, what may lie behind a wrong one, and where it is taught."""
    is_right = bet == question.right
    believed = question.misconception(bet)
    score.answered += 1
    score.right += is_right
    kept = int(bet) if bet == int(bet) else bet
    progress().bet(question.name, question.lesson, kept, is_right, believed)
    if question.is_number:
        say(f"{'Right.' if is_right else f'It is {question.right:g}.'} {question.why}")
    else:
        right, picked = question.choices[int(question.right)], question.choices[int(bet)]
        say(f"Right. {picked.why}" if is_right else f"You said {LETTERS[int(bet)]}. {picked.why}")
        if not is_right:
            say(f"It is {LETTERS[int(question.right)]}: {right.text}")
            say(right.why)
    if believed:
        behind = bank().misconceptions[believed]
        say(f'Many people believe this: "{behind.belief}"')
        explain = f"explain {behind.scenario} --shop {behind.shop} --out run.html"
        print(f"See it happen: python -m cqrs_demo {explain}")
    say(f"It is taught in lesson {question.taught}.")


def farewell(score: Score) -> str:
    if not score.answered:
        return "Come back whenever you like."
    if score.right == score.answered:
        return "Nothing left to mend."
    return "What you missed is worth another look at the runs named above."


def say(text: str, first: str = "", other: str = "") -> None:
    """Print a paragraph, its lines no longer than the terminal is wide."""
    width = min(WIDEST, max(30, shutil.get_terminal_size().columns - 1))
    lines = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=other, break_on_hyphens=False
    )
    print("\n".join(lines))
