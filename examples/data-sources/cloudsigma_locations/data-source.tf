data "cloudsigma_locations" "all" {}

output "endpoints" {
  description = "URL of the API by location."
  value       = { for place in data.cloudsigma_locations.all.locations : place.id => place.api_endpoint }
}
