resource "cloudsigma_tag" "environment" {
  name = "${var.environment}-${var.name}"
}

resource "cloudsigma_drive" "this" {
  name                = var.name
  media               = "disk"
  size                = var.size_gib * 1024 * 1024 * 1024
  storage_type        = var.storage_type
  tags                = [cloudsigma_tag.environment.uuid]
  meta                = merge(var.meta, { environment = var.environment })
  deletion_protection = coalesce(var.protected, var.environment == "production")
}
