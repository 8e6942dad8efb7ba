"""Writes the word lists anew: ``python training/words/collect.py FOLDER`` with the packages of README.md unpacked in it."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "bench" / "extraction"))
sys.path.insert(0, str(HERE.parent))

LOCALES = {
    "en": ("en", "en_US", "en_GB", "en_AU", "en_CA"), "de": ("de", "de_DE", "de_AT", "de_CH"),
    "fr": ("fr", "fr_FR", "fr_CA"), "es": ("es", "es_ES", "es_MX", "es_AR"), "it": ("it", "it_IT"),
    "nl": ("nl", "nl_NL", "nl_BE"), "pt": ("pt", "pt_PT", "pt_BR"),
}  # fmt: skip
PROVIDERS = ("lorem", "person", "address", "company", "job")  # of Faker
ALPHABET = set("ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŒ")
_NOT_TEXT = re.compile(r"%\([^)]*\)[a-z]|%[a-z]|\{[^}]*\}|<[^>]*>|https?://\S+|\\.|&\w+;")
_WORD = re.compile(r"[^\W\d_]+")
_NO_WORD = re.compile(r"[a-z][A-Z]|(.)\1\1")  # two run together, or a row of the same letter
_ENTRY = re.compile(r'(msgid|msgid_plural|msgstr(?:\[\d\])?|msgctxt)\s+(".*")')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def main(packages: Path) -> None:
    for language, locales in LOCALES.items():
        words: Counter[str] = Counter()
        if language == "en":
            for file in sorted(packages.glob("**/de/LC_MESSAGES/*.po")):
                _count(words, _messages(file, "msgid"))
        for locale in locales:
            for file in sorted(packages.glob(f"**/{locale}/LC_MESSAGES/*.po")):
                _count(words, _messages(file, "msgstr"))
            for provider in PROVIDERS:
                for file in sorted(packages.glob(f"**/faker/providers/{provider}/{locale}/__init__.py")):
                    _count(words, _strings(file))
        _write(language, words)
    _write("documents", _documents())


def _messages(file: Path, kind: str) -> Iterator[str]:
    """The originals (msgid) or the translations (msgstr) of a catalogue."""
    wanted = False
    for line in file.read_text("utf-8").splitlines():
        entry = _ENTRY.match(line)
        if entry:
            wanted = entry[1].startswith(kind)
        if wanted and (entry or line.startswith('"')):
            yield from _QUOTED.findall(entry[2] if entry else line)
        wanted &= bool(entry) or line.startswith('"')


def _strings(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and len(text) < 60 and "{" not in text and "%" not in text:
            yield text


def _documents() -> Counter[str]:
    """Of the public records and of our own generator. A word that stands there once may be misread."""
    import rows  # heavy, and only for this

    words: Counter[str] = Counter()
    for d in (d for dataset in rows.PUBLIC for d in rows.documents_of(dataset)):
        _count(words, (str(word[0]) for page in d.words["pages"] for word in page["words"]))
    words = Counter({word: count for word, count in words.items() if count > 1})
    for d in rows.documents_of("generated"):
        paper = rows.make(d.kind, d.layout, d.copy).draft.paper  # as written, no noise of a scan in it
        _count(words, (str(word[0]) for page in rows.words_json(paper)["pages"] for word in page["words"]))
    return words


def _count(words: Counter[str], texts: Iterator[str]) -> None:
    for text in texts:
        for word in _WORD.findall(_NOT_TEXT.sub(" ", text)):
            if len(word) > 1 and set(word.upper()) <= ALPHABET and not _NO_WORD.search(word):
                words[word.upper()] += 1


def _write(name: str, words: Counter[str]) -> None:
    lines = [f"{word} {words[word]}\n" for word in sorted(words)]
    (HERE / f"{name}.txt").write_text("".join(lines), "utf-8")
    print(f"{name}: {len(words):,} words")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
