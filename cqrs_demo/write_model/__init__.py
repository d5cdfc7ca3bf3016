"""The write side: it decides. Handlers load aggregates, let them decide, and save what happened."""
