output "namespace" {
  description = "Where the chart goes."
  value       = kubernetes_namespace_v1.this["vigia"].metadata[0].name
}
