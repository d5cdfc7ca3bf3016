"""The sentences under the picture: one a step, in one table.

Each says in the present tense what happened and why it matters, is true on the rung it appears on,
and names the things it is about. A sentence for one rung stands under "situation/rung".
"""

import re
from collections.abc import Mapping
from typing import Any

MOST_LETTERS = 130  # two lines under the picture
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NO_EVENTS, STOPPED = "no events", " stopped"
LONGEST_WORD = 26  # of what is filled in, so that a sentence keeps its sense; errors may be longer

SENTENCES = {
    "command": "The client asks for something: {command} is an instruction to one handler, "
    "which may refuse it.",
    "command/crud": "The client sends {command}; here it becomes a form: fill in a row, new or "
    "loaded, and save it whole.",
    "form": "The client saves the form of {key}: the whole row comes back, and the last writer "
    "wins; why is not told.",
    "form with a version": "The client saves the form of {key} and says which version it was "
    "looking at, so that a lost race is noticed.",
    "load": "The handler loads {kind} {key} from the write store, because rules need the truth "
    "and not a copy.",
    "load/event-sourced": "The handler folds {kind} {key} from its events ({version} by now); a "
    "snapshot, if there is one, only shortens that.",
    "load/crud": "The one model loads the row of {key}; the same tables serve every form and "
    "every screen.",
    "open form": "The client opens the form of {key}: it gets the whole row, to change what it "
    "likes and send all of it back.",
    "form filled in": "The form shows the row as it is at version {version}; from now on it is a "
    "copy, and nobody else knows of it.",
    "decide": "The {kind} {key} checks its own rules and answers with {facts}; nothing is "
    "stored yet.",
    "decide nothing": "Nothing would change, so the {kind} {key} answers with no event; the "
    "command is accepted all the same.",
    "decide StockReserved": "The handler asks whether {quantity} of {key} are in stock: {stock} "
    "are, so the product answers StockReserved.",
    "decide OrderPlaced": "The order {key} has said yes, as it is a draft and not empty: "
    "OrderPlaced, which is not stored yet.",
    "decide unasked": "The handler itself makes {facts}: the {kind} {key} is not asked, and cannot "
    "say no. Nothing is stored yet.",
    "peek": "The handler looks into the documents of {projection}: a copy that may be behind is to "
    "decide what is true.",
    "save/one-database": "The new state of {kind} {key} goes into its tables; what it was before, "
    "and why it changed, is not kept.",
    "save/two-stores": "{kind} {key} goes into its tables and {facts} into the outbox: one "
    "transaction, so both or neither.",
    "save, event in memory": "{kind} {key} goes into its tables; {facts} is in no outbox, but in "
    "memory until it is published.",
    "save/event-sourced": "{facts} {go} to the end of the stream {stream}: this is the truth, and "
    "state is folded from it.",
    "save/crud": "The whole row of {key} is written, and not only what has changed; the reason "
    "is not kept.",
    "charge": "The payment gateway is asked to charge {money} for order {key}, once; a no would "
    "leave no trace but a rejection.",
    "refund": "The payment gateway is asked to give back the {money} of order {key}, as the last "
    "thing before the commit.",
    "undo failed": "The payment gateway could not take it back: {error}. Somebody has to "
    "follow this up.",
    "commit": "Commit: from now on all of it is there for everybody; had anything failed, none "
    "of it would be.",
    "commit/two-stores": "Commit: what was written to tables and outbox is there for good, all of "
    "it at once; otherwise none of it would be.",
    "commit/event-sourced": "Commit: any new event is there for good, in the one order that "
    "everybody sees.",
    "rollback": "Rollback: nothing is stored, no event took a position, and nobody will ever hear "
    "of it.",
    "rollback/crud": "Rollback: nothing is stored, and nobody will ever hear of it.",
    "rollback/one-database": "Rollback: nothing is stored, and nobody will ever hear of it.",
    "rollback documents": "Rollback: documents and checkpoint are as they were; the event waits "
    "in the log, and will be brought again.",
    "commit, done before": "Commit, with nothing in it: a command with this id was carried out "
    "before, so the handler is not called.",
    "accept, done before": "Done, as it was the first time: a command that comes again under its "
    "id is not carried out twice.",
    "accept": "Done: the command is accepted, and nothing else comes back.",
    "accept, created": "Done, and nothing comes back but that: the client made the id itself, so "
    "it needs no answer.",
    "accept, events wait": "Done, and nothing comes back but that. The read side is {behind} "
    "behind; it catches up by delivery.",
    "form saved": "The form is saved, and nobody was asked what was meant by it: the rules, if "
    "any, were in the form.",
    "reject": "No ({error}){because}. Nothing in the shop has changed.",
    "conflict": "Somebody else was faster{because}. Nothing is saved; load again, and "
    "decide again.",
    "query": "The client asks {query}: a query changes nothing, and reads documents that events "
    "have built.",
    "query/crud": "The client asks {query}: it reads the very tables that the forms write.",
    "query/one-database": "The client asks {query}: a query changes nothing, and reads the very "
    "tables that commands write.",
    "read tables": "The answer is worked out from {tables}: nothing is stored twice, so nothing "
    "can be old.",
    "read documents": "The query handler looks into the documents of {projection}: no join, and "
    "no rule on this side.",
    "answer": "The answer is current: {answer}, read from the tables themselves.",
    "answer, current": "Every event is in it: {answer}; its documents have seen all there is "
    "({events}).",
    "answer, old": "An honest but old answer: {answer}; its documents have seen {seen} of "
    "{events}.",
    "not found": "Not found{because}. The tables are always current, so it does not exist.",
    "not found, current": "Not found{because}. The documents have seen all there is ({events}), "
    "so it does not exist.",
    "not found, old": "Not found: the documents have seen {seen} of {events}, and what is "
    "asked for may be in the rest.",
    "still stale": "Not yet: the client wants to see event {after}, and is told to wait rather "
    "than shown old data.",
    "still stale, stopped": "Not yet, and waiting is in vain: the projection that serves this "
    "has stopped. An old answer is not given.",
    "refused query": "The query cannot be answered ({error}){because}.",
    "collect": "The relay finds {events} in the {log}: committed first and delivered after, so "
    "a relay that fails loses nothing.",
    "publish": "The relay hands {event} to the bus; a crash loses nothing: the checkpoints "
    "of those it is for have not moved.",
    "bring": "The bus brings {event} to the projection {projection}; the write side does not know "
    "who listens.",
    "apply": "The projection {projection} updates its document {key} with {event}: done "
    "now, not when somebody asks.",
    "remember": "The projection {projection} notes {key} for itself: it may not look into what "
    "another projection keeps.",
    "keep": "The projection {projection} saves its documents and its checkpoint together: "
    "{how_far}.",
    "keep nothing": "The projection {projection} has nothing to save from this; its checkpoint is "
    "{checkpoint} now: {how_far}.",
    "set aside": "The projection {projection} sets {events} aside, among its dead letters, and "
    "goes on: its documents lack {them}.",
    "bring nothing": "Nothing was brought to this projection: its checkpoint stays, and what it "
    "has missed is in the {log}.",
    "stand still": "The projection {projection} keeps what came before, and stands at "
    "{checkpoint}: {how_far}.",
    "fault": "The projection {projection} fails on event {position} ({error}{because}); the "
    "others go on.",
    "tampered": "The bus {done} {event}. The event store still has it, and each projection knows "
    "what it has seen.",
    "tampered/two-stores": "The bus {done} {event}. The outbox still has it, and each projection "
    "knows what it has seen.",
    "fill gap": "The projection {projection} stands at {checkpoint} and was brought {position}: it "
    "reads {missing} from the {log} first.",
    "pass over": "The projection {projection} stands at {checkpoint}: it has seen {event} before, "
    "and passes it over.",
    "crash, lost": "The program stops before it publishes: {facts} was only in memory, and nobody "
    "will ever hear of it.",
    "crash, kept": "The program stops before the relay runs: {facts} was committed, too, and "
    "waits in the outbox.",
    "react": "The reactor {reactor} finds {events} behind its own checkpoint, {checkpoint}: these "
    "are new, and it may act on them.",
    "react to nothing": "The reactor {reactor} finds nothing behind its own checkpoint, "
    "{checkpoint}: no rebuild has moved that.",
    "mail": "The reactor {reactor} sees {event} for the first time, and has one mail sent to "
    "{key}.",
    "rebuild": "The projection {projection} reads {events}, from the first one; meanwhile queries "
    "get what was there before.",
    "rebuild from nothing": "The projection {projection} begins anew, and there is no event yet "
    "that it could read.",
    "swap": "The new documents of {projection} take the place of what was there before, and the "
    "checkpoint with them.",
    "unshown": "Something moves here ({kind}) that cannot be shown: looking at it failed with "
    "{error}.",
    "keep unseen": "Documents and a checkpoint are saved together; what led to it was before this "
    "recording began.",
    "anything": "Something moves from {source} to {target}: {kind}.",
    "deliver": "Relay and bus bring {events} from the {log} to the projections; {documents}: "
    "{how_far}.",
    "deliver in vain": "The relay hands {events} to the bus, and nothing arrives: no projection "
    "moves, and the {log} still has {them}.",
    "deliver nothing": "What a projection had set aside is tried again; {documents}: {how_far}.",
}


def sentence(situation: str, rung: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence for a situation on a rung, at most MOST_LETTERS long.

    Raises KeyError for a situation that nobody has written a sentence for.
    """
    if situation == "deliver" and facts.get("events") == NO_EVENTS:  # retry: no relay, no bus
        situation = "deliver nothing"
    template = SENTENCES.get(f"{situation}/{rung}") or SENTENCES[situation]
    for most in (60, 48, LONGEST_WORD, 14):
        told = template.format_map({name: shortened(fact, most) for name, fact in facts.items()})
        if len(told) <= MOST_LETTERS:
            break
    return shortened(told[0].upper() + told[1:], MOST_LETTERS)


def shortened(fact: Any, most: int) -> str:
    """Return a fact on one line, cut off where it gets too long; who "stopped" did so still."""
    line = " ".join(without_direction(str(fact)).split())
    if len(line) <= most:
        return line
    end = STOPPED if line.endswith(STOPPED) and most > 2 * len(STOPPED) else ""
    return f"{line[: most - 1 - len(end)].rstrip(' ,')}…{end}"


def without_direction(text: str) -> str:
    """Return text that turns no words around: marks of direction are written out, as Python does.

    Letters that are read from right to left stay; the marks would turn our own words, too.
    """
    return DIRECTIONS.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)


def counted(n: int, thing: str) -> str:
    """Return "no events", "1 event" or "2 events"."""
    return f"{n or 'no'} {thing}{'' if n == 1 else 's'}"


def money(cents: int) -> str:
    """Return cents as an amount, without a currency: 18.40."""
    return f"{cents // 100}.{cents % 100:02}"


def listed(names: list[str]) -> str:
    """Return "A", "A and B" or "A, B and C"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
