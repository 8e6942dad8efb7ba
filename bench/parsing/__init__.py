"""Benches of the parsing room. ``python -m bench.parsing`` runs all and writes bench/results/parsing.md.

Peers (pdfplumber, docling-parse, kreuzberg, pdf_oxide, camelot-py, markitdown) are optional: what is
not installed is left out of the tables.
"""
