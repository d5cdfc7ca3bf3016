"""Rung 1, the contrast: one model for everything. Forms load rows and save them whole."""
