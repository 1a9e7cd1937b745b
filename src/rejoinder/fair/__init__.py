"""Whether what was built is FAIR: findable, accessible, interoperable, reusable; judged from the files alone."""
