"""Training of Vigia's fraud models: from a training set to the model bundle that scoring loads."""

__version__ = "0.1.0"
