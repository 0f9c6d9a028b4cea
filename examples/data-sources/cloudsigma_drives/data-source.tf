# All drives on one storage type that no server uses. Only two columns travel.
data "cloudsigma_drives" "unused" {
  storage_type = "dssd"
  mounted      = false
  name_regex   = "^backup-"
  fields       = ["size"]
}

output "unused_bytes" {
  description = "Bytes that unused backups take."
  value       = sum(concat([0], data.cloudsigma_drives.unused.drives[*].size))
}
