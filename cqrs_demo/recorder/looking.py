"""What each hop lets the recorder see, by its kind and target: rows, ids, what is on its way."""

from typing import Any

from ..eventful_shop import EventfulShop
from ..hops import Hop
from .messages import as_json, as_python, said
from .scenes import Group
from .stores import Stores
from .telling import type_name, vars_of


def look_at_nothing(stores: Stores, hop: Hop, group: Group) -> None:
    pass


def look_at_command(stores: Stores, hop: Hop, group: Group) -> None:
    if isinstance(hop.message, tuple):  # a form tells no time
        message, at = hop.message
        group.at = as_json(at)
        stores.notice(ids_in(message))


def look_at_decision(stores: Stores, hop: Hop, group: Group) -> None:
    for event in hop.message[1]:
        stores.notice(ids_in(event))


def look_at_tables(stores: Stores, hop: Hop, group: Group) -> None:
    stores.look_at_tables(hop.connection)


def look_at_commit(stores: Stores, hop: Hop, group: Group) -> None:
    if hop.connection is not None:
        stores.look_at_tables(hop.connection)
    if stores.keep_write_side():
        stores.age_answers()


def look_at_rollback(stores: Stores, hop: Hop, group: Group) -> None:
    if hop.connection is not None:
        stores.look_at_tables(hop.connection)
    else:
        stores.take_back_write_side()


def look_at_documents(stores: Stores, hop: Hop, group: Group) -> None:
    projection, _, _, key = hop.message
    group.projection = projection
    group.users.add(projection)
    stores.notice([key])
    stores.look_at_documents(hop.connection, projection)


def look_at_read_store(stores: Stores, hop: Hop, group: Group) -> None:
    """A commit or a rollback: of one projection's documents, with its checkpoint."""
    group.applying = False
    if hop.connection is None:
        return
    for projection in [group.projection] if group.projection else ():
        stores.look_at_documents(hop.connection, projection)
    stores.look_at_checkpoints(hop.connection)


def look_at_fault(stores: Stores, hop: Hop, group: Group) -> None:
    projection, recorded, _ = hop.message
    group.projection = projection
    group.faults.append(recorded.position)
    stores.look_at_documents(hop.connection, projection)


def look_at_relay(stores: Stores, hop: Hop, group: Group) -> None:
    group.projection = None
    stores.clear_bus()


def look_at_bus(stores: Stores, hop: Hop, group: Group) -> None:
    names, recorded = hop.message
    group.events.add(recorded.position)
    group.at = as_json(recorded.at)
    stores.put_on_bus(recorded.position, type_name(recorded.event), names)


def look_at_tampering(stores: Stores, hop: Hop, group: Group) -> None:
    done, recorded = hop.message
    if done == "loses":
        stores.lose_from_bus(recorded.position)


def look_at_projection(stores: Stores, hop: Hop, group: Group) -> None:
    if hop.source == "projections":  # it passes over what it has seen
        return
    if hop.source != "event_bus":  # a rebuild
        group.projection, count = hop.message
        group.events.update(range(1, count + 1))
        return
    group.projection, recorded = hop.message
    group.applying = True
    group.at = as_json(recorded.at)
    stores.take_from_bus(recorded.position, hop.message[0])


def look_at_query(stores: Stores, hop: Hop, group: Group) -> None:
    group.asked = hop.message
    stores.asking = group


def look_at_reading(stores: Stores, hop: Hop, group: Group) -> None:
    """See the documents as the query does: somebody else may have delivered meanwhile."""
    if isinstance(hop.message, str) and hop.message not in group.read_from:
        stores.look_at_documents(hop.connection, hop.message)
        stores.look_at_checkpoints(hop.connection)
        group.read_from[hop.message] = stores.checkpoints[hop.message]
    stores.asking = group


def look_at_client(stores: Stores, hop: Hop, group: Group) -> None:
    """What comes back to the client: nothing, a no, or an answer."""
    stores.asking = group
    if hop.kind == "accept":
        stores.tell_client(as_python(hop.message), "done")
        return
    message, result = hop.message
    is_answer = hop.kind == "answer" or (group.asked is not None and stores.is_query(message))
    told = f"{type_name(result)}: {said(result)}" if hop.kind == "reject" else as_json(result)
    if is_answer:
        eventful = isinstance(stores.shop, EventfulShop)
        reflects = stores.seen_by_query if eventful else None
        stores.answer_client(as_python(message), as_json(told), reflects)
    else:
        stores.tell_client(as_python(message), as_json(f"refused: {told}"))


def ids_in(message: Any) -> list[str]:
    return [value for value in vars_of(message).values() if isinstance(value, str)]


LOOKS = {
    ("command", "command_handler"): look_at_command,
    ("command", "one_model"): look_at_command,
    ("command", "aggregate"): look_at_decision,
    ("save", "write_store"): look_at_tables,
    ("commit", "write_store"): look_at_commit,
    ("rollback", "write_store"): look_at_rollback,
    ("save", "read_store"): look_at_documents,
    ("commit", "read_store"): look_at_read_store,
    ("rollback", "read_store"): look_at_read_store,
    ("fault", "projections"): look_at_fault,
    ("load", "relay"): look_at_relay,
    ("event", "event_bus"): look_at_bus,
    ("event", "projections"): look_at_projection,
    ("fault", "event_bus"): look_at_tampering,
    ("query", "query_handler"): look_at_query,
    ("query", "one_model"): look_at_query,
    ("load", "query_handler"): look_at_reading,
    ("accept", "client"): look_at_client,
    ("reject", "client"): look_at_client,
    ("answer", "client"): look_at_client,
}
