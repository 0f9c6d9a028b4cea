"""A client of the CloudSigma API 2.0: paths, envelopes, repeats and waits; nothing of Terraform.

`errors` is light; what knows HTTP is loaded with `transport` alone.
API: https://cloudsigma-docs.readthedocs.io/en/latest/
"""
