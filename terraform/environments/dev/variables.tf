variable "region" {
  description = "AWS region."
  type        = string
  default     = "sa-east-1"
}

variable "payments_per_second" {
  description = "Payments a second at the peak; sizes follow from it."
  type        = number
  default     = 2
}

variable "api_cidrs" {
  description = "Addresses that may reach the Kubernetes API from outside; none keeps it private."
  type        = list(string)
  default     = []
}

variable "valkey_auth_token" {
  description = "Password of Valkey, as TF_VAR_valkey_auth_token from your vault."
  type        = string
  sensitive   = true
}
