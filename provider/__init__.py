"""Terraform provider for CloudSigma: drives and RDS drives."""

__version__ = "0.1.0"
