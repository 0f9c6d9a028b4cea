output "url" {
  description = "https://fra.cloudsigma.com/api/2.0/"
  value       = provider::cloudsigma::location_url("fra")
}
