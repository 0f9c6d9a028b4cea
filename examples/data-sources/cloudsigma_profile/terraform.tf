terraform {
  required_providers {
    cloudsigma = {
      source = "terraform.local/cloudsigma/cloudsigma"
    }
  }
}
