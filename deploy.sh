#!/bin/sh
# Deploys to AWS from CloudShell, or from any terminal that is signed in to an account. It needs no Docker and no CDK.
# ./deploy.sh --help lists the flags: those of Bedrock Chat's bin.sh and a few more.
set -eu
cd "$(dirname "$0")"
python=""
for name in python3.13 python3.12 python3.11 python3; do
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$name; break; fi
done
if [ -z "$python" ]; then
  echo "deploy.sh: Python 3.11 or newer is needed. On CloudShell: sudo dnf install -y python3.13" >&2
  exit 1
fi
make --no-print-directory setup PYTHON="$python"
exec .venv/bin/python -m infra.deploy.flags "$@"
