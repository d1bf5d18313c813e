"""Live screens: what one person changes shows on another's open screen; who else has a record open."""
