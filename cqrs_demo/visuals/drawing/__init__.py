"""Drawing a scene: shapes, text that fits, and the formats: SVG, PNG, DOT, Mermaid."""
