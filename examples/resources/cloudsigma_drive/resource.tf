# A disk of 10 GiB. It grows in place when `size` is raised, and never shrinks.
resource "cloudsigma_drive" "data" {
  name         = "example-data"
  media        = "disk"
  size         = provider::cloudsigma::gib(10)
  storage_type = "dssd"

  meta = {
    purpose = "database"
  }

  timeouts {
    create = "10m"
  }
}

# A copy of an image of the library; without a size it gets the image's.
data "cloudsigma_library_drive" "debian" {
  distribution = "debian"
  image_type   = "preinst"
  most_recent  = true
}

resource "cloudsigma_drive" "root" {
  name           = "example-root"
  media          = "disk"
  clone_drive_id = data.cloudsigma_library_drive.debian.uuid
  avoid          = [cloudsigma_drive.data.uuid]
}
