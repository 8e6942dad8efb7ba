"""The letter sequences that parsing settles doubted letters with: ``python training/letters.py`` (part of make train).

From the word lists in training/words, whose sources and terms stand in training/words/README.md. Deterministic.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np

from fieldproof.parsing.letters import BITS, END, ORDER, START

WORDS = Path(__file__).parent / "words"
TARGET = Path(__file__).resolve().parents[1] / "src" / "fieldproof" / "parsing" / "letters.npz"


def main() -> None:
    arrays = counted()
    np.savez_compressed(TARGET, **arrays)
    sequences = sum(len(values) for name, values in arrays.items() if name.startswith("keys"))
    print(f"{sequences:,} sequences, {TARGET.stat().st_size:,} bytes")


def counted() -> dict[str, np.ndarray]:
    """Per length the packed sequences of letters, sorted, and how much each counts; the letters that the codes stand for."""
    weights = _weights()
    alphabet = "".join(sorted({c for word in weights for c in word} | {START, END}))
    assert len(alphabet) < 2**BITS, f"{len(alphabet)} letters do not fit in {BITS} bits"
    codes = {letter: code for code, letter in enumerate(alphabet, start=1)}
    orders: list[Counter[int]] = [Counter() for _ in range(ORDER)]
    for word, weight in weights.items():
        marked = [codes[c] for c in (START, *word, END)]
        for length in range(1, ORDER + 1):
            for at in range(len(marked) - length + 1):
                orders[length - 1][_packed(marked[at : at + length])] += weight
    arrays: dict[str, np.ndarray] = {"alphabet": np.array(alphabet)}
    for length, counts in enumerate(orders, start=1):
        keys = sorted(counts)
        arrays[f"keys{length}"] = np.array(keys, dtype=np.uint32)
        arrays[f"counts{length}"] = np.array([counts[k] for k in keys], dtype=np.uint32)
    return arrays


def _weights() -> dict[str, int]:
    """A word in capitals -> how much it counts: by the logarithm of how often each list has it."""
    found: Counter[str] = Counter()
    for path in sorted(WORDS.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            word, count = line.split()
            found[word] += round(1 + math.log2(int(count)))
    return dict(found)


def _packed(codes: list[int]) -> int:
    key = 0
    for code in codes:
        key = key << BITS | code
    return key


if __name__ == "__main__":
    main()
