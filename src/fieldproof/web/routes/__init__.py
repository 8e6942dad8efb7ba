"""One module a noun: its pages and what their forms do."""
