"""vCards: read in versions 2.1, 3.0 and 4.0 as other programs really write them, written in 4.0."""
