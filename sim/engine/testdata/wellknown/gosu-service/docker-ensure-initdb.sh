#!/usr/bin/env bash
set -e
exec docker-entrypoint.sh postgres
