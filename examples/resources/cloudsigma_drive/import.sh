# By UUID, or by a name that only one drive has.
terraform import cloudsigma_drive.data 9f5d3c1a-7c56-4d9a-9a2b-3a1c62a0f1de
terraform import cloudsigma_drive.data name:example-data
