"""Pictures: palette, maps, explorer, diagrams, pages. They read recordings and never a store."""
