# `terraform query` lists the drives that have Remote Desktop users.
list "cloudsigma_rds_drive" "all" {
  provider = cloudsigma
}
