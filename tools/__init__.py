"""What developers and CI run: code generation, the Terraform runner, the mirror, the demo."""
