# What the module decides by itself, with a made-up provider: no account, no network.
mock_provider "cloudsigma" {
  mock_data "cloudsigma_library_drive" {
    defaults = {
      uuid = "6e3c2a0e-62f5-4a8e-9b0c-1b7d9d1f0a11"
      name = "Windows Server"
    }
  }
  mock_resource "cloudsigma_drive" {
    defaults = {
      uuid = "9f5d3c1a-7c56-4d9a-9a2b-3a1c62a0f1de"
    }
  }
}

variables {
  name  = "desktop"
  users = 5
}

run "the_drive_is_a_clone_with_users" {
  assert {
    condition     = cloudsigma_drive.this.clone_drive_id == "6e3c2a0e-62f5-4a8e-9b0c-1b7d9d1f0a11"
    error_message = "The drive is not made from the image."
  }

  assert {
    condition     = cloudsigma_rds_drive.this.drive == output.uuid && output.users == 5
    error_message = "The record is not for five users of the drive."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    name  = " "
    users = 0
  }

  expect_failures = [var.name, var.users]
}
