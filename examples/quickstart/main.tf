terraform {
  required_providers {
    cloudsigma = {
      source  = "terraform.local/cloudsigma/cloudsigma"
      version = "0.1.0"
    }
  }
}

# Credentials come from CLOUDSIGMA_USERNAME and CLOUDSIGMA_PASSWORD.
provider "cloudsigma" {}

variable "size_gib" {
  description = "Size of the drive in GiB. Drives grow, they never shrink."
  type        = number
  default     = 10
}

variable "storage_type" {
  description = "Storage the drive lives on. Another type means another drive."
  type        = string
  default     = "dssd"
}

resource "cloudsigma_drive" "data" {
  name         = "quickstart-data"
  media        = "disk"
  size         = var.size_gib * 1024 * 1024 * 1024
  storage_type = var.storage_type
}

output "uuid" {
  description = "UUID of the drive."
  value       = cloudsigma_drive.data.uuid
}
