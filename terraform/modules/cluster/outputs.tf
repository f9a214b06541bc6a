output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_eks_cluster.this.name
}

output "endpoint" {
  description = "Address of the Kubernetes API."
  value       = aws_eks_cluster.this.endpoint
}

output "certificate_authority" {
  description = "Certificate of the API's authority, base64."
  value       = aws_eks_cluster.this.certificate_authority[0].data
}

output "vpc_id" {
  description = "The network."
  value       = aws_vpc.this.id
}

output "data_subnet_ids" {
  description = "Subnets of the stores."
  value       = [for subnet in aws_subnet.data : subnet.id]
}

output "private_cidrs" {
  description = "Addresses of nodes and pods."
  value       = values(var.network.private)
}

output "workload_role_arns" {
  description = "Roles of service accounts that act in AWS, by workload."
  value       = { for name, role in aws_iam_role.workload : name => role.arn }
}
