resource "cloudsigma_drive" "archive" {
  name  = "example-archive"
  media = "disk"
  size  = provider::cloudsigma::gib(1)
}

# `name = "example-archive"` finds it as well, as long as no other drive has that name.
data "cloudsigma_drive" "archive" {
  uuid = cloudsigma_drive.archive.uuid
}

output "servers" {
  description = "Servers the drive is attached to."
  value       = data.cloudsigma_drive.archive.mounted_on[*].uuid
}
