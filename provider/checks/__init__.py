"""What is checked against the API while planning, one module per resource."""
