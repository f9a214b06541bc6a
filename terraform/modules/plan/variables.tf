variable "environment" {
  description = "Name of the environment; part of every name."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}$", var.environment))
    error_message = "environment must be 2 to 15 of a-z, 0-9 and -, and begin with a letter."
  }
}

variable "region" {
  description = "AWS region. Data of persons stay in Brazil unless an assessment says otherwise (LGPD art. 33)."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "region must be a name as sa-east-1."
  }
}

variable "zones" {
  description = "How many availability zones."
  type        = number
  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones must be 2 or 3: EKS needs two, and sa-east-1 has three."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the network, /16 to /20."
  type        = string
  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.vpc_cidr))
    error_message = "vpc_cidr must be a private range, as 10.20.0.0/16."
  }
  validation {
    condition     = try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "vpc_cidr must be /16 (the largest that AWS takes) to /20 (the smallest that holds the pods)."
  }
}

variable "payments_per_second" {
  description = "Payments a second at the peak."
  type        = number
  validation {
    condition     = var.payments_per_second >= 1 && var.payments_per_second <= 100000
    error_message = "payments_per_second must be 1 to 100000."
  }
}

variable "decisions_per_core" {
  description = "Decisions a second and core of scoring. docs/benchmarks.md: 284 µs of processor time a decision, so 3,500; the default leaves a quarter for garbage collection and neighbours."
  type        = number
  default     = 2500
  validation {
    condition     = var.decisions_per_core >= 100
    error_message = "decisions_per_core must be at least 100."
  }
}

variable "gpu_type" {
  description = "GPU of the training nodes."
  type        = string
  validation {
    condition     = contains(["t4", "a10g", "l4", "l40s"], var.gpu_type)
    error_message = "gpu_type must be t4, a10g, l4 or l40s: others come by the dozen only, see modules/plan/sizing.tf."
  }
}
