variable "size_gib" {
  description = "Size of the drive in GiB."
  type        = number
  default     = 10
}

variable "storage_type" {
  description = "Storage the drive lives on. Another type replaces it."
  type        = string
  default     = "dssd"
}

resource "cloudsigma_drive" "data" {
  name         = "pipeline-data"
  media        = "disk"
  size         = var.size_gib * 1024 * 1024 * 1024
  storage_type = var.storage_type
}
