variable "name" {
  description = "Name of the drive: lower-case letters, digits and hyphens."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.name))
    error_message = "The name must begin with a letter and hold only lower-case letters, digits and hyphens."
  }
}

variable "size_gib" {
  description = "Size in GiB. It can be raised later, never lowered."
  type        = number

  validation {
    condition     = var.size_gib >= 1 && floor(var.size_gib) == var.size_gib
    error_message = "The size must be a whole number of GiB, at least 1."
  }
}

variable "storage_type" {
  description = "Storage of the drive. Another type means another, empty drive."
  type        = string
  default     = "dssd"
  nullable    = false
}

variable "environment" {
  description = "Stage the drive belongs to; a tag of that name is created for it."
  type        = string

  validation {
    condition     = contains(["production", "staging", "test"], var.environment)
    error_message = "The environment must be production, staging or test."
  }
}

variable "protected" {
  description = "Whether to refuse to destroy or replace the drive. Default: in production only."
  type        = bool
  default     = null
}

variable "meta" {
  description = "More notes on the drive."
  type        = map(string)
  default     = {}
  nullable    = false
}
