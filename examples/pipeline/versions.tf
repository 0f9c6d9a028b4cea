terraform {
  required_version = ">= 1.5"

  required_providers {
    cloudsigma = {
      source = "terraform.local/cloudsigma/cloudsigma"
    }
  }
}
