# `terraform query` lists the drives on one storage type.
list "cloudsigma_drive" "fast" {
  provider = cloudsigma

  config {
    storage_type = "nvme"
  }
}
