"""Template schemas that the suites use."""

from __future__ import annotations

from typing import Any

NOTE: dict[str, Any] = {"groups": {"note": {"fields": {"text": {"type": "string"}}}}}

INVOICE: dict[str, Any] = {
    "config": {
        "reasoning_enabled": True,
        "system_message": "Answer null for what is missing.",
        "extraction_title_prompt": "Invoice number and seller",
    },
    "groups": {
        "invoice": {
            "search_query": "invoice number, dates, seller, total",
            "extraction_prompt": "Read the header and the totals",
            "fields": {
                "number": {"type": "string", "extraction_prompt": "Invoice number"},
                "date": {"type": "string", "format": "date", "extraction_prompt": "Invoice date as YYYY-MM-DD"},
                "total": {"type": "number", "extraction_prompt": "Total amount including VAT"},
                "lines": {
                    "type": "array",
                    "extraction_prompt": "Line items",
                    "items": {
                        "type": "object",
                        "properties": {
                            "description": {"type": "string"},
                            "quantity": {"type": "number"},
                            "unit_price": {"type": "number"},
                            "amount": {"type": "number"},
                        },
                    },
                },
            },
        }
    },
}
