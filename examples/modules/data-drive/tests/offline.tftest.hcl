# What the module decides by itself, with a made-up provider: no account, no network.
mock_provider "cloudsigma" {
  mock_resource "cloudsigma_drive" {
    defaults = {
      uuid = "9f5d3c1a-7c56-4d9a-9a2b-3a1c62a0f1de"
    }
  }
}

variables {
  name        = "orders"
  size_gib    = 10
  environment = "production"
}

run "a_production_drive_is_protected" {
  assert {
    condition     = output.protected
    error_message = "A drive of production can be destroyed."
  }

  assert {
    condition     = output.size == 10737418240
    error_message = "10 GiB are 10737418240 bytes, not ${output.size}."
  }

  assert {
    condition     = output.uuid == "9f5d3c1a-7c56-4d9a-9a2b-3a1c62a0f1de"
    error_message = "The output is not the drive's UUID."
  }
}

run "a_test_drive_is_not" {
  variables {
    environment = "test"
  }

  assert {
    condition     = !output.protected
    error_message = "A drive for tests cannot be destroyed."
  }
}

run "protection_can_be_asked_for" {
  variables {
    environment = "test"
    protected   = true
  }

  assert {
    condition     = output.protected
    error_message = "The wish for protection was not heard."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    name        = "Orders!"
    size_gib    = 1.5
    environment = "prod"
  }

  expect_failures = [var.name, var.size_gib, var.environment]
}
