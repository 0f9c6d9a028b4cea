# By the UUID of the drive, or by its name if only one drive has it.
terraform import cloudsigma_rds_drive.users 9f5d3c1a-7c56-4d9a-9a2b-3a1c62a0f1de
terraform import cloudsigma_rds_drive.users name:example-windows
