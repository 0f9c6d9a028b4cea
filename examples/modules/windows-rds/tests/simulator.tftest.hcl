# The same with the real provider, against the API that CLOUDSIGMA_BASE_URL names.
variables {
  name  = "desktop"
  users = 5
}

run "a_clone_with_users_is_created" {
  assert {
    condition     = cloudsigma_drive.this.size == data.cloudsigma_library_drive.windows.size
    error_message = "The drive does not have the size of the image."
  }

  assert {
    condition     = output.users == 5
    error_message = "The drive has ${output.users} users."
  }
}

run "users_are_added_in_place" {
  variables {
    users = 8
  }

  assert {
    condition     = output.uuid == run.a_clone_with_users_is_created.uuid && output.users == 8
    error_message = "The drive was replaced, or the users were not added."
  }
}
