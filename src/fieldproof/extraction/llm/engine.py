"""The engine that asks a language model. Reads top-down: groups in dependency order; each group in parts; each answer read,
asked again once where it can't be read, then judged against the text."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from fieldproof.core.result import Extraction, FieldValue, Ledger, LedgerRow
from fieldproof.core.schema import Field, FieldType, Group, Schema
from fieldproof.extraction.engine import Options, SourceDocument
from fieldproof.extraction.llm.config import LlmConfig
from fieldproof.extraction.llm.errors import InvalidOutput, ModelRefused, ModelTimeout, ModelUnavailable
from fieldproof.extraction.llm.form import (
    Filled,
    Leaf,
    ListField,
    Said,
    leaves_of,
    lists_of,
    parts,
    read_leaves,
    read_rows,
)
from fieldproof.extraction.llm.judge import Judge, Policy
from fieldproof.extraction.llm.messages import Ask, Model, Reply
from fieldproof.extraction.llm.prompt import Prompter
from fieldproof.extraction.llm.quotes import Run, Stream, span_of
from fieldproof.extraction.llm.recording import Recorder
from fieldproof.extraction.llm.retrieval import Index, query_of
from fieldproof.extraction.llm.script import Passage, Script, header_above, script_of, windows
from fieldproof.extraction.llm.spending import Meter, OpenPurse, Purse
from fieldproof.extraction.local import ITEM
from fieldproof.extraction.title import title_of

VERSION = "1.0"
_OUTPUT_SHARE = 3  # a list's answer is up to this many times as long as the text it comes from

ItemPath = tuple[str | int, ...]


class LlmEngine:
    """One model, one purse, one run. ``second``: what the local engine made of the same documents; agreement makes surer."""

    def __init__(
        self, model: Model, config: LlmConfig, *, purse: Purse | None = None, second: Callable[[], Extraction] | None = None,
        close: Callable[[], None] | None = None, cancel: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self._recorder = Recorder(model)
        self._config = config
        self._purse = purse or OpenPurse()
        self._second = second
        self._close = close
        self._cancel = cancel

    @property
    def name(self) -> str:
        return f"llm/{VERSION}:{self._recorder.name}"

    def extract(self, documents: Sequence[SourceDocument], schema: Schema, options: Options) -> Extraction:
        """Raises: ModelError, Cancelled."""
        script = script_of(documents)
        run = _Run(
            self._recorder,
            self._config,
            self._purse,
            script,
            schema,
            self._second() if self._second else None,
            _policy(options),
        )
        run.answer()
        return run.result(self.name)

    def recording(self) -> bytes:
        """Every answer so far, as JSON for ``Replay``."""
        return self._recorder.dump()

    def cancel(self) -> None:
        """From another thread: ``extract`` raises Cancelled as soon as it can."""
        if self._cancel:
            self._cancel()

    def close(self) -> None:
        if self._close:
            self._close()

    def __enter__(self) -> LlmEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class _Answer:
    """A form that came back, and the part of the text it was filled in from."""

    filled: Filled
    within: Run


@dataclass(frozen=True, slots=True)
class _Job:
    """One group's questions, or those for one of the items that it iterates over."""

    group: Group
    item: int | None
    known: dict[str, Any]


@dataclass(slots=True)
class _Outcome:
    leaves: list[_Answer]
    lists: dict[tuple[str, ...], list[_Answer]]


class _Run:
    """One extraction on its way."""

    def __init__(
        self,
        model: Model,
        config: LlmConfig,
        purse: Purse,
        script: Script,
        schema: Schema,
        second: Extraction | None,
        policy: Policy,
    ) -> None:
        self.model = model
        self.config = config
        self.schema = schema
        self.second = second
        self.script = script
        self.stream = Stream(script)
        self.index = Index(script.passages)
        self.judge = Judge(self.stream, second, policy)
        self.prompter = Prompter(schema, secrets.token_hex(16))
        self.meter = Meter(
            purse, model.name, config.price_of(model.name),
            most_output=config.max_output_tokens, max_calls=config.max_calls_per_run, pages=script.page_count,
        )  # fmt: skip
        self.deadline = time.monotonic() + config.run_timeout_s
        self.data: dict[str, Any] = {}
        self.values: list[FieldValue] = []
        self.warnings: list[str] = []
        self.title = ""

    # The order of events

    def answer(self) -> None:
        with ThreadPoolExecutor(self.config.concurrency) as pool:
            try:
                for groups in _levels(self.schema):
                    jobs = [job for g in groups for job in self.jobs(g)]
                    asked = [(job, [pool.submit(question) for question in self.questions(job)]) for job in jobs]
                    outcomes = [(job, [f.result() for f in futures]) for job, futures in asked]
                    for group in groups:
                        self.take(group, [(job, _joined(o)) for job, o in outcomes if job.group is group])
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        self.data = {g.name: self.data[g.name] for g in self.schema.groups}

    def jobs(self, group: Group) -> list[_Job]:
        if not group.iterates_on:
            return [_Job(group, None, self.data)]
        items = _at(self.data, group.iterates_on)
        return [
            _Job(group, i, {**self.data, ITEM: item}) for i, item in enumerate(items if isinstance(items, list) else [])
        ]

    def questions(self, job: _Job) -> list[Callable[[], _Outcome]]:
        if not self.script.passages:
            return []
        leaves = leaves_of(job.group)
        found: list[Callable[[], _Outcome]] = []
        for part in parts(leaves, self.config.max_fields_per_call):
            passages = self.passages(job, [leaf.field for leaf in part])
            title = self.schema.title_prompt if self.asks_title(job) and not found else None
            found.append(partial(self.ask_leaves, job, part, passages, title))
        for asked in lists_of(job.group):
            found += [partial(self.ask_list, job, asked, window) for window in self.windows(job, asked)]
        return found

    def asks_title(self, job: _Job) -> bool:
        """The first question about single fields also asks for the title, if that is more than references to fields."""
        prompt = self.schema.title_prompt
        first = next((g for g in self.schema.groups if not g.iterates_on and leaves_of(g)), None)
        return bool(prompt) and "{" not in (prompt or "") and job.group is first

    def passages(self, job: _Job, fields: Sequence[Field]) -> tuple[Passage, ...]:
        extra = json.dumps(job.known[ITEM], ensure_ascii=False) if job.item is not None else ""
        return self.index.best(query_of(job.group, fields, extra), self.config.max_document_tokens)

    def windows(self, job: _Job, asked: ListField) -> list[tuple[Passage, ...]]:
        """The whole text for a list of the document; the best passages for one that belongs to an item."""
        most = max(400, min(self.config.max_document_tokens, self.config.max_output_tokens // _OUTPUT_SHARE))
        passages = self.script.passages if job.item is None else self.passages(job, [asked.field])
        return windows(passages, most)

    # Questions (these run in the pool's threads)

    def ask_leaves(
        self, job: _Job, leaves: Sequence[Leaf], passages: tuple[Passage, ...], title: str | None
    ) -> _Outcome:
        ask = self.prompter.leaves(job.group, leaves, passages, job.known, title=title)
        reply = self.complete(ask)
        if reply.is_cut and len(leaves) > 1:
            middle = len(leaves) // 2
            halves = [
                self.ask_leaves(job, half, passages, t)
                for half, t in ((leaves[:middle], title), (leaves[middle:], None))
            ]
            return _joined(halves)
        filled = self.readable(ask, reply, partial(read_leaves, leaves=leaves))
        return _Outcome([_Answer(filled, span_of(self.stream, passages))], {})

    def ask_list(self, job: _Job, asked: ListField, window: tuple[Passage, ...]) -> _Outcome:
        lead = header_above(self.script, window[0])
        ask = self.prompter.rows(job.group, asked, window, job.known, seen_rows=_table_rows(window), lead=lead)
        reply = self.complete(ask)
        if reply.is_cut and len(window) > 1:
            middle = len(window) // 2
            return _joined([self.ask_list(job, asked, half) for half in (window[:middle], window[middle:])])
        filled = self.readable(ask, reply, partial(read_rows, item=asked.item))
        return _Outcome([], {asked.path: [_Answer(filled, span_of(self.stream, window))]})

    def readable(self, ask: Ask, reply: Reply, read: Callable[[Reply], Filled]) -> Filled:
        """The answer, asked for once more where it can't be read. Raises: InvalidOutput."""
        first = read(reply)
        if not first.problems and not reply.is_cut:
            return first
        problems = first.problems or ["The answer was cut off at the limit of its length."]
        second = read(self.complete(self.prompter.again(ask, problems, reply.text)))
        if not second.is_usable and not first.is_usable:
            raise InvalidOutput(f"{InvalidOutput.__doc__} What was wrong: {second.problems[0][:200]}")
        if not second.is_usable:
            return first
        return replace(second, said={**first.said, **second.said}, title=second.title or first.title)

    def complete(self, ask: Ask) -> Reply:
        if time.monotonic() >= self.deadline:
            raise ModelTimeout(
                f"The run took longer than {self.config.run_timeout_s:.0f} s. Split it, or raise FIELDPROOF_LLM_RUN_TIMEOUT_S."
            )
        reservation = self.meter.before(ask)
        try:
            reply = self.model.complete(ask, self.deadline)
        except (ModelRefused, ModelUnavailable):
            self.meter.refused(reservation)
            raise
        except ModelTimeout as error:
            self.meter.unknown(reservation, ask, error.lost)
            raise
        self.meter.after(reservation, ask, reply)
        return reply

    # Answers

    def take(self, group: Group, outcomes: list[tuple[_Job, _Outcome]]) -> None:
        if not group.iterates_on:
            job, outcome = outcomes[0]
            self.data[group.name] = self.entry(job, outcome)
        else:
            self.data[group.name] = [{ITEM: job.known[ITEM], **self.entry(job, outcome)} for job, outcome in outcomes]

    def entry(self, job: _Job, outcome: _Outcome) -> dict[str, Any]:
        found: dict[tuple[str, ...], Any] = {}
        for leaf in leaves_of(job.group):
            value = self.leaf(job, leaf, outcome)
            self.values.append(value)
            found[leaf.path] = value.value
        for asked in lists_of(job.group):
            found[asked.path] = self.list(job, asked, outcome)
        self.title = self.title or next((a.filled.title for a in outcome.leaves if a.filled.title), "")
        return {f.name: _assembled(f, (job.group.name, f.name), found) for f in job.group.fields}

    def leaf(self, job: _Job, leaf: Leaf, outcome: _Outcome) -> FieldValue:
        path = _placed(leaf.path, job.item)
        answer = next((a for a in outcome.leaves if leaf.key in a.filled.said), None)
        if answer is not None:
            return self.judge.field(path, leaf.field, answer.filled.said[leaf.key], answer.within)
        if not self.script.passages:
            return self.judge.field(path, leaf.field, Said(None), (0, 0))
        self.warnings.append(f"{_dotted(path)}: the model's answer could not be read as {_a(leaf.field)}.")
        return self.judge.unread(path)

    def list(self, job: _Job, asked: ListField, outcome: _Outcome) -> list[Any]:
        path = _placed(asked.path, job.item)
        answers = outcome.lists.get(asked.path, [])
        rows = [(said, a.within) for a in answers for said in a.filled.rows]
        data, values, left_out = self.judge.rows(path, asked.item, rows)
        self.values += values
        unread = sum(len(a.filled.problems) for a in answers)
        if left_out:
            self.warnings.append(
                f"{_dotted(path)}: {left_out} rows that the model gave do not stand in the document, or stand twice; left out."
            )
        if unread:
            self.warnings.append(
                f"{_dotted(path)}: {unread} rows of the model's answer could not be read; some may be missing."
            )
        return data

    # The outcome

    def result(self, engine: str) -> Extraction:
        by_path = {tuple(map(str, v.path)): v for v in self.values}
        prompt = self.schema.title_prompt
        title = self.title or title_of(prompt, (), by_path, None) or (self.second.title if self.second else None)
        ledgers = tuple(_ledger(ledger, self.values) for ledger in (self.second.ledgers if self.second else ()))
        incomplete = [_dotted(x.path) for x in ledgers if not x.is_complete]
        self.warnings += [
            f"{p}: not every row of the source table is accounted for; some may be missing." for p in incomplete
        ]
        data = json.loads(json.dumps(self.data))  # no object is shared between groups
        return Extraction(data, tuple(self.values), title, engine, ledgers, self.meter.usage(), tuple(self.warnings))


def _policy(options: Options) -> Policy:
    wanted = options.settings.get("llm")
    name = wanted.get("unsupported") if isinstance(wanted, dict) else None
    return Policy(name) if name in Policy.__members__.values() else Policy.AUTO


def _levels(schema: Schema) -> list[list[Group]]:
    """Groups that can be asked together, each level after those it depends on."""
    depth: dict[str, int] = {}
    levels: dict[int, list[Group]] = {}
    for group in schema.in_dependency_order():
        depth[group.name] = 1 + max((depth[name] for name in group.depends_on), default=-1)
        levels.setdefault(depth[group.name], []).append(group)
    return [levels[level] for level in sorted(levels)]


def _joined(outcomes: Sequence[_Outcome]) -> _Outcome:
    lists: dict[tuple[str, ...], list[_Answer]] = {}
    for outcome in outcomes:
        for path, answers in outcome.lists.items():
            lists.setdefault(path, []).extend(answers)
    return _Outcome([a for o in outcomes for a in o.leaves], lists)


def _assembled(f: Field, path: tuple[str, ...], found: dict[tuple[str, ...], Any]) -> Any:
    if f.type is FieldType.OBJECT:
        return {p.name: _assembled(p, (*path, p.name), found) for p in f.properties}
    return found[path]


def _placed(path: tuple[str, ...], item: int | None) -> ItemPath:
    return path if item is None else (path[0], item, *path[1:])


def _table_rows(window: Sequence[Passage]) -> int:
    return sum(1 for p in window for r in p.rows if r.table >= 0 and not r.is_header)


def _ledger(ledger: Ledger, values: Sequence[FieldValue]) -> Ledger:
    """The account of the source table's rows, kept for the model's items: a row that no item cites is reported."""
    depth = len(ledger.path)
    own = [v for v in values if v.path[:depth] == ledger.path and v.is_supported]
    rows = tuple(_accounted(row, own, depth) for row in ledger.rows)
    is_complete = not any(
        r.outcome == "skipped" and a.outcome == "used" for r, a in zip(rows, ledger.rows, strict=True)
    )
    return Ledger(ledger.path, rows, ledger.checks if is_complete else (), is_complete and ledger.is_complete)


def _accounted(row: LedgerRow, values: Sequence[FieldValue], depth: int) -> LedgerRow:
    if row.outcome not in ("used", "continuation") or row.box is None:
        return row
    for value in values:
        for c in value.citations:
            if (c.document_id, c.page) == (row.document_id, row.page) and row.box.top <= c.box.middle[
                1
            ] <= row.box.bottom:
                number = value.path[depth]
                return replace(row, item=number if isinstance(number, int) else None)
    if row.outcome == "continuation":
        return row
    return replace(row, outcome="skipped", reason="The model gave no item for this row.", item=None)


def _at(data: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = data
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))


def _a(f: Field) -> str:
    return "one of the field's choices" if f.enum else f"a {f.type}"
