"""A client of the CloudSigma API 2.0: paths, envelopes, repeats and waits; nothing of Terraform.

`errors` is light; `transport` alone loads the HTTP library.
API: https://cloudsigma-docs.readthedocs.io/en/latest/
"""
