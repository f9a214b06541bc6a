variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "efs_id" {
  description = "File system of the volumes that pods share."
  type        = string
}

variable "workload_role_arns" {
  description = "Roles of service accounts that act in AWS, by workload."
  type        = map(string)
  validation {
    condition     = alltrue([for name in ["cluster-autoscaler", "external-secrets"] : can(var.workload_role_arns[name])])
    error_message = "workload_role_arns must have cluster-autoscaler and external-secrets, as module cluster makes them."
  }
}
