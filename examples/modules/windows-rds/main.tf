data "cloudsigma_library_drive" "windows" {
  os          = "windows"
  most_recent = true
}

# A newer image in the library changes nothing: the source is used at creation only.
resource "cloudsigma_drive" "this" {
  name           = var.name
  media          = "disk"
  size           = var.size_gib == null ? null : var.size_gib * 1024 * 1024 * 1024
  storage_type   = var.storage_type
  clone_drive_id = data.cloudsigma_library_drive.windows.uuid

  timeouts {
    create = "1h"
  }
}

resource "cloudsigma_rds_drive" "this" {
  drive  = cloudsigma_drive.this.uuid
  amount = var.users
}
