"""The design system: tokens, components as templates, small scripts, and the Jinja environment."""
