resource "aws_launch_template" "nodes" {
  for_each = var.node_pools
  name     = "${var.name}-${each.key}"

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size           = each.value.gpu == "" ? 50 : 100
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }
  # Pods get no credentials of their node: one hop, and a token for each question.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${var.name}-${each.key}" }
  }
}

resource "aws_eks_node_group" "this" {
  for_each        = var.node_pools
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [for subnet in aws_subnet.private : subnet.id]
  instance_types  = [each.value.instance_type]
  ami_type        = each.value.gpu == "" ? "AL2023_x86_64_STANDARD" : "AL2023_x86_64_NVIDIA"
  # A training that is interrupted begins anew: spot nodes cost a third.
  capacity_type = each.value.gpu == "" ? "ON_DEMAND" : "SPOT"
  labels        = merge({ "vigia/pool" = each.key }, each.value.gpu == "" ? {} : { "vigia/gpu" = each.value.gpu })

  launch_template {
    id      = aws_launch_template.nodes[each.key].id
    version = aws_launch_template.nodes[each.key].latest_version
  }
  scaling_config {
    min_size     = each.value.minimum
    desired_size = each.value.minimum
    max_size     = each.value.maximum
  }
  dynamic "taint" {
    for_each = each.value.gpu == "" ? [] : [each.value.gpu]
    content {
      key    = "nvidia.com/gpu"
      value  = taint.value
      effect = "NO_SCHEDULE"
    }
  }
  update_config {
    max_unavailable = 1
  }
  # What the cluster autoscaler must know of a group that has no node yet.
  tags = merge(
    {
      "k8s.io/cluster-autoscaler/enabled"                        = "true"
      "k8s.io/cluster-autoscaler/${var.name}"                    = "owned"
      "k8s.io/cluster-autoscaler/node-template/label/vigia/pool" = each.key
    },
    each.value.gpu == "" ? {} : {
      "k8s.io/cluster-autoscaler/node-template/label/vigia/gpu"          = each.value.gpu
      "k8s.io/cluster-autoscaler/node-template/taint/nvidia.com/gpu"     = "${each.value.gpu}:NoSchedule"
      "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1"
    },
  )

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }
  depends_on = [aws_iam_role_policy_attachment.node]
}
