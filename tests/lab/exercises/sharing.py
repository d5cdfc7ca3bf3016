"""What the tests of every lesson's exercises share.

A lesson's test module says WRONG = {exercise name: [(a wrong answer, words of the message), ...]},
at least three for each exercise, and ends with

    from sharing import tests_of

    globals().update(tests_of("01", WRONG))

which adds a test a sentence: solutions pass, starters are "not yet", wrong answers are told apart.
Other right answers than ours may follow: RIGHT = [(exercise name, the answer), ...].
"""

import linecache

import pytest

from cqrs_demo.lab.exercises import all_exercises
from cqrs_demo.lab.exercises.checking import check
from cqrs_demo.recorder.sources import PACKAGE

SHORT_MINUTES = 5  # of a core exercise


def exercises_of(lesson):
    return {name: each for name, each in all_exercises().items() if each.lesson == lesson}


def as_in_a_cell(exercise):
    """Return the starter as a notebook makes it: from its text, in a file that imports nothing."""
    cell = f"<cell {exercise.name}>"
    text = exercise.starter_text
    linecache.cache[cell] = (len(text), None, text.splitlines(keepends=True), cell)
    names = dict(exercise.starter.__globals__)
    exec(compile(text, cell, "exec", dont_inherit=True), names)
    return names[exercise.function]


def tests_of(lesson, wrong, right=()):
    """Return test functions by name, for the namespace of a lesson's test module.

    `right` has other right answers than ours: (exercise name, answer).
    """
    exercises = exercises_of(lesson)
    pairs = [(name, n) for name, answers in wrong.items() for n in range(len(answers))]
    each_exercise = pytest.mark.parametrize("name", exercises)
    each_answer = pytest.mark.parametrize(
        ("name", "n"), pairs, ids=[f"{name}-{wrong[name][n][0].__name__}" for name, n in pairs]
    )

    def test_the_lesson_has_enough_exercises():
        assert len(exercises) >= 4
        assert [each.minutes for each in exercises.values() if each.core] == [SHORT_MINUTES] * 2
        assert any(each.finds_bug for each in exercises.values())
        assert set(wrong) == set(exercises)

    @each_exercise
    def test_our_solution_passes(name):
        verdict = check(exercises[name], exercises[name].solution)
        assert verdict.passed, verdict.message
        assert verdict.recording is None

    @each_exercise
    def test_the_untouched_starter_is_not_yet_and_nothing_is_made_of_it(name):
        verdict = check(exercises[name], exercises[name].starter)
        assert (verdict.state, verdict.recording) == ("not yet", None)

    @each_exercise
    def test_the_starter_is_known_again_where_a_cell_holds_it(name):
        verdict = check(exercises[name], as_in_a_cell(exercises[name]))
        assert verdict.state == "not yet", verdict.message

    @each_exercise
    def test_three_plausible_wrong_answers_are_known(name):
        assert len(wrong[name]) >= 3
        assert len({words for _, words in wrong[name]}) >= 2, "do they all fail the same way?"

    @each_answer
    def test_a_wrong_answer_is_told_what_is_wrong(name, n):
        answer, words = wrong[name][n]
        verdict = check(exercises[name], answer)
        assert verdict.state == "failed", verdict.message
        assert words in verdict.message
        assert str(PACKAGE) not in verdict.message
        assert verdict.recording is None or len(verdict.recording.to_json()) < 200_000

    @pytest.mark.parametrize(
        ("name", "answer"), right, ids=[f"{name}-{answer.__name__}" for name, answer in right]
    )
    def test_another_right_answer_passes(name, answer):
        verdict = check(exercises[name], answer)
        assert verdict.passed, verdict.message

    @each_exercise
    def test_a_failing_case_comes_with_its_recording(name):
        verdicts = [check(exercises[name], answer) for answer, _ in wrong[name]]
        assert any(verdict.recording for verdict in verdicts), "a case calls trial.does first"

    @each_exercise
    def test_the_words_are_plain(name):
        exercise = exercises[name]
        for text in (exercise.title, exercise.task, *exercise.hints):
            lowered = f" {text.lower()} "
            assert not any(f" {word} " in lowered for word in ("simply", "just", "obviously"))
        assert exercise.solution_text not in "".join(exercise.hints)
        assert f"def {exercise.function}(" in exercise.starter_text

    tests = {name: thing for name, thing in locals().items() if name.startswith("test_")}
    if not right:  # pytest would say that a test without parameters was skipped
        del tests["test_another_right_answer_passes"]
    return tests


tests_of.__test__ = False  # it makes tests, and is none
