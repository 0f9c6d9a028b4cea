output "size" {
  description = "536870912: 512 MiB in bytes."
  value       = provider::cloudsigma::mib(512)
}
