output "database_host" {
  description = "Host of PostgreSQL."
  value       = aws_db_instance.this.address
}

output "database_password_secret_arn" {
  description = "Where RDS keeps the password of its user, which it changes by itself."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "valkey_host" {
  description = "Host of Valkey; TLS, port 6379."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "buckets" {
  description = "Names of the buckets by what they hold."
  value       = { for purpose, bucket in aws_s3_bucket.this : purpose => bucket.id }
}

output "efs_id" {
  description = "File system of the volume that pods share."
  value       = aws_efs_file_system.this.id
}

output "chart_secret_name" {
  description = "Name in Secrets Manager of what External Secrets reads: secrets.external.remoteKey of the chart."
  value       = aws_secretsmanager_secret.chart.name
}
