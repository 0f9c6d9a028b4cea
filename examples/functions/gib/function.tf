output "size" {
  description = "10737418240: 10 GiB in bytes."
  value       = provider::cloudsigma::gib(10)
}
