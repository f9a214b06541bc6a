locals {
  name = "vigia-${var.environment}"
}

output "name" {
  description = "First part of every name."
  value       = local.name
}

output "tags" {
  description = "Tags of every resource."
  value       = { Project = "vigia", Environment = var.environment, ManagedBy = "terraform" }
}

output "bucket_names" {
  description = "Buckets by what they hold; the account's number makes them the only ones of their name."
  value       = { for purpose in ["lake", "models", "data-versions"] : purpose => "${local.name}-${purpose}" }
}

output "network" {
  description = "Zones and their subnets, by zone."
  value = {
    vpc_cidr = var.vpc_cidr
    zones    = local.zone_names
    private  = zipmap(local.zone_names, local.private_cidrs)
    public   = zipmap(local.zone_names, local.public_cidrs)
    data     = zipmap(local.zone_names, local.data_cidrs)
  }
}

output "node_pools" {
  description = "Groups of nodes by name: what they are, how many, and which pods they take."
  value = {
    system = {
      instance_type = "m7i.large", minimum = 2, maximum = 4, gpu = ""
    }
    scoring = {
      instance_type = "c7i.xlarge", minimum = local.scoring_nodes_min, maximum = local.scoring_nodes_max, gpu = ""
    }
    gpu = {
      instance_type = local.gpu_instances[var.gpu_type], minimum = 0, maximum = 4, gpu = var.gpu_type
    }
  }
}

output "scoring_replicas" {
  description = "Values of the chart: apps.scoring.autoscaling."
  value       = { minReplicas = max(2, ceil(local.scoring_cores / 2)), maxReplicas = local.scoring_cores + 2 }
}

output "valkey_node_type" {
  description = "Smallest node that holds the windows."
  value       = try(local.valkey_fitting[0], "none")
  precondition {
    condition     = length(local.valkey_fitting) > 0
    error_message = "payments_per_second is ${var.payments_per_second}: the windows take ${local.valkey_gigabytes} GB, more than one Valkey node has. Use a cluster with several shards."
  }
}

output "database_gigabytes" {
  description = "Disk of PostgreSQL."
  value       = local.database_gigabytes
}
