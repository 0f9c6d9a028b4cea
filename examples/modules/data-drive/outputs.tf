output "uuid" {
  description = "UUID of the drive, for the server that mounts it."
  value       = cloudsigma_drive.this.uuid
}

output "size" {
  description = "Size of the drive in bytes."
  value       = cloudsigma_drive.this.size
}

output "tag" {
  description = "UUID of the drive's tag."
  value       = cloudsigma_tag.environment.uuid
}

output "protected" {
  description = "Whether the drive refuses to be destroyed or replaced."
  value       = cloudsigma_drive.this.deletion_protection
}
