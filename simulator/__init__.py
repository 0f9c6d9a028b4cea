"""The CloudSigma API for drives, simulated: for tests, demonstrations and soak runs.

It follows the documentation of the API and shares no code with the provider.
`python -m simulator --help` runs one by hand; docs/simulator.md describes it.
"""

from simulator.embedded import Simulator
from simulator.settings import Settings, Switches

__all__ = ["Settings", "Simulator", "Switches"]
