"""The kinds of documents."""
