# By UUID, or by a name that only one tag has.
terraform import cloudsigma_tag.production 3d1c7c39-6f0e-4b0e-8a57-0c4a1d2f9b11
terraform import cloudsigma_tag.production name:example-production
