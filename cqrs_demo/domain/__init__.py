"""The rules of the shop: messages, errors and aggregates. Pure Python, no input or output."""
