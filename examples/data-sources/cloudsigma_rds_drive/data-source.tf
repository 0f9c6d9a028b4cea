resource "cloudsigma_drive" "windows" {
  name           = "example-terminal"
  media          = "disk"
  clone_drive_id = data.cloudsigma_library_drive.windows.uuid
}

data "cloudsigma_library_drive" "windows" {
  os          = "windows"
  most_recent = true
}

resource "cloudsigma_rds_drive" "users" {
  drive  = cloudsigma_drive.windows.uuid
  amount = 3
}

data "cloudsigma_rds_drive" "users" {
  drive = cloudsigma_rds_drive.users.drive

  depends_on = [cloudsigma_rds_drive.users]
}

output "users" {
  description = "Remote Desktop users of the drive."
  value       = data.cloudsigma_rds_drive.users.amount
}
