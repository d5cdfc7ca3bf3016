"""From a learner's function to a verdict: is it one, is it still the starter, do the cases hold?"""

import ast
import inspect
import linecache
from collections.abc import Callable
from traceback import walk_tb
from types import CodeType, FrameType
from typing import Any

from ...domain.errors import ShopClosed, ShopError
from ...recorder.sources import OTHERS, PACKAGE
from .exercise import Case, Exercise, source_of
from .patience import Outcome, run_patiently
from .trial import CaseFailed, Trial
from .verdict import Verdict

PATIENCE_SECONDS = 3.5  # for all cases together; `check` promises an answer within five
NOTHING = object()


def check(exercise: Exercise, thing: Any = NOTHING) -> Verdict:
    """Try the cases on a learner's function until one fails. Raises nothing, whatever it is."""
    try:
        return _check(exercise, thing)
    except Exception as error:  # an object may fail at being looked at
        told = f"That cannot be checked: looking at it failed with {type(error).__name__}."
        return Verdict(exercise.title, "wrong", told)


def _check(exercise: Exercise, thing: Any) -> Verdict:
    problem = problem_with(exercise, thing)
    if problem:
        return Verdict(exercise.title, "wrong", problem)
    if is_same(thing, exercise.starter):
        return Verdict(
            exercise.title,
            "not yet",
            f"{exercise.function} is still what the cell began with. Change it, then check again.",
        )
    return try_cases(exercise, thing)


def try_cases(exercise: Exercise, thing: Any, seconds: float = PATIENCE_SECONDS) -> Verdict:
    """Run all cases in a thread of their own, for so long in all."""
    trials: list[Trial] = []

    def work() -> None:
        for case in exercise.cases:
            try_case(case, thing, exercise, trials)

    names = getattr(thing, "__globals__", None)
    outcome = run_patiently(work, seconds, names if isinstance(names, dict) else None)
    trial = trials[-1] if trials else Trial()
    if outcome.done and outcome.error is None:
        told = f"{exercise.function} does what was asked, in all {len(exercise.cases)} cases."
        if len(exercise.cases) == 1:
            told = f"{exercise.function} does what was asked."
        return Verdict(exercise.title, "passed", told, printed=outcome.printed)
    message = in_words(outcome, thing, trial, seconds)
    recording = trial.recording if outcome.done else None  # else it may still be growing
    return Verdict(exercise.title, "failed", message, recording, outcome.printed)


def try_case(case: Case, thing: Any, exercise: Exercise, trials: list[Trial]) -> None:
    """Run one case; its shops are closed in the thread that opened them."""
    trial = Trial(exercise.title, "return " in exercise.solution_text)
    trials.append(trial)
    try:
        case(thing, trial)
        if trial.closed_by_learner():
            raise ShopClosed("it was closed")
    finally:
        trial.was_closed = trial.closed_by_learner()
        trial.now_stopped = trial.stopped()
        trial.close()


# what cannot be tried


def problem_with(exercise: Exercise, thing: Any) -> str:  # noqa: PLR0911 - one return a mistake
    """Say in a sentence why this cannot be checked; "" if it can."""
    name = exercise.function
    if thing is NOTHING:
        return f"check needs your function: check({name})."
    if thing is None:
        return f"That is None. Give check the function itself: check({name})."
    if isinstance(thing, str):
        return f"That is text. Give check the function itself, without quotes: check({name})."
    if isinstance(thing, type):
        return f"That is the class {thing.__name__}. A function is needed: check({name})."
    if not callable(thing):
        told = f"That is a value of the type {type(thing).__name__}, and no function."
        return f"{told} Leave out the parentheses behind its name: check({name})."
    if inspect.iscoroutinefunction(thing):
        return f"{name} is async, and nobody here awaits it. Write it with def alone."
    if inspect.isgeneratorfunction(thing) and not inspect.isgeneratorfunction(exercise.starter):
        return f"{name} has a yield, so a call does nothing but make a generator. Use return."
    return problem_with_parameters(exercise, thing)


def problem_with_parameters(exercise: Exercise, thing: Callable[..., Any]) -> str:
    try:
        wanted, signature = inspect.signature(exercise.starter), inspect.signature(thing)
    except (TypeError, ValueError):  # such as a built-in function
        return ""
    given = [n for n, p in wanted.parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    try:
        signature.bind(*given)
    except TypeError:
        told = ", ".join(signature.parameters) or "nothing"
        return f"It takes ({told}), and will be called with ({', '.join(given)})."
    return ""


def is_same(one: Any, other: Any) -> bool:
    """Say whether two functions do the same by the same instructions, wherever they stand.

    Python compiles `name.method()` otherwise where the file itself imports the name, so the source
    is compared as well.
    """
    code, other_code = (getattr(each, "__code__", None) for each in (one, other))
    if not isinstance(code, CodeType):
        return False
    return _essence(code) == _essence(other_code) or _statements(one) == _statements(other)


def _statements(function: Any) -> str | object:
    """Return what the source says, whatever its layout and comments; nothing equals no source."""
    try:
        return ast.dump(ast.parse(source_of(function)))
    except (OSError, TypeError, SyntaxError):
        return object()


def _essence(code: Any) -> Any:
    if not isinstance(code, CodeType):
        return code
    constants = tuple((type(each), _essence(each)) for each in code.co_consts)
    return code.co_code, code.co_names, code.co_varnames, constants


# what went wrong, in words


def in_words(outcome: Outcome, thing: Any, trial: Trial, seconds: float) -> str:
    """Say what went wrong and, where it was the learner's own line, which one."""
    before = f"While {trial.scene}: " if trial.scene else ""
    if outcome.error is None:
        where = line_of(own_frame(outcome.frame, thing))
        told = f"it was still running after {seconds:g} seconds{where}."
        return capital(f"{before}{told} Does a loop never end, or does it wait for something?")
    if trial.was_closed:
        told = "the shop was closed. It is for whoever opened it to close it; leave it open."
        return capital(f"{before}{told}")
    told = told_error(outcome.error, thing)
    if trial.now_stopped and trial.now_stopped not in told:
        told = f"{told} And {trial.now_stopped}."
    return capital(f"{before}{told}")


def told_error(error: BaseException, thing: Any) -> str:
    if isinstance(error, CaseFailed):
        return ended(str(error))
    said = " ".join(safe(error).split())
    named = f"{type(error).__name__}: {said}" if said else type(error).__name__
    raised_at = raised_in(error, thing)
    if raised_at:
        where = line_of(raised_at)
        return ended(f"your function raised {named[:300]}{where}")
    if isinstance(error, ShopError):
        return ended(f"the shop refused ({named[:300]})")
    return ended(f"what came back cannot be used ({named[:300]})")


Place = tuple[str, int]  # file, line


def raised_in(error: BaseException, thing: Any) -> Place | None:
    """Return the innermost of the learner's own lines that an error came through."""
    found = None
    for frame, line in walk_tb(error.__traceback__):
        if is_own(frame.f_code.co_filename, thing):
            found = frame.f_code.co_filename, line
    return found


def own_frame(frame: FrameType | None, thing: Any) -> Place | None:
    """Return the innermost of the learner's own lines that are running."""
    while frame is not None:
        if is_own(frame.f_code.co_filename, thing):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


def is_own(filename: str, thing: Any) -> bool:
    """Say whether a file is the learner's: the function's own, or none of the program's."""
    code = getattr(thing, "__code__", None)
    if code and filename == code.co_filename:
        return True
    return not filename.startswith((str(PACKAGE), "<frozen", *OTHERS))


def line_of(place: Place | None) -> str:
    """Return " at line 3 of its cell (order.total += 1)"."""
    if place is None:
        return ""
    line = linecache.getline(*place).strip()
    return f" at line {place[1]}, {line}" if line else f" at line {place[1]}"


def safe(error: BaseException) -> str:
    said: list[str] = []
    run_patiently(lambda: said.append(str(error)), 0.5)  # a learner's own may fail even at that
    return said[0] if said else ""


def ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
