"""Generated documents with exact truth: ``python -m training.generator --help``."""
