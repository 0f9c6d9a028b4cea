output "size" {
  description = "1500000000000: 1.5 TB in bytes."
  value       = provider::cloudsigma::parse_size("1.5TB")
}
