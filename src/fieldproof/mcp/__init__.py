"""The Model Context Protocol: the services as tools for language models."""

from fieldproof.mcp.server import create_server

__all__ = ["create_server"]
