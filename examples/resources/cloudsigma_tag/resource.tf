resource "cloudsigma_tag" "production" {
  name = "example-production"

  meta = {
    contact = "operations"
  }
}

# Drives are tagged by UUID.
resource "cloudsigma_drive" "tagged" {
  name  = "example-tagged"
  media = "disk"
  size  = provider::cloudsigma::gib(1)
  tags  = [cloudsigma_tag.production.uuid]
}
