#!/usr/bin/env bash
set -Eeo pipefail

if [ "$1" = 'postgres' ] && [ "$(id -u)" = '0' ]; then
	chown postgres "$PGDATA"
	exec gosu postgres "$0" "$@"
fi

exec "$@"
