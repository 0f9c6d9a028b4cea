#!/bin/sh
# Plan, check the plan, apply exactly the plan that was checked.
# Arguments are passed to `terraform plan`, such as -var=size_gib=20.
set -eu
cd "$(dirname "$0")"

# 0: nothing to do. 2: changes. Anything else: an error.
status=0
terraform plan -input=false -detailed-exitcode -out=pipeline.tfplan "$@" || status=$?
case $status in
    0) echo "Nothing to do."; exit 0 ;;
    2) ;;
    *) exit "$status" ;;
esac

terraform show -json pipeline.tfplan >pipeline.json
python3 policy.py pipeline.json
terraform apply -input=false pipeline.tfplan
