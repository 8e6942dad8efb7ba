"""The calls, noun by noun. Each endpoint is described once, for both clients."""
