data "cloudsigma_library_drive" "windows" {
  os          = "windows"
  most_recent = true
}

resource "cloudsigma_drive" "windows" {
  name           = "example-windows"
  media          = "disk"
  clone_drive_id = data.cloudsigma_library_drive.windows.uuid
}

# Five people may use the Remote Desktop of the server that mounts the drive.
resource "cloudsigma_rds_drive" "users" {
  drive  = cloudsigma_drive.windows.uuid
  amount = 5
}
