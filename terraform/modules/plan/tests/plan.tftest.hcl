variables {
  environment         = "test"
  region              = "sa-east-1"
  zones               = 3
  vpc_cidr            = "10.20.0.0/16"
  payments_per_second = 50
  gpu_type            = "l4"
}

run "pods_get_three_quarters_of_the_addresses" {
  command = plan
  assert {
    condition     = output.network.private == { sa-east-1a = "10.20.0.0/18", sa-east-1b = "10.20.64.0/18", sa-east-1c = "10.20.128.0/18" }
    error_message = "private subnets are ${jsonencode(output.network.private)}"
  }
  assert {
    condition     = output.network.public == { sa-east-1a = "10.20.192.0/21", sa-east-1b = "10.20.200.0/21", sa-east-1c = "10.20.208.0/21" }
    error_message = "public subnets are ${jsonencode(output.network.public)}"
  }
  assert {
    condition     = output.network.data == { sa-east-1a = "10.20.224.0/21", sa-east-1b = "10.20.232.0/21", sa-east-1c = "10.20.240.0/21" }
    error_message = "data subnets are ${jsonencode(output.network.data)}"
  }
}

run "the_smallest_network_still_holds_pods" {
  command = plan
  variables {
    vpc_cidr = "10.0.16.0/20"
    zones    = 2
  }
  assert {
    condition     = output.network.private["sa-east-1b"] == "10.0.20.0/22" && output.network.data["sa-east-1b"] == "10.0.30.128/25"
    error_message = "subnets are ${jsonencode(output.network)}"
  }
}

run "scoring_has_twice_its_peak" {
  command = plan
  variables {
    payments_per_second = 200
    decisions_per_core  = 100
  }
  assert {
    condition     = output.scoring_replicas == { minReplicas = 2, maxReplicas = 6 }
    error_message = "replicas are ${jsonencode(output.scoring_replicas)}"
  }
  assert {
    condition     = output.node_pools.scoring.minimum == 3 && output.node_pools.scoring.maximum == 6
    error_message = "nodes are ${jsonencode(output.node_pools.scoring)}"
  }
}

run "gpu_nodes_begin_at_none" {
  command = plan
  assert {
    condition     = output.node_pools.gpu == { instance_type = "g6.xlarge", minimum = 0, maximum = 4, gpu = "l4" }
    error_message = "the pool is ${jsonencode(output.node_pools.gpu)}"
  }
}

run "a_small_institution_gets_small_stores" {
  command = plan
  variables {
    payments_per_second = 5
  }
  assert {
    condition     = output.valkey_node_type == "cache.r7g.large" && output.database_gigabytes == 20
    error_message = "Valkey is ${output.valkey_node_type}, the disk ${output.database_gigabytes} GB"
  }
}

run "stores_grow_with_the_payments" {
  command = plan
  variables {
    payments_per_second = 50
  }
  # 50 / 3 payments a second over 90 days are 130 million: 92 GB of windows, and 165 GB of record in 30 days.
  assert {
    condition     = output.valkey_node_type == "cache.r7g.4xlarge" && output.database_gigabytes == 165
    error_message = "Valkey is ${output.valkey_node_type}, the disk ${output.database_gigabytes} GB"
  }
}

run "windows_that_no_node_holds_are_refused" {
  command = plan
  variables {
    payments_per_second = 100000
  }
  expect_failures = [output.valkey_node_type]
}

run "a_public_network_is_refused" {
  command = plan
  variables {
    vpc_cidr = "8.8.0.0/16"
  }
  expect_failures = [var.vpc_cidr]
}

run "a_network_too_small_is_refused" {
  command = plan
  variables {
    vpc_cidr = "10.0.0.0/24"
  }
  expect_failures = [var.vpc_cidr]
}

run "one_zone_is_refused" {
  command = plan
  variables {
    zones = 1
  }
  expect_failures = [var.zones]
}

run "an_unknown_gpu_is_refused" {
  command = plan
  variables {
    gpu_type = "voodoo"
  }
  expect_failures = [var.gpu_type]
}

run "a_name_that_aws_would_refuse_is_refused" {
  command = plan
  variables {
    environment = "Prod_1"
  }
  expect_failures = [var.environment]
}
