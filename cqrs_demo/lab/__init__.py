"""Experiments in a notebook: show an answer, look into the stores, play with a panel."""
