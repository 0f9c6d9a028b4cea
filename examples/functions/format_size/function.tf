output "size" {
  description = "1.5GiB"
  value       = provider::cloudsigma::format_size(1610612736)
}
