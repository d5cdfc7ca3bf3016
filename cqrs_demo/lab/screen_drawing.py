"""Draws a film: the client's screens in a row, and above them a bar of time, to scale.

What stands inside a screen is what the person sees; the words around it are what only an onlooker
knows. Old is hatched and orange, never red: being behind is no fault. Text from data is escaped.
"""

from html import escape

from .frames import STYLE
from .screens import Film, Moment

WORDS = {  # state -> role (its colour), sign, what an onlooker knows
    "before": ("neutral", "○", "before the command"),
    "old": ("event", "…", "old: without her change"),
    "own": ("command", "!", "her own words, accepted"),
    "current": ("read", "✓", "current: with her change"),
}

KEY = (
    "The bar is what the screen shows, hatched while that is the old address. "
    "From the mark on, the documents have the new one."
)

LOOK = """<style>
.cqrs .cqrs-film { background: var(--surface); border: 1px solid var(--rule);
  border-radius: 10px; padding: 12px 16px 14px; container-type: inline-size }
.cqrs-film h4.cqrs-film-title { margin: 0 0 2px; font-size: 15px; font-weight: 600;
  color: var(--ink); line-height: 1.4 }
.cqrs-film .cqrs-film-sum { margin: 0; font-size: 13px }
.cqrs-film .cqrs-time { position: relative; margin: 12px 0 28px; height: 14px; display: flex;
  border: 1px solid var(--edge); border-radius: 4px; overflow: visible }
.cqrs-film .cqrs-time > i { display: block; height: 100%; background: var(--fill); min-width: 3px }
.cqrs-film .cqrs-time > i.cqrs-event { background: repeating-linear-gradient(-45deg,
  var(--fill) 0 6px, var(--solid) 6px 7px) }
.cqrs-film .cqrs-time > b { position: absolute; top: -5px; height: 22px; width: 0;
  border-left: 3px solid var(--ink) }
.cqrs-film .cqrs-time > span { position: absolute; top: 17px; font-size: 12px; line-height: 16px;
  color: var(--muted); white-space: nowrap }
.cqrs-film .cqrs-film-key { margin: -4px 0 12px; font-size: 12px; line-height: 16px;
  color: var(--muted) }
.cqrs-film ol.cqrs-moments { display: flex; flex-wrap: wrap; gap: 12px; margin: 0; padding: 0;
  list-style: none }
.cqrs-film ol.cqrs-moments > li { margin: 0; flex: 1 1 170px; max-width: 224px;
  display: flex; flex-direction: column }
.cqrs-film .cqrs-when { font-size: 12px; color: var(--muted); line-height: 18px }
.cqrs-film .cqrs-screen { border: 1.75px solid var(--muted); border-radius: 8px; flex: 1 1 auto;
  background: var(--surface); overflow: hidden; min-height: 112px; display: flex;
  flex-direction: column }
.cqrs-film .cqrs-page { padding: 6px 10px; font-size: 13px; line-height: 20px; flex: 1 1 auto }
.cqrs-film .cqrs-page > div { overflow-wrap: anywhere }
.cqrs-film .cqrs-form { display: flex; justify-content: flex-end; align-items: center; gap: 6px;
  padding: 8px 10px 4px; min-height: 22px; border-bottom: 1px solid var(--rule) }
.cqrs-film .cqrs-typed { flex: 1 1 auto; border: 1px solid var(--edge); border-radius: 6px;
  padding: 1px 6px; font-size: 12px; line-height: 18px; overflow-wrap: anywhere }
.cqrs-film .cqrs-button { padding: 1px 8px; border-radius: 6px;
  border: 1.5px solid var(--line); background: var(--fill); font-size: 12px; line-height: 18px;
  color: var(--ink) }
.cqrs-film .cqrs-pressed { background: var(--solid); color: var(--on) }
.cqrs-film .cqrs-notice { padding: 4px 10px; font-size: 13px; line-height: 18px;
  border-top: 1px solid var(--rule); background: var(--sunken); font-style: italic }
.cqrs-film .cqrs-known { margin-top: 5px; padding-left: 7px; border-left: 4px solid var(--line);
  font-size: 12px; line-height: 16px; color: var(--line); font-weight: 600; min-height: 16px }
</style>"""


def to_html(film: Film) -> str:
    """Return a film as HTML that says the same without its stylesheet."""
    moments = "".join(
        _screen(number, moment, film.address) for number, moment in enumerate(film.moments)
    )
    return (
        f'{STYLE}{LOOK}<div class="cqrs"><section class="cqrs-film">'
        f'<h4 class="cqrs-film-title">{escape(film.title)}</h4>'
        f'<p class="cqrs-film-sum">{escape(_sum(film))}</p>'
        f"{_bar(film)}"
        f'<ol class="cqrs-moments">{moments}</ol></section></div>'
    )


def to_text(film: Film) -> str:
    """Return a film as plain text, a line a moment."""
    lines = [film.title, _sum(film)]
    for moment in film.moments:
        page = ", ".join(f"{name}: {value}" for name, value in page_of(moment))
        notice = f' "{moment.notice}"' if moment.notice else ""
        lines.append(f"{_when(moment):>24}  {page}{notice}  [{WORDS[moment.state][2]}]")
    return "\n".join(lines)


def page_of(moment: Moment) -> list[tuple[str, str]]:
    """Return what the page shows of an order, name and value."""
    order = moment.order
    return [
        ("order", order.order_id),
        ("status", order.status),
        ("send to", order.shipping_address or "–"),
    ]


def _sum(film: Film) -> str:
    asked = "1 query" if film.queries == 1 else f"{film.queries} queries"
    return f"The documents had heard after {film.caught_up:.2f} s. The client asked {asked}."


def _when(moment: Moment) -> str:
    if moment.state == "before":
        return "before"
    again = "opened again, " if moment.is_opened_again else ""
    return f"{again}{moment.at:.2f} s"


def _screen(number: int, moment: Moment, typed: str) -> str:
    role, sign, known = WORDS[moment.state]
    rows = "".join(f"<div>{escape(n)}: <b>{escape(v)}</b></div>" for n, v in page_of(moment))
    button = '<div class="cqrs-button cqrs-command">Save</div>'
    if number == 1:
        pressed = '<div class="cqrs-button cqrs-command cqrs-pressed">Save</div>'
        button = f'<div class="cqrs-typed">{escape(typed)}</div>{pressed}'
    notice = f'<div class="cqrs-notice">{escape(moment.notice)}</div>' if moment.notice else ""
    return (
        f'<li><div class="cqrs-when">{escape(_when(moment))}</div>'
        f'<div class="cqrs-screen"><div class="cqrs-form">{button}</div>'
        f'<div class="cqrs-page">{rows}</div>{notice}</div>'
        f'<div class="cqrs-known cqrs-{role}"><span aria-hidden="true">{sign}</span> '
        f"{escape(known)}</div></li>"
    )


def _bar(film: Film) -> str:
    """Draw the time from the command to the end; a mark stands where the documents had heard."""
    shown = [moment for moment in film.moments if moment.state != "before"]
    end = max(shown[-1].at, film.caught_up) * 1.2 or 1.0
    until = [*(moment.at for moment in shown[1:]), end]
    parts = "".join(
        f'<i class="cqrs-{WORDS[moment.state][0]}" style="width:{_part(to - moment.at, end)}"></i>'
        for moment, to in zip(shown, until, strict=True)
    )
    heard = _part(film.caught_up, end)
    return (
        f'<div class="cqrs-time" aria-hidden="true">{parts}'
        f'<b style="left:{heard}"></b><span style="left:0">command sent</span>'
        f'<span style="left:{heard}; transform:translateX(-50%)">documents heard</span></div>'
        f'<p class="cqrs-film-key" aria-hidden="true">{KEY}</p>'
    )


def _part(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f}%"
