output "chart_values" {
  description = "Values of charts/vigia that follow from this environment: terraform output -json chart_values > values.json"
  value = {
    secrets = {
      existing = "vigia-secrets"
      external = { enabled = true, remoteKey = module.data.chart_secret_name }
    }
    apps = {
      scoring           = { autoscaling = module.plan.scoring_replicas, nodeSelector = { "vigia/pool" = "scoring" } }
      "training-worker" = { gpu = { enabled = true, type = module.plan.node_pools.gpu.gpu } }
    }
    shared       = { offline = { accessMode = "ReadWriteMany", storageClass = "efs" } }
    storageClass = "gp3"
    postgresql   = { embedded = false, external = { cidrs = values(module.plan.network.data) } }
    valkey = {
      embedded = false
      external = { host = module.data.valkey_host, tls = true, fromSecret = true, cidrs = values(module.plan.network.data) }
    }
  }
}

output "database_host" {
  description = "Host of PostgreSQL, for database-url of the chart's secret."
  value       = module.data.database_host
}

output "buckets" {
  description = "Names of the buckets by what they hold."
  value       = module.data.buckets
}
