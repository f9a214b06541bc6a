module "plan" {
  source              = "../../modules/plan"
  environment         = "prod"
  region              = var.region
  zones               = 3
  vpc_cidr            = "10.20.0.0/16"
  payments_per_second = var.payments_per_second
  gpu_type            = "l4"
}

module "cluster" {
  source       = "../../modules/cluster"
  name         = module.plan.name
  network      = module.plan.network
  node_pools   = module.plan.node_pools
  nat_per_zone = true
  api_cidrs    = var.api_cidrs
}

module "data" {
  source                 = "../../modules/data"
  name                   = module.plan.name
  vpc_id                 = module.cluster.vpc_id
  subnet_ids             = module.cluster.data_subnet_ids
  client_cidrs           = module.cluster.private_cidrs
  bucket_names           = module.plan.bucket_names
  database_instance_type = "db.m7g.xlarge"
  database_gigabytes     = module.plan.database_gigabytes
  valkey_node_type       = module.plan.valkey_node_type
  valkey_auth_token      = var.valkey_auth_token
  highly_available       = true
  backup_days            = 35
}

module "platform" {
  source             = "../../modules/platform"
  cluster_name       = module.cluster.cluster_name
  region             = var.region
  efs_id             = module.data.efs_id
  workload_role_arns = module.cluster.workload_role_arns
}
