"""The read side: it answers. Projections keep documents up to date, query handlers look them up."""
