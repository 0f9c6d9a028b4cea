variable "name" {
  description = "Name of the drive."
  type        = string

  validation {
    condition     = length(trimspace(var.name)) > 0
    error_message = "The name must not be empty."
  }
}

variable "users" {
  description = "How many people may use the Remote Desktop at the same time."
  type        = number

  validation {
    condition     = var.users >= 1 && floor(var.users) == var.users
    error_message = "The number of users must be a whole number, at least 1."
  }
}

variable "size_gib" {
  description = "Size in GiB. Default: the size of the image."
  type        = number
  default     = null
}

variable "storage_type" {
  description = "Storage of the drive. Default: that of the image."
  type        = string
  default     = null
}
