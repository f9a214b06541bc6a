locals {
  gpu_instances = { t4 = "g4dn.xlarge", a10g = "g5.xlarge", l4 = "g6.xlarge", l40s = "g6e.xlarge" }

  # Twice the peak: half of the pods may be lost, or the forecast wrong.
  scoring_cores = max(2, ceil(2 * var.payments_per_second / var.decisions_per_core))
  # A c7i.xlarge has four cores and lets three be asked for by pods of one core each.
  scoring_nodes_min = max(var.zones, ceil(local.scoring_cores / 2 / 3))
  scoring_nodes_max = max(2 * var.zones, ceil(local.scoring_cores / 3) + var.zones)

  # 760 bytes of state a payment, measured (docs/benchmarks.md), for the longest window, 90 days, at a third of the peak.
  valkey_gigabytes = ceil(var.payments_per_second / 3 * 86400 * 90 * 760 / pow(1024, 3))
  valkey_nodes = [
    { type = "cache.t4g.small", gigabytes = 1 },
    { type = "cache.m7g.large", gigabytes = 6 },
    { type = "cache.r7g.large", gigabytes = 13 },
    { type = "cache.r7g.xlarge", gigabytes = 26 },
    { type = "cache.r7g.2xlarge", gigabytes = 52 },
    { type = "cache.r7g.4xlarge", gigabytes = 105 },
    { type = "cache.r7g.8xlarge", gigabytes = 209 },
    { type = "cache.r7g.16xlarge", gigabytes = 419 },
  ]
  valkey_fitting = [for node in local.valkey_nodes : node.type if node.gigabytes >= local.valkey_gigabytes]

  # Two kilobytes a record (docs/benchmarks.md), and as much again for indexes and the log; 30 days of partitions.
  database_gigabytes = max(20, ceil(var.payments_per_second / 3 * 86400 * 30 * 4 / pow(1024, 2)))
}
