"""What events are called to people: each room's door has its ``EVENTS``, this is the journal's."""

from collections.abc import Mapping

EVENTS = {
    "journal.searched": "查阅留痕",
}

_titles: dict[str, str] = dict(EVENTS)


def register_events(events: Mapping[str, str]) -> None:
    """Make known what the events of a room are called in Chinese."""
    _titles.update(events)


def event_title(event: str) -> str:
    """What an event is called; the event itself where no room that is installed names it."""
    return _titles.get(event, event)


def events_called(word: str) -> str:
    """The event with this Chinese title, else the word itself, to be searched for."""
    return next((event for event, title in _titles.items() if title == word), word)
