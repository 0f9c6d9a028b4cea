terraform {
  required_providers {
    cloudsigma = {
      source  = "terraform.local/cloudsigma/cloudsigma"
      version = "~> 0.1.0"
    }
  }
}

# Credentials come from CLOUDSIGMA_USERNAME and CLOUDSIGMA_PASSWORD, or from CLOUDSIGMA_TOKEN.
provider "cloudsigma" {
  location = "zrh"

  # Every drive gets this note besides its own.
  default_meta = {
    managed-by = "terraform"
  }
}
