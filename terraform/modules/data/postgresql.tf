resource "aws_kms_key" "this" {
  description         = "${var.name}: record, windows, lake, models"
  enable_key_rotation = true
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}-data"
  target_key_id = aws_kms_key.this.key_id
}

locals {
  ports = { postgresql = 5432, valkey = 6379, efs = 2049 }
}

# Each store takes its own port from nodes and pods, and opens none.
resource "aws_security_group" "store" {
  for_each    = local.ports
  name        = "${var.name}-${each.key}"
  description = "${each.key}: port ${each.value} from nodes and pods"
  vpc_id      = var.vpc_id
}

locals {
  doors = { for pair in setproduct(keys(local.ports), var.client_cidrs) : join(" ", pair) => { store = pair[0], cidr = pair[1] } }
}

resource "aws_vpc_security_group_ingress_rule" "store" {
  for_each          = local.doors
  security_group_id = aws_security_group.store[each.value.store].id
  description       = "Nodes and pods"
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = local.ports[each.value.store]
  to_port           = local.ports[each.value.store]
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name   = "${var.name}-postgres18"
  family = "postgres18"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  # An answer waits for its commit: what is answered is on disk.
  parameter {
    name  = "synchronous_commit"
    value = "on"
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  identifier            = var.name
  engine                = "postgres"
  engine_version        = "18"
  instance_class        = var.database_instance_type
  allocated_storage     = var.database_gigabytes
  max_allocated_storage = 4 * var.database_gigabytes
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.this.arn
  db_name               = "vigia"
  # The services have a role of their own, whose password does not change by itself: terraform/README.md.
  username                        = "vigia_admin"
  manage_master_user_password     = true
  multi_az                        = var.highly_available
  db_subnet_group_name            = aws_db_subnet_group.this.name
  parameter_group_name            = aws_db_parameter_group.this.name
  vpc_security_group_ids          = [aws_security_group.store["postgresql"].id]
  publicly_accessible             = false
  backup_retention_period         = var.backup_days
  copy_tags_to_snapshot           = true
  deletion_protection             = var.highly_available
  skip_final_snapshot             = !var.highly_available
  final_snapshot_identifier       = "${var.name}-final"
  auto_minor_version_upgrade      = true
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.this.arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
}
