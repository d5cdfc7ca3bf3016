"""Predictions: a question at a step, to be answered before the rest of the run is shown.

Whoever has bet on an outcome looks at it differently (Crouch et al., "Classroom demonstrations:
Learning tools or entertainment?", 2004). A choice that is wrong carries the misconception behind
it, so that a lesson can answer the thought and not only the click.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from ..domain.errors import InvalidMessage
from ..recording import Panels, Recording, Step

Question = dict[str, Any]

SAVED_IS_VISIBLE = "what is saved is visible everywhere at once"
BEHIND_IS_A_FAULT = "a read side that is behind is broken"
QUERIES_WAIT = "a query waits until the read side has caught up"


def choose(text: str, choices: Sequence[tuple[str, ...]], right: int) -> Question:
    """Return a question with choices (text, why) or (text, why, misconception)."""
    if not 2 <= len(choices) <= 4 or not 0 <= right < len(choices):
        raise InvalidMessage("choices", "must be two to four, one of which is right")
    names = ("text", "why", "misconception")
    return {
        "text": text,
        "choices": [dict(zip(names, choice, strict=False)) for choice in choices],
        "right": right,
    }


def number(text: str, right: float, why: str) -> Question:
    """Return a question that is answered with a number."""
    return {"text": text, "number": True, "right": right, "why": why}


def with_question(recording: Recording, step: int, question: Question) -> Recording:
    """Return the recording with a question at a step: what follows it is hidden until a bet."""
    if type(step) is not int or not 1 <= step <= len(recording.steps):
        raise InvalidMessage("step", f"must be from 1 to {len(recording.steps)}")
    steps = list(recording.steps)
    steps[step - 1] = replace(steps[step - 1], question=question)
    return replace(recording, steps=steps)


def with_predictions(recording: Recording) -> Recording:
    """Return the recording with a question wherever a query was asked while events waited."""
    for asked, before, came in _answers(recording.steps):
        state = recording.state(before.n)
        behind = _behind(state, before)
        if before.question is None and behind:
            question = _prediction(asked, came, behind, _written(state))
            recording = with_question(recording, before.n, question)
    return recording


def misconceptions(recording: Recording, bets: Mapping[Any, Any]) -> list[str]:
    """Return what the learner seems to believe, by the wrong choices among `bets`.

    `bets` maps the number of a step, as number or text, to the index of the choice.
    """
    found = []
    for step in recording.steps:
        bet = bets.get(step.n, bets.get(str(step.n)))
        question = step.question or {}
        if bet is None or bet == question.get("right") or "choices" not in question:
            continue
        choice = question["choices"][bet]
        found.append(choice.get("misconception", choice["text"]))
    return found


def _answers(steps: Sequence[Step]) -> list[tuple[Step, Step, Step]]:
    """Return for each query its step, the last one that does not tell the outcome, and the outcome.

    The question is asked at the one in the middle, as its sentence gives nothing away.
    """
    found = []
    for _, run in groupby(steps, key=lambda step: step.call):
        asked = before = None
        for step in run:
            if step.kind == "query":
                asked = step
            elif asked and before and step.target == "client" and step.kind in ("answer", "reject"):
                found.append((asked, before, step))
            before = step
    return found


def _written(state: Panels) -> int:
    return int(state["checkpoints"].get("log", {"written": {"position": 0}})["written"]["position"])


def _behind(state: Panels, before: Step) -> int:
    """By how many events the documents are behind that the query looks into; else the slowest."""
    rows = state["checkpoints"].get("projections", {})
    served = before.payload["projection"] if before.kind == "load" and rows else None
    seen = [row["checkpoint"] for name, row in rows.items() if served in (None, name)]
    return _written(state) - min(seen) if seen else 0


def _prediction(asked: Step, came: Step, behind: int, events: int) -> Question:
    waiting = f"{behind} of {events} events {'waits' if behind == 1 else 'wait'}"
    refused = came.kind == "reject"
    old = "Nothing: it is not found" if refused else "What the read side knew before"
    outcome = "not found" if refused else "the older answer"
    choices = [
        (
            "What was saved last",
            f"Saved is not yet visible: {waiting} to be applied to the documents.",
            SAVED_IS_VISIBLE,
        ),
        (old, f"The documents answer with what they have heard of, and {waiting}."),
        (
            "An error: the read side is behind",
            f"Being behind is normal here. The query is answered: {outcome}.",
            BEHIND_IS_A_FAULT,
        ),
        (
            "It waits, then shows what was saved last",
            f"Nobody waits unless the client asks for it with after=. The answer: {outcome}.",
            QUERIES_WAIT,
        ),
    ]
    if came.name == "StillStale":
        choices[2] = ("A refusal: not up to date yet", "The client said what it must have seen.")
        return choose(f"{waiting}. What does {asked.name} answer now?", choices, 2)
    return choose(f"{waiting.capitalize()}. What does {asked.name} answer now?", choices, 1)
