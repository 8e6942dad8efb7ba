"""Parsing: bytes in, a ``ParsedDocument`` out.

``parse`` decides by content which reader takes the file. Every reader drafts pages (assembly.py)
and nothing else. Everything here is pure and runs in the current process: callers put it into a
sandbox (``child.py`` holds the functions meant for that).
"""

from __future__ import annotations

from fieldproof.parsing.chunking import chunk
from fieldproof.parsing.config import PARSER_VERSION, ParseConfig, config_hash
from fieldproof.parsing.continued import whole_tables
from fieldproof.parsing.dispatch import page_count, parse, render
from fieldproof.parsing.filetype import Category, FileType, sniff
from fieldproof.parsing.parts import join

__all__ = [
    "PARSER_VERSION",
    "Category",
    "FileType",
    "ParseConfig",
    "chunk",
    "config_hash",
    "join",
    "page_count",
    "parse",
    "render",
    "sniff",
    "whole_tables",
]
