"""What the console says and draws: what came of a click, how far the projections are, the bus."""

from html import escape
from typing import Any

from ..frames import as_text, to_html
from ..narration import counted
from ..show import Shown
from .controls import FATES
from .session import Session

MOST_CHANGES = 4
MOST_ANSWERS = 4  # rows of a list; the explorer shows what travels
LOG = (
    '<pre class="cqrs-log" tabindex="0" role="region" aria-label="What was done, as Python">'
    "{}</pre>"
)


def note(shown: Shown, call: str) -> str:
    """Draw what came of a call, in as few lines as it can be."""
    sign = f"<span aria-hidden='true'>{escape(shown.sign)}</span>"
    code = f'<code class="cqrs-muted">{escape(call)}</code>' if call else ""
    parts = [f'<div class="cqrs-sign">{sign} {escape(shown.title)} {code}</div>']
    if shown.sentence:
        parts.append(f"<div>{escape(shown.sentence)}</div>")
    if shown.frame is not None:
        parts.append(_answer(shown.frame))
    if shown.changed:
        more = len(shown.changed) - MOST_CHANGES
        lines = [*shown.changed[:MOST_CHANGES], *([f"and {more:,} more"] if more > 0 else [])]
        told = "".join(f"<span>{escape(line)}</span>" for line in lines)
        parts.append(f'<div class="cqrs-cells"><b>Changed:</b>{told}</div>')
    if shown.remark:
        parts.append(f'<div class="cqrs-muted">{escape(shown.remark)}</div>')
    return (
        f'<div role="status"><div class="cqrs-note cqrs-{shown.role}">{"".join(parts)}</div></div>'
    )


def _answer(frame: Any) -> str:
    """Draw a DTO as its fields, a list of them as a table."""
    if list(frame.columns) == ["field", "value"]:
        return cells(dict(zip(frame["field"], frame["value"], strict=True)))
    more = len(frame) - MOST_ANSWERS
    rest = f'<div class="cqrs-muted">and {more:,} more</div>' if more > 0 else ""
    return f"<div>{to_html(frame[:MOST_ANSWERS])}{rest}</div>"


def cells(row: dict[str, Any]) -> str:
    """Draw fields beside each other, as many as fit into a line."""
    fields = (
        f'<span><span class="cqrs-muted">{escape(str(name))}</span> {escape(as_text(value))}</span>'
        for name, value in row.items()
    )
    return f'<div class="cqrs-cells">{"".join(fields)}</div>'


def cursor(line: str) -> str:
    """Say where rewind and fork would go back to."""
    return (
        f'<div class="cqrs-help"><div>The cursor stands in <code>{escape(line)}</code>; both go '
        "back to before it. <b>The lab only: real events are for ever.</b></div></div>"
    )


def help_(text: str) -> str:
    return f'<div class="cqrs-help">{escape(text)}</div>'


def walk(first: int, steps: int) -> str:
    """Say which steps show what has just happened."""
    if steps == 1:
        return f"Step {first + 1} of the explorer shows it."
    return f"Steps {first + 1} to {first + steps}: Next walks through them." if steps else ""


def waiting_events(panels: Any) -> list[tuple[str, int]]:
    """Return the events that some projection has not seen: what to call each, and its position."""
    seen = min((r["checkpoint"] for r in panels["checkpoints"]["projections"].values()), default=0)
    rows = [
        *panels["outbox"].get("waiting", {}).values(),
        *panels["write"].get("events", {}).values(),
    ]
    found = {int(r["position"]): r.get("event") or r.get("type") for r in rows}
    return [(f"{n} {found[n]}", n) for n in sorted(found) if n > seen]


def planned(session: Session) -> str:
    """Say what the bus will do, as far as somebody has said so."""
    told = {what: words for what, words, _ in FATES.values()}
    plan = session.bus.plan if session.bus else {}
    words = "; ".join(f"{told.get(w, w)} event {n}" for n, w in sorted(plan.items()))
    text = f"The bus {words}." if words else "Pick a waiting event, and say what becomes of it."
    return help_(text)


def gauges(checkpoints: Any) -> tuple[str, str]:
    """Draw how far the projections are, all of them and each; being behind is no fault."""
    written = checkpoints["log"]["written"]["position"]
    rows = checkpoints["projections"]
    behind = written - min((row["checkpoint"] for row in rows.values()), default=written)
    stopped = [name for name, row in rows.items() if row["error"]]
    role, words = (
        ("event", f"{counted(behind, 'event')} behind") if behind else ("read", "✓ up to date")
    )
    if stopped:
        role, words = "rejection", f"× stopped: {', '.join(stopped)}; {words}"
    items = "".join(_bar(name, row["checkpoint"], written) for name, row in rows.items())
    gauge = f'<span class="cqrs-gauge cqrs-{role}">{escape(words)}</span>'
    return f'<div class="cqrs-help">{gauge}</div>', f'<ul class="cqrs-gauges">{items}</ul>'


def _bar(name: str, checkpoint: int, written: int) -> str:
    share = 100 * checkpoint / written if written else 100
    role = "read" if checkpoint == written else "event"
    behind = "✓" if checkpoint == written else f"−{written - checkpoint}"
    return (
        f'<li title="{escape(name)} has seen {checkpoint} of {written} events">'
        f'<span class="cqrs-bar cqrs-{role}" aria-hidden="true"><i style="width:{share:.0f}%"></i>'
        f"</span>{escape(name)} {behind}</li>"
    )
