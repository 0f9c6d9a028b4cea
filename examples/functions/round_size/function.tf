output "size" {
  description = "1000013824: what CloudSigma stores for a drive of 1000000000 bytes."
  value       = provider::cloudsigma::round_size(1000000000)
}
