variable "name" {
  description = "First part of every name."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes; the chart is held against 1.32 to 1.36."
  type        = string
  default     = "1.34"
  validation {
    condition     = can(regex("^1\\.3[2-6]$", var.kubernetes_version))
    error_message = "kubernetes_version must be 1.32 to 1.36: the chart is checked against these."
  }
}

variable "network" {
  description = "Zones and their subnets, as module plan makes them."
  type = object({
    vpc_cidr = string
    zones    = list(string)
    private  = map(string)
    public   = map(string)
    data     = map(string)
  })
}

variable "node_pools" {
  description = "Groups of nodes, as module plan makes them; gpu is the type of GPU or empty."
  type = map(object({
    instance_type = string
    minimum       = number
    maximum       = number
    gpu           = string
  }))
}

variable "nat_per_zone" {
  description = "A NAT gateway for each zone; false shares one, which is cheaper and fails with its zone."
  type        = bool
}

variable "api_cidrs" {
  description = "Addresses that may reach the Kubernetes API from outside; none keeps it private."
  type        = list(string)
  validation {
    condition     = !contains(var.api_cidrs, "0.0.0.0/0")
    error_message = "api_cidrs must not open the API to everyone: name the addresses of your network."
  }
}

variable "log_retention_days" {
  description = "How long logs of the control plane and of the network are kept."
  type        = number
  default     = 365
}
