# Addresses. Each zone has three subnets: public for load balancers, private for pods, data for the stores. Of sixteen
# equal parts of the network pods get four a zone, at the start; public and data share the last four.
locals {
  letters       = ["a", "b", "c"]
  zone_names    = [for i in range(var.zones) : "${var.region}${local.letters[i]}"]
  private_cidrs = [for i in range(var.zones) : cidrsubnet(var.vpc_cidr, 2, i)]
  last_quarter  = cidrsubnet(var.vpc_cidr, 2, 3)
  public_cidrs  = [for i in range(var.zones) : cidrsubnet(local.last_quarter, 3, i)]
  data_cidrs    = [for i in range(var.zones) : cidrsubnet(local.last_quarter, 3, i + 4)]
}
