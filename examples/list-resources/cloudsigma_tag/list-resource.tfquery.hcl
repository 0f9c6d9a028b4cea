# `terraform query` lists the tags of one name.
list "cloudsigma_tag" "production" {
  provider = cloudsigma

  config {
    name = "production"
  }
}
