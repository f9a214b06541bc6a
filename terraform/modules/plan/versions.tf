# Arithmetic only, no provider: terraform test runs it anywhere.
terraform {
  required_version = ">= 1.9"
}
