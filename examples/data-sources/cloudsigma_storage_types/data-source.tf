data "cloudsigma_storage_types" "here" {}

locals {
  limits = { for type in data.cloudsigma_storage_types.here.storage_types : type.name => type }
}

resource "cloudsigma_drive" "smallest" {
  name         = "example-smallest"
  media        = "disk"
  storage_type = data.cloudsigma_storage_types.here.default
  size         = local.limits[data.cloudsigma_storage_types.here.default].size_min
}
