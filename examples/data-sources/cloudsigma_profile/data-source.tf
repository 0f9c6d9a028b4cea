data "cloudsigma_profile" "me" {}

output "account" {
  description = "E-mail address of the user the provider works as."
  value       = data.cloudsigma_profile.me.email
}
