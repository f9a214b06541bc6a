variable "name" {
  description = "First part of every name."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the stores, in two zones at least."
  type        = list(string)
  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must be two at least: a store outlives its zone."
  }
}

variable "client_cidrs" {
  description = "Addresses that may reach the stores: those of nodes and pods."
  type        = list(string)
}

variable "bucket_names" {
  description = "Names of the buckets by what they hold, without the account's number."
  type        = map(string)
}

variable "database_instance_type" {
  description = "Machine of PostgreSQL."
  type        = string
  validation {
    condition     = startswith(var.database_instance_type, "db.")
    error_message = "database_instance_type must be a type of RDS, as db.m7g.large."
  }
}

variable "database_gigabytes" {
  description = "Disk of PostgreSQL; it may grow to four times that."
  type        = number
}

variable "valkey_node_type" {
  description = "Machine of Valkey, as module plan finds it."
  type        = string
  validation {
    condition     = startswith(var.valkey_node_type, "cache.")
    error_message = "valkey_node_type must be a type of ElastiCache, as cache.r7g.large."
  }
}

variable "valkey_auth_token" {
  description = "Password of Valkey, 16 to 128 characters; the same as redis-password of the chart's Secret."
  type        = string
  sensitive   = true
  validation {
    condition     = can(regex("^[A-Za-z0-9&*()_+=-]{16,128}$", var.valkey_auth_token))
    error_message = "valkey_auth_token must be 16 to 128 of A-Z a-z 0-9 & * ( ) _ + = -."
  }
}

variable "highly_available" {
  description = "A second machine in another zone for PostgreSQL and for Valkey, and protection against deletion."
  type        = bool
}

variable "backup_days" {
  description = "How far back PostgreSQL can be restored."
  type        = number
  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "backup_days must be 1 to 35."
  }
}
