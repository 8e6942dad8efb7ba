"""The Raydocs REST API, as its published contract has it."""
