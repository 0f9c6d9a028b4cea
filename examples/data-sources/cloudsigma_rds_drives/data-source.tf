data "cloudsigma_rds_drives" "all" {}

output "users" {
  description = "Remote Desktop users of the whole account."
  value       = sum(concat([0], data.cloudsigma_rds_drives.all.rds_drives[*].amount))
}
