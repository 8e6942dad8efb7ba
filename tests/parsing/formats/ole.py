"""A writer of OLE containers, small enough for tests."""

from __future__ import annotations

import struct
from collections.abc import Iterator

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, MINI, CUTOFF = 512, 64, 4096

Tree = dict[str, "bytes | Tree"]


def container(tree: Tree) -> bytes:
    """An OLE file; bytes are streams, dictionaries are storages."""
    entries = list(_entries(tree))
    mini, mini_fat, big = bytearray(), [], []
    starts: dict[int, int] = {}
    for number, (_, content, _, _) in enumerate(entries):
        if isinstance(content, bytes) and 0 < len(content) < CUTOFF:
            starts[number] = len(mini) // MINI
            count = -(-len(content) // MINI)
            mini_fat += [len(mini_fat) + step for step in range(1, count)] + [END]
            mini += content.ljust(count * MINI, b"\0")
        elif isinstance(content, bytes) and content:
            big.append(number)
    chains: list[tuple[str, int | None, bytes]] = [
        ("directory", None, b"\0" * (128 * (len(entries) + 1))),
        ("minifat", None, struct.pack(f"<{len(mini_fat)}I", *mini_fat)),
        ("mini", None, bytes(mini)),
        *(("stream", number, entries[number][1]) for number in big),  # type: ignore[misc]
    ]
    sectors = [-(-len(content) // SECTOR) for _, _, content in chains]
    fat_sectors = -(-(sum(sectors) + 4) // 127)
    fat, firsts = [FAT] * fat_sectors, []
    for count in sectors:
        first = len(fat)
        firsts.append(first if count else END)
        fat += [first + step for step in range(1, count)] + [END] * bool(count)
    starts |= {number: firsts[3 + at] for at, number in enumerate(big)}
    directory = _directory(entries, starts, firsts[2], len(mini))
    body = b"".join(
        (directory if name == "directory" else content).ljust(count * SECTOR, b"\xff" if name == "minifat" else b"\0")
        for (name, _, content), count in zip(chains, sectors, strict=True)
    )
    fat += [FREE] * (fat_sectors * 128 - len(fat))
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, firsts[0], 0, CUTOFF,
        firsts[1], sectors[1], END, 0,
    )  # fmt: skip
    difat = [*range(fat_sectors), *[FREE] * (109 - fat_sectors)]
    return head + struct.pack("<109I", *difat) + struct.pack(f"<{len(fat)}I", *fat) + body


def _entries(tree: Tree, first: int = 1) -> Iterator[tuple[str, bytes | None, int, int]]:
    """Name, content (None: a storage), the number of its first child and of its next sibling."""
    names = list(tree)
    sizes = [_size(tree[name]) for name in names]
    at = first
    for name, size in zip(names, sizes, strict=True):
        content = tree[name]
        following = at + size if name != names[-1] else FREE
        if isinstance(content, bytes):
            yield name, content, FREE, following
        else:
            yield name, None, at + 1 if content else FREE, following
            yield from _entries(content, at + 1)
        at += size


def _size(content: bytes | Tree) -> int:
    return 1 if isinstance(content, bytes) else 1 + sum(map(_size, content.values()))


def _directory(entries: list, starts: dict[int, int], mini_first: int, mini_size: int) -> bytes:
    records = [_record("Root Entry", 5, 1 if entries else FREE, FREE, mini_first, mini_size)]
    for number, (name, content, child, following) in enumerate(entries):
        kind = 2 if content is not None else 1
        records.append(_record(name, kind, child, following, starts.get(number, END), len(content or b"")))
    return b"".join(records)


def _record(name: str, kind: int, child: int, following: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded) + 2, kind, 1, FREE, following, child)
        + b"\0" * 36
        + struct.pack("<III", start, size, 0)
    )
