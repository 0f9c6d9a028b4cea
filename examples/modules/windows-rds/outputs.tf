output "uuid" {
  description = "UUID of the drive, for the server that mounts it."
  value       = cloudsigma_drive.this.uuid
}

output "image" {
  description = "Name of the image the drive was made from."
  value       = data.cloudsigma_library_drive.windows.name
}

output "users" {
  description = "How many people may use the Remote Desktop at the same time."
  value       = cloudsigma_rds_drive.this.amount
}
