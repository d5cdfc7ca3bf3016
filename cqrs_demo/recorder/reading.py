"""Reading a recording that was written as JSON, by somebody else perhaps, or long ago."""

import json
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

import fastjsonschema

from .. import recording
from ..domain.errors import ShopError
from ..recording import FORMAT, VERSION, Code, Fold, Recording, Step

SCHEMA = Path(recording.__file__).with_name("recording.schema.json")


def read_recording(text: str | bytes) -> Recording:
    """Return the recording. Raises ShopError if it is damaged, or newer than this program."""
    data = _parsed(text)
    _check(data)
    given = {name: data[name] for name in ("title", "architecture", "seed", "map", "initial")}
    steps = [_step(step) for step in data["steps"]]
    return Recording(**given, steps=steps, folds=[Fold(**fold) for fold in data.get("folds", [])])


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        data = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, TypeError, RecursionError) as error:
        raise ShopError(f"this is no recording: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ShopError(f'this is no recording: its "format" is not "{FORMAT}"')
    version = data.get("version")
    if type(version) is not int or version < 1:
        raise ShopError(f"this recording is damaged: its version is {str(version)[:40]!r}")
    if version > VERSION:
        raise ShopError(
            f"this recording has version {str(version)[:40]}; this program reads up to {VERSION}. "
            "A newer cqrs_demo wrote it"
        )
    return data


def _step(data: dict[str, Any]) -> Step:
    code = data.get("code")
    return Step(**{**data, "code": Code(**code) if code else None})


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number in JSON")


def _finite(text: str) -> float:
    if not isfinite(float(text)):
        _no_number(text[:40])
    return float(text)


@cache
def _validator() -> Any:
    return fastjsonschema.compile(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _check(data: dict[str, Any]) -> None:
    """Raise ShopError unless the data follows the schema and its steps are numbered 1, 2, 3 ..."""
    try:
        _validator()(data)
    except fastjsonschema.JsonSchemaValueException as error:
        raise ShopError(f"this recording is damaged: {error.message[:200]}") from error
    numbers = [step["n"] for step in data["steps"]]
    whole = [*numbers, *(fold[end] for fold in data.get("folds", []) for end in ("first", "last"))]
    if any(type(number) is not int for number in whole):  # a schema takes 1.0 for an integer
        raise ShopError("this recording is damaged: its steps have numbers that are not whole")
    if numbers != list(range(1, len(numbers) + 1)):
        raise ShopError("this recording is damaged: its steps are not numbered 1, 2, 3 ...")
    end = 0
    for fold in data.get("folds", []):
        if not end < fold["first"] <= fold["last"] <= len(data["steps"]):
            raise ShopError("this recording is damaged: its folds overlap, or lie outside it")
        end = fold["last"]
