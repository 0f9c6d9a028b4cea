resource "cloudsigma_tag" "team" {
  name = "example-team"
}

# `name = "example-team"` finds it as well, as long as no other tag has that name.
data "cloudsigma_tag" "team" {
  uuid = cloudsigma_tag.team.uuid
}

output "tagged" {
  description = "UUIDs of the objects that have the tag."
  value       = data.cloudsigma_tag.team.resources[*].uuid
}
