"""Check from its files whether a built site is FAIR: findable, accessible, interoperable, reusable."""
