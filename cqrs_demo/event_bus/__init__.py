"""Between the sides: events leave the log and travel to the projections."""
