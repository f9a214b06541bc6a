locals {
  role = "eks.amazonaws.com/role-arn"

  # Charts of others by name. Values stand here as data, so that a new one is a line and no new block.
  charts = {
    metrics-server = {
      repository = "https://kubernetes-sigs.github.io/metrics-server"
      version    = "3.13.0"
      namespace  = "kube-system"
      values     = {}
    }
    cluster-autoscaler = {
      repository = "https://kubernetes.github.io/autoscaler"
      version    = "9.51.0"
      namespace  = "kube-system"
      values = {
        awsRegion        = var.region
        autoDiscovery    = { clusterName = var.cluster_name }
        fullnameOverride = "cluster-autoscaler"
        rbac = { serviceAccount = {
          name        = "cluster-autoscaler"
          annotations = { (local.role) = var.workload_role_arns["cluster-autoscaler"] }
        } }
      }
    }
    # Names GPUs to the scheduler; the label is that of the node pool.
    nvidia-device-plugin = {
      repository = "https://nvidia.github.io/k8s-device-plugin"
      version    = "0.17.4"
      namespace  = "kube-system"
      values = {
        affinity = { nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms = [
          { matchExpressions = [{ key = "vigia/gpu", operator = "Exists" }] },
        ] } } }
      }
    }
    keda = {
      repository = "https://kedacore.github.io/charts"
      version    = "2.18.1"
      namespace  = "keda"
      values     = {}
    }
    external-secrets = {
      repository = "https://charts.external-secrets.io"
      version    = "0.20.4"
      namespace  = "external-secrets"
      values = {
        serviceAccount = { name = "external-secrets", annotations = { (local.role) = var.workload_role_arns["external-secrets"] } }
      }
    }
    argo-cd = {
      repository = "https://argoproj.github.io/argo-helm"
      version    = "9.1.0"
      namespace  = "argocd"
      values = {
        # No password of an administrator: access by single sign-on, or by port-forward.
        configs = { cm = { "admin.enabled" = "false" } }
      }
    }
  }
  namespaces = toset(["argocd", "external-secrets", "keda", "monitoring", "vigia"])
}

resource "kubernetes_namespace_v1" "this" {
  for_each = local.namespaces
  metadata {
    name = each.key
    # The chart's pods fit the strictest profile.
    labels = each.key == "vigia" ? { "pod-security.kubernetes.io/enforce" = "restricted" } : {}
  }
}

resource "kubernetes_storage_class_v1" "gp3" {
  metadata {
    name        = "gp3"
    annotations = { "storageclass.kubernetes.io/is-default-class" = "true" }
  }
  storage_provisioner    = "ebs.csi.aws.com"
  reclaim_policy         = "Retain"
  volume_binding_mode    = "WaitForFirstConsumer"
  allow_volume_expansion = true
  parameters             = { type = "gp3", encrypted = "true" }
}

resource "kubernetes_storage_class_v1" "efs" {
  metadata {
    name = "efs"
  }
  storage_provisioner = "efs.csi.aws.com"
  reclaim_policy      = "Retain"
  parameters = {
    provisioningMode = "efs-ap"
    fileSystemId     = var.efs_id
    directoryPerms   = "0770"
    uid              = "10001"
    gid              = "10001"
  }
}

resource "helm_release" "this" {
  for_each   = local.charts
  name       = each.key
  namespace  = each.value.namespace
  repository = each.value.repository
  chart      = each.key
  version    = each.value.version
  atomic     = true
  timeout    = 600
  values     = [yamlencode(each.value.values)]
  depends_on = [kubernetes_namespace_v1.this]
}
