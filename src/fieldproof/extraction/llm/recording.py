"""Every answer of a run, kept so that the run can be repeated without the model: same bytes, same result."""

from __future__ import annotations

import threading
from dataclasses import asdict

import orjson

from fieldproof.core.errors import Malformed
from fieldproof.extraction.llm.errors import NotRecorded
from fieldproof.extraction.llm.messages import Ask, Model, Reply

VERSION = 1


class Recorder:
    """Passes questions on and keeps the answers. ``dump`` gives them as JSON; the questions themselves are not kept."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._replies: dict[str, list[Reply]] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._model.name

    def complete(self, ask: Ask, deadline: float) -> Reply:
        reply = self._model.complete(ask, deadline)
        with self._lock:
            self._replies.setdefault(ask.key(self.name), []).append(reply)
        return reply

    def dump(self) -> bytes:
        with self._lock:
            replies = {key: [asdict(r) for r in own] for key, own in sorted(self._replies.items())}
        return orjson.dumps({"version": VERSION, "model": self.name, "replies": replies})


class Replay:
    """A model that only repeats what a recording holds."""

    def __init__(self, recording: bytes) -> None:
        """Raises Malformed."""
        try:
            source = orjson.loads(recording)
            self._name = str(source["model"])
            self._replies = {key: [Reply(**r) for r in own] for key, own in source["replies"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Malformed("These bytes are not a recording.") from error
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._name

    def complete(self, ask: Ask, deadline: float) -> Reply:
        """Raises: NotRecorded."""
        with self._lock:
            waiting = self._replies.get(ask.key(self._name))
            if not waiting:
                raise NotRecorded
            # Only a question that was asked twice has more than one answer.
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]
