"""A provider of the tests' own, to exercise every feature of the bridge."""
