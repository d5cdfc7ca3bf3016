"""Experiments in a notebook: show an answer, look into the stores, drive a live console."""
