# The newest image that is ready to use; `most_recent` picks it where several fit.
data "cloudsigma_library_drive" "debian" {
  os           = "linux"
  distribution = "debian"
  image_type   = "preinst"
  most_recent  = true
}

resource "cloudsigma_drive" "root" {
  name           = "example-debian"
  media          = "disk"
  size           = data.cloudsigma_library_drive.debian.size + provider::cloudsigma::gib(5)
  clone_drive_id = data.cloudsigma_library_drive.debian.uuid
}
