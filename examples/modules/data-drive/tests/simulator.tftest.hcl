# The same with the real provider, against the API that CLOUDSIGMA_BASE_URL names.
variables {
  name        = "orders"
  size_gib    = 10
  environment = "test"
  meta        = { owner = "shop" }
}

run "a_drive_is_created" {
  assert {
    condition     = cloudsigma_drive.this.status == "unmounted"
    error_message = "The drive is ${cloudsigma_drive.this.status}."
  }

  assert {
    condition     = cloudsigma_drive.this.tags == toset([output.tag])
    error_message = "The drive does not have its tag."
  }

  assert {
    condition     = cloudsigma_drive.this.meta == tomap({ environment = "test", owner = "shop" })
    error_message = "The drive does not have its notes."
  }
}

run "it_grows_in_place" {
  variables {
    size_gib = 20
  }

  assert {
    condition     = output.uuid == run.a_drive_is_created.uuid && output.size == 21474836480
    error_message = "The drive was replaced, or did not grow."
  }
}
