resource "cloudsigma_drive" "primary" {
  name  = "example-primary"
  media = "disk"
  size  = provider::cloudsigma::gib(1)
}

resource "cloudsigma_drive" "replica" {
  name  = "example-replica"
  media = "disk"
  size  = provider::cloudsigma::gib(1)
  avoid = [cloudsigma_drive.primary.uuid]
}

data "cloudsigma_drive_availability_groups" "primary" {
  drive = cloudsigma_drive.primary.uuid
}

check "replica_is_elsewhere" {
  assert {
    condition = !contains(
      flatten(data.cloudsigma_drive_availability_groups.primary.groups),
      cloudsigma_drive.replica.uuid,
    )
    error_message = "The replica shares a storage host with the primary drive."
  }
}
